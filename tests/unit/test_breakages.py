"""The labelled set and the emulated model break pictures in ways that can be seen, and the same way every time."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from tests.emulators import redraws
from tests.emulators.images import REDRAWS
from tests.fixtures import alterations, breakages, redraw, unknown
from tests.fixtures.alterations import DIGITS, PIECES, THREADS
from tests.fixtures.breakages import BREAKS, SIDE, good, tight
from tests.fixtures.pairs import pairs
from tests.fixtures.plan import GOOD, neighbour, planned, sampled, split_of


@pytest.fixture(scope="module")
def product() -> Image.Image:
    """A box of red card with a label, and a yellow screw beside it: RGBA."""
    image = Image.new("RGBA", (600, 420), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 40, 400, 380), fill=(178, 40, 30, 255))
    pen.rectangle((60, 120, 340, 240), fill=(250, 250, 246, 255))
    pen.text((80, 140), "220 V 50 Hz", font=breakages.font(44), fill=(20, 20, 20, 255))
    pen.ellipse((480, 300, 560, 380), fill=(220, 180, 60, 255))
    for at in range(8):
        pen.rectangle((30 + at * 46, 300, 44 + at * 46, 350), fill=(90, 20, 20, 255))
    return image


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean())


@pytest.mark.parametrize("kind", [*BREAKS, "good", "tight"])
def test_the_same_picture_and_seed_give_the_same_pixels_and_the_picture_is_left_alone(
    product: Image.Image, kind: str
) -> None:
    draw = {"good": good, "tight": tight, **BREAKS}[kind]
    before = product.tobytes()
    first = draw(product, _rng())
    assert first.size == (SIDE, SIDE) and first.mode == "RGB"
    assert draw(product, _rng()).tobytes() == first.tobytes()
    assert product.tobytes() == before


@pytest.mark.parametrize("kind", BREAKS)
def test_a_breakage_can_be_seen(product: Image.Image, kind: str) -> None:
    assert _difference(BREAKS[kind](product, _rng()), good(product, _rng())) > 1.0


def test_a_good_picture_is_whole_and_on_pure_white_to_the_frame(product: Image.Image) -> None:
    for draw in (good, tight):
        box = ImageChops.invert(draw(product, _rng()).convert("L")).getbbox()
        assert box is not None
        assert min(box[0], box[1], SIDE - box[2], SIDE - box[3]) >= 8
        assert max(box[2] - box[0], box[3] - box[1]) > 0.75 * SIDE


def test_a_cropped_product_reaches_the_frame_and_a_grey_background_too(product: Image.Image) -> None:
    cropped = np.asarray(BREAKS["cropped"](product, _rng()).convert("L"))
    assert min(cropped[:, 0].min(), cropped[:, -1].min(), cropped[0].min(), cropped[-1].min()) < 200
    grey = np.asarray(BREAKS["grey_background"](product, _rng()).convert("L"))
    assert max(grey[0].max(), grey[-1].max()) < 240


def test_a_stretched_product_has_another_aspect(product: Image.Image) -> None:
    def aspect(image: Image.Image) -> float:
        left, top, right, bottom = image.convert("L").point(lambda v: 255 * (v < 230)).getbbox() or (0, 0, 1, 1)
        return (right - left) / (bottom - top)

    assert aspect(BREAKS["stretched"](product, _rng())) > 1.25 * aspect(good(product, _rng()))


def test_nothing_but_background_is_no_product() -> None:
    with pytest.raises(ValueError, match="background"):
        good(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), _rng())


# ── pictures the renderer knows nothing about ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [kind for kind in REDRAWS if kind not in ("digit_changed", "other_product")])
def test_the_emulated_model_breaks_any_picture(product: Image.Image, kind: str) -> None:
    source = Image.new("RGB", product.size, (120, 140, 130))
    source.paste(product, (0, 0), product)
    assert redraws.known(source) is None
    drawn = redraws.drawn(kind, source, product)
    assert drawn.size == (SIDE, SIDE)
    if kind != "redraw":
        assert _difference(drawn, redraws.drawn("redraw", source, product)) > 1.0


@pytest.mark.long
def test_a_digit_is_changed_where_it_is_read(product: Image.Image) -> None:
    changed = unknown.digit_changed(product, _rng())
    assert _difference(changed, good(product, _rng())) > 0.1
    with pytest.raises(ValueError, match="digit"):
        unknown.digit_changed(product.crop((470, 290, 570, 390)), _rng())


def test_a_photo_of_the_demo_is_recognised_however_it_is_stored() -> None:
    photo = ImageOps.exif_transpose(Image.open(redraw.PHOTOS / "HMA-004.jpg"))
    assert redraws.known(photo.resize((400, 534))) == "HMA-004"


# ── what the set is made of ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_set_has_enough_of_every_kind_in_both_halves() -> None:
    plans = planned()
    counts = Counter(plan.label for plan in plans)
    halves = Counter((plan.label, plan.split) for plan in plans)
    assert len({plan.id for plan in plans}) == len(plans)
    assert counts.pop(GOOD) >= 80
    assert len(counts) >= 13 and sum(counts.values()) >= 120
    assert min(counts.values()) >= 8 and counts["digit_changed"] >= 30
    assert min(halves[kind, half] for kind in counts for half in "ab") >= 4


def test_no_product_is_in_both_halves_nor_is_the_other_product_from_the_other_half() -> None:
    for plan in planned():
        assert plan.split == split_of(plan.code)
        if plan.label == "other_product":
            assert split_of(neighbour(plan.code)) == plan.split and neighbour(plan.code) != plan.code


def test_a_sample_holds_every_kind_and_is_the_same_each_time() -> None:
    plans = planned()
    chosen = sampled(plans, 40, 1)
    assert len({plan.id for plan in chosen}) == 40
    assert {plan.label for plan in chosen} == {plan.label for plan in plans}
    assert sampled(plans, 40, 1) == chosen != sampled(plans, 40, 2)


def test_a_pair_says_what_was_changed_and_is_the_same_each_time() -> None:
    reprint = DIGITS["SEG-007"][0]
    assert (reprint.old, reprint.new) == ("40", "46")
    plain, other = redraw.redrawn("SEG-007"), redraw.reprinted("SEG-007", reprint)
    box = ImageChops.difference(plain.convert("RGB"), other.convert("RGB")).getbbox()
    assert box is not None
    # The digits alone have changed.
    assert (box[2] - box[0]) * (box[3] - box[1]) < 0.02 * plain.width * plain.height
    assert other.tobytes() == redraw.reprinted("SEG-007", reprint).tobytes()


def test_a_line_that_no_label_has_cannot_be_reprinted() -> None:
    with pytest.raises(ValueError, match="no label"):
        alterations.reprinted("SEG-007", alterations.Reprint("1", "2", "1 kg", "2 kg"))


@pytest.mark.long
def test_every_reprint_is_of_a_line_its_label_has_and_every_piece_exists() -> None:
    for code, reprints in DIGITS.items():
        for reprint in reprints:
            alterations.reprinted(code, reprint)
    for code, parts in PIECES.items():
        assert max(parts) < len(alterations.SHOTS[code].make().parts)
    for code, factors in THREADS.items():
        assert all(alterations.rethreaded(code, factor).parts for factor in factors)


@pytest.mark.long
def test_every_pair_can_be_made() -> None:
    made = list(pairs())
    assert len(made) == len(planned())
    for pair in made:
        assert pair.before.startswith(b"\xff\xd8") and pair.after[:2] in (b"\xff\xd8", b"\x89P")
