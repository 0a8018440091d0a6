"""The editor without an account: a white catalogue picture from a photo, honest about its doubts."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.errors import Permanent
from core.providers import local_editor, u2net
from core.providers.local_compose import MAX_GAIN, MAX_TINT, exposure
from core.providers.local_cutout import cut_out
from core.providers.local_editor import LocalEditor
from core.providers.ports import Edit, EditRequest, RawAnswer
from core.providers.u2net import find_weights

ROOT = Path(__file__).parents[2]
WEIGHTS = find_weights()


def photo(size: tuple[int, int] = (900, 700)) -> Image.Image:
    """A yellow can with a shadow on a grey, uneven table."""
    rng = np.random.default_rng(5)
    table = rng.normal(130, 9, (size[1], size[0], 1)) + np.linspace(-25, 25, size[0])[None, :, None]
    image = Image.fromarray((table * np.array([1, 0.93, 0.85])).clip(0, 255).astype(np.uint8))
    shadow = Image.new("L", size, 0)
    ImageDraw.Draw(shadow).ellipse([340, 440, 600, 560], fill=130)
    image.paste((40, 38, 36), mask=shadow.filter(ImageFilter.GaussianBlur(16)))
    draw = ImageDraw.Draw(image)
    draw.rectangle([340, 180, 540, 500], fill=(222, 186, 30))
    draw.ellipse([340, 470, 540, 530], fill=(222, 186, 30))
    draw.ellipse([340, 150, 540, 210], fill=(200, 200, 205))
    draw.rectangle([340, 280, 540, 400], fill=(246, 246, 244))
    draw.rectangle([370, 320, 500, 350], fill=(190, 30, 30))
    return image.filter(ImageFilter.GaussianBlur(0.8))


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def edit(editor: LocalEditor, image: Image.Image) -> tuple[Edit, npt.NDArray[np.uint8]]:
    edited = editor.read(editor.buy(EditRequest(jpeg(image), "image/jpeg", "", "")))
    return edited, np.asarray(Image.open(io.BytesIO(edited.image)).convert("RGB"))


def seeing(*masks: npt.NDArray[np.float32]) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    """A network that gives the next of `masks` at each look, then repeats the last."""
    looks = list(masks)
    return lambda pixels: looks.pop(0) if len(looks) > 1 else looks[0]


def mask(left: int, top: int, right: int, bottom: int) -> npt.NDArray[np.float32]:
    seen = np.zeros((320, 320), np.float32)
    seen[top:bottom, left:right] = 1
    return seen


def test_a_product_is_cut_out_onto_a_white_square_at_no_cost() -> None:
    edited, pixels = edit(LocalEditor(WEIGHTS), photo())
    assert (edited.media_type, edited.cost, edited.doubts, edited.needs_framing) == ("image/png", Decimal(0), (), False)
    assert pixels.shape == (1200, 1200, 3)
    frame = pixels.copy()
    frame[24:-24, 24:-24] = 255
    assert frame.min() >= 254
    coloured = np.nonzero(np.ptp(pixels.astype(int), axis=2) > 60)
    top, bottom = int(coloured[0].min()), int(coloured[0].max())
    # The can is 380 pixels high: twice that is the most it may be enlarged.
    assert 600 < bottom - top < 780
    middle = pixels[800, 600].astype(int)
    assert middle[0] > middle[2] + 100


def test_no_fringe_of_the_old_background_is_left_around_the_product() -> None:
    image = Image.new("RGB", (900, 700), (20, 150, 40))
    ImageDraw.Draw(image).ellipse([300, 200, 600, 500], fill=(200, 40, 40))
    _, pixels = edit(LocalEditor(WEIGHTS), image.filter(ImageFilter.GaussianBlur(1.2)))
    levels = pixels.astype(int)
    greenish = (levels[..., 1] > levels[..., 0] + 12) & (levels[..., 1] > levels[..., 2] + 12)
    assert greenish.sum() == 0


def test_the_first_edits_of_several_threads_share_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []
    load = u2net._load
    monkeypatch.setattr(u2net, "_load", lambda path: (loaded.append(path), load(path))[1])
    editor = LocalEditor(WEIGHTS)
    threads = [threading.Thread(target=editor.check) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 1


def test_finding_the_weights_imports_nothing_of_their_wheel() -> None:
    code = "import sys; from core.providers.u2net import find_weights; assert find_weights(); print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert "rembg" not in modules
    assert "onnxruntime" not in modules


@pytest.mark.parametrize("what", ["none", "missing", "wrong"])
def test_without_the_right_weights_a_photo_is_only_tidied(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = {"none": None, "missing": tmp_path / "gone.onnx", "wrong": tmp_path / "wrong.onnx"}[what]
    (tmp_path / "wrong.onnx").write_bytes(b"something else")
    editor = LocalEditor(path)
    with caplog.at_level(logging.WARNING):
        editor.check()
        edited, pixels = edit(editor, photo())
    assert len(caplog.records) == 1
    assert edited.doubts == ("no_cutout",)
    assert pixels.shape == (1200, 1200, 3)
    assert pixels[:100].min() == 255
    assert pixels[600, 20].max() < 220


def test_looks_that_disagree_are_a_doubt_and_nothing_seen_is_lost() -> None:
    image = photo((640, 640))
    whole, part = mask(100, 100, 220, 220), mask(40, 40, 160, 280)
    cut = cut_out(image, seeing(whole, part, np.ascontiguousarray(part[:, ::-1])))
    assert "low_confidence" in cut.doubts
    assert cut.alpha is not None
    assert cut.alpha[part > 0.5].min() > 0.5
    assert cut.alpha[160, 200] > 0.5


def test_a_part_that_the_first_look_missed_widens_the_second() -> None:
    whole, cut, wide = mask(120, 120, 200, 200), mask(60, 60, 320, 260), mask(130, 130, 230, 190)
    found = cut_out(photo((640, 640)), seeing(whole, cut, wide))
    assert found.alpha is not None
    assert found.box[2] - found.box[0] > 280
    assert found.alpha[160, 210] > 0.5


def test_a_product_at_the_border_of_its_photo_is_a_doubt() -> None:
    cut = cut_out(photo((640, 640)), seeing(mask(0, 100, 200, 220), mask(0, 40, 280, 280)))
    assert "product_cut_off" in cut.doubts


def test_a_second_object_is_kept_and_is_a_doubt() -> None:
    both = mask(60, 100, 140, 220) + mask(180, 100, 260, 220)
    cut = cut_out(photo((640, 640)), lambda pixels: both)
    assert "several_objects" in cut.doubts
    assert cut.alpha is not None
    assert cut.alpha[160, 100] == cut.alpha[160, 220] == 1


def test_a_speck_is_not_part_of_the_product() -> None:
    seen = mask(100, 100, 220, 220) + mask(300, 300, 303, 303)
    cut = cut_out(photo((640, 640)), lambda pixels: seen)
    assert cut.alpha is not None
    assert cut.alpha[301, 301] == 0


@pytest.mark.parametrize("seen", [np.zeros((320, 320), np.float32), np.ones((320, 320), np.float32)])
def test_nothing_or_everything_is_no_cutout(seen: npt.NDArray[np.float32]) -> None:
    cut = cut_out(photo((640, 640)), lambda pixels: seen)
    assert (cut.alpha, cut.doubts) == (None, ("no_cutout",))


@pytest.mark.parametrize("colour", [(10, 10, 10), (90, 120, 60), (200, 190, 160), (255, 255, 255)])
def test_light_and_tint_are_only_corrected_a_little(colour: tuple[int, int, int]) -> None:
    gains = exposure(Image.new("RGB", (50, 50), colour))
    assert gains.min() >= 1 - MAX_TINT - 1e-3
    assert gains.max() <= MAX_GAIN * (1 + MAX_TINT) + 1e-3


def test_what_is_no_photo_or_no_answer_is_refused_for_good() -> None:
    editor = LocalEditor(None)
    with pytest.raises(local_editor.UnreadableSource):
        editor.buy(EditRequest(b"<html>", "image/jpeg", "", ""))
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    for body in (b"", b"{}", out.getvalue()):
        with pytest.raises(local_editor.UnreadableAnswer):
            editor.read(RawAnswer(body, "image/png"))
    assert issubclass(local_editor.UnreadableAnswer, Permanent)


def test_background_seen_through_a_hole_is_kept_and_is_a_doubt() -> None:
    image = Image.new("RGB", (640, 640), (170, 90, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle([160, 160, 480, 480], fill=(30, 60, 180))
    # The second look is at the product and 12 % around it.
    looks = mask(80, 80, 240, 240), mask(31, 31, 289, 289)
    assert cut_out(image, seeing(*looks)).doubts == ()
    draw.rectangle([240, 240, 400, 400], fill=(170, 90, 60))
    cut = cut_out(image, seeing(*looks))
    assert cut.doubts == ("background_inside",)
    assert cut.alpha is not None
    assert cut.alpha[160, 160] == 1


def test_many_specks_do_not_hide_the_product() -> None:
    seen = mask(100, 100, 220, 220)
    seen[2, ::6] = 1
    cut = cut_out(photo((640, 640)), seeing(seen, mask(31, 31, 289, 289)))
    assert cut.alpha is not None
    assert cut.alpha[160, 160] == 1
    assert cut.box[1] > 100
