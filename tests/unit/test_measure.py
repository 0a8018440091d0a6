"""A finished picture is measured in numbers, and each doubt has words that staff understand."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.inspect.doubts import DOUBTS, explain
from core.inspect.framing import frame
from core.inspect.measure import measure


def source() -> Image.Image:
    noise = np.random.default_rng(4).integers(90, 140, (900, 1200, 3), np.uint8)
    image = Image.fromarray(noise)
    ImageDraw.Draw(image).ellipse([400, 250, 800, 650], fill=(200, 40, 30))
    return image


def result(
    box: tuple[int, int, int, int] = (80, 80, 1120, 1120), background: int = 255, size: tuple[int, int] = (1200, 1200)
) -> Image.Image:
    image = Image.new("RGB", size, (background,) * 3)
    ImageDraw.Draw(image).ellipse(box, fill=(200, 40, 30))
    return image


def test_a_good_picture_has_no_doubts() -> None:
    report = measure(source(), result())
    assert report.doubts == ()
    assert report.ring_white == 1
    assert report.occupancy == pytest.approx(0.59, abs=0.02)
    assert (report.width, report.height, report.blank, report.identical) == (1200, 1200, False, False)


@pytest.mark.parametrize(
    ("after", "doubt"),
    [
        (Image.new("RGB", (1200, 1200), "white"), "blank"),
        (Image.new("RGB", (1200, 1200), (30, 30, 30)), "blank"),
        (result(background=230), "not_white"),
        (result(background=90), "background_left"),
        (result((300, 300, 1500, 1300)), "background_left"),
        (result((300, 500, 900, 1300)), "product_touches_edge"),
        (result((500, 500, 700, 700)), "product_small"),
        (result((50, 50, 450, 450), size=(500, 500)), "low_resolution"),
        (result(size=(1200, 1400)), "not_square"),
    ],
)
def test_each_fault_has_its_doubt(after: Image.Image, doubt: str) -> None:
    assert doubt in measure(source(), after).doubts


@pytest.mark.parametrize("edited", [source(), frame(source())])
def test_an_edit_that_changed_nothing_is_noticed(edited: Image.Image) -> None:
    report = measure(source(), edited)
    assert report.identical
    assert "identical" in report.doubts


def test_a_large_picture_is_measured_in_under_300_ms_of_work() -> None:
    before, after = source().resize((2048, 1536)), result().resize((2400, 2400))
    measure(before, after)
    started = time.process_time()
    measure(before, after)
    assert time.process_time() - started < 0.3


def test_every_doubt_that_the_code_raises_has_its_sentence() -> None:
    root = Path(__file__).parents[2] / "core"
    tables = ["inspect/measure.py", "inspect/decode.py", "providers/local_cutout.py"]
    text = "\n".join((root / name).read_text(encoding="utf-8") for name in tables)
    raised = set(re.findall(r'^        "([a-z_]+)": ', text, re.MULTILINE))
    raised |= {"background_left", "product_touches_edge", "not_white", "no_cutout", "tiny_source", "dark_source"}
    assert len(raised) >= 8
    assert raised <= DOUBTS.keys()


def test_a_doubt_is_a_whole_sentence_and_an_unknown_one_is_shown_as_it_is() -> None:
    assert all(text.endswith(".") and text[0].isupper() for text in DOUBTS.values())
    assert explain("blank") == DOUBTS["blank"]
    assert explain("from_the_future") == "from_the_future"
