"""The local editor against the demo photos, whose true outlines are known: usable, or held back by a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.truth import USABLE, overlap
from core.inspect import decode
from core.providers.local_cutout import Cutout, cut_out
from core.providers.u2net import Loader, find_weights

PHOTOS = Path(__file__).parents[2] / "demo" / "fotos"
CODES = sorted(path.stem for path in PHOTOS.glob("*.jpg"))
NETWORK = Loader(find_weights())
#: A cut-out this near the true outline needs nobody's look; few of them may be held back.
GOOD = 0.95


def cut(code: str) -> tuple[Cutout, Image.Image]:
    network = NETWORK.get()
    assert network is not None
    image = decode.decode((PHOTOS / f"{code}.jpg").read_bytes()).image
    return cut_out(image, network), image


@pytest.mark.parametrize(
    ("code", "least"),
    [("PLO-002", 0.96), ("SEG-001", 0.96), ("HMA-007", 0.9), ("HMA-001", 0.9), ("HEL-001", 0.92), ("PLO-005", 0.9)],
    ids=["pale on red", "two grounds", "a hard shadow", "polished steel", "a cable", "a grey hub on grey gravel"],
)
def test_a_product_is_cut_out_along_its_true_outline(code: str, least: float) -> None:
    found, image = cut(code)
    assert overlap(code, image.size, found, 320) >= least


#: What else was cut out with a product whose own outline is right.
STRAY = {"ELE-004": "a bolt", "ELE-007": "a marker", "HMA-005": "a screw", "PLO-007": "a wall plug"}


@pytest.mark.parametrize("code", STRAY, ids=STRAY.values())
def test_a_stray_thing_that_was_cut_out_with_the_product_is_a_doubt(code: str) -> None:
    assert "low_confidence" in cut(code)[0].doubts


@pytest.mark.long
def test_three_quarters_of_the_demo_photos_are_usable_and_no_other_goes_without_a_doubt() -> None:
    usable, silent, held_back = 0, [], []
    for code in CODES:
        found, image = cut(code)
        hit = overlap(code, image.size, found)
        usable += hit >= USABLE
        if hit < USABLE and not found.doubts:
            silent.append((code, round(hit, 2)))
        if hit >= GOOD and found.doubts and code not in STRAY:
            held_back.append((code, round(hit, 2)))
    assert silent == []
    assert usable >= 48
    assert len(held_back) <= 10, held_back
