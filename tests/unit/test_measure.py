"""A finished picture is measured in numbers, and each doubt has words that staff understand."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.inspect.doubts import DOUBTS, SERIOUS, explain
from core.inspect.framing import Framing, frame
from core.inspect.measure import is_cut_off, measure
from core.inspect.report import Finding
from core.inspect.verdict import judge

ROOT = Path(__file__).parents[2]


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
    report = judge(measure(source(), result()))
    assert (report.doubts, report.verdict) == ((), "good")
    assert report.ring_white == 1
    assert report.occupancy == pytest.approx(0.59, abs=0.02)
    assert report.span == pytest.approx(0.87, abs=0.01)
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
    assert doubt in judge(measure(source(), after)).doubts


@pytest.mark.parametrize("edited", [source(), frame(source(), Framing())])
def test_an_edit_that_changed_nothing_is_noticed(edited: Image.Image) -> None:
    report = judge(measure(source(), edited))
    assert report.identical
    assert "identical" in report.doubts


def test_a_product_that_runs_out_of_the_made_picture_is_cut_off_however_it_is_framed() -> None:
    assert is_cut_off(result((300, 500, 900, 1300)))
    assert not is_cut_off(result())
    assert not is_cut_off(result(background=90)), "a grey ground is another fault"


def test_a_large_picture_is_measured_in_under_300_ms_of_work() -> None:
    before, after = source().resize((2048, 1536)), result().resize((2400, 2400))
    measure(before, after)
    started = time.process_time()
    measure(before, after)
    assert time.process_time() - started < 0.3


def test_every_doubt_that_the_code_raises_has_its_sentence() -> None:
    files = ["inspect/verdict.py", "inspect/measure.py", "inspect/decode.py", "inspect/studio_child.py"]
    files += [str(path.relative_to(ROOT / "core")) for path in (ROOT / "core/providers").glob("local_*.py")]
    text = "\n".join((ROOT / "core" / name).read_text(encoding="utf-8") for name in files)
    raised = set(re.findall(r'^        "([a-z_]+)": (?!Style)', text, re.MULTILINE))
    raised |= set(re.findall(r'Finding\("([a-z_]+)"', text)) | {"made_cut_off", "background_left", "odd_finish"}
    raised &= {code for code in raised if "_" in code or code in DOUBTS}
    assert len(raised) >= 20
    assert raised <= DOUBTS.keys()
    assert DOUBTS.keys() >= SERIOUS


def test_a_doubt_is_a_whole_sentence_and_an_unknown_one_is_shown_as_it_is() -> None:
    assert all(text.rstrip("»").endswith(".") and text[0].isupper() for text in DOUBTS.values())
    assert explain("blank") == DOUBTS["blank"]
    assert explain("from_the_future") == "from_the_future"


def test_a_finding_is_explained_with_what_it_found_in_whatever_form_it_was_kept() -> None:
    said = "La etiqueta decía 220V y ahora dice 22V."
    finding = Finding("digits_changed", {"before": "220V", "after": "22V"})
    assert explain(finding) == said
    assert explain({"code": finding.code, "params": finding.params}) == said
    assert explain("digits_changed") == "La etiqueta decía … y ahora dice …."
    assert explain({"code": "blank"}) == DOUBTS["blank"]


def test_words_from_a_label_are_text_and_never_a_format() -> None:
    finding = Finding("text_added", {"text": "{before} {0} %s"})
    assert explain(finding) == "Apareció un texto que no estaba en la foto original: {before} {0} %s."


def test_measuring_needs_neither_networks_nor_opencv() -> None:
    program = "import sys, core.inspect.studio_child; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"cv2", "onnxruntime", "rapidocr"} & set(loaded.stdout.split())
