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
from core.providers.local_compose import MAX_GAIN, MAX_TINT, compose, exposure
from core.providers.local_cutout import Cutout, cut_out
from core.providers.local_editor import LocalEditor
from core.providers.ports import Edit, EditRequest, RawAnswer
from core.providers.u2net import find_weights

Cut = tuple[npt.NDArray[np.bool_], tuple[str, ...]]

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


def seeing(*boxes: tuple[int, int, int, int]) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    """A network that sees products in `boxes` (left, top, right, bottom; 320ths), whatever it is shown."""
    seen = np.zeros((320, 320), np.float32)
    for left, top, right, bottom in boxes:
        seen[top:bottom, left:right] = 1
    return lambda pixels: seen


def table(seed: int = 3, colour: tuple[int, int, int] = (150, 120, 80)) -> Image.Image:
    """A brown table with a grain, 640 × 640."""
    grain = np.random.default_rng(seed).normal(0, 6, (640, 640, 1))
    return Image.fromarray((np.array(colour) + grain).clip(0, 255).astype(np.uint8))


def cut(image: Image.Image, network: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]) -> Cut:
    """What is cut out of a 640 × 640 photo, as large as the photo, and the doubts."""
    found = cut_out(image, network)
    assert found.alpha is not None
    whole = np.zeros((640, 640), np.float32)
    left, top, right, bottom = found.box
    part = Image.fromarray((found.alpha * 255).astype(np.uint8)).resize((right - left, bottom - top))
    whole[top:bottom, left:right] = np.asarray(part, np.float32) / 255
    return whole > 0.5, found.doubts


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


def test_what_no_look_saw_but_is_clearly_no_background_is_kept() -> None:
    image = table()
    draw = ImageDraw.Draw(image)
    draw.rectangle([160, 200, 330, 440], fill=(190, 30, 30))
    draw.rectangle([330, 280, 500, 360], fill=(240, 240, 235))
    mask, doubts = cut(image, seeing((80, 100, 165, 220)))
    assert mask[320, 250] and mask[320, 450]
    assert "low_confidence" in doubts


def test_a_shadow_that_a_look_took_for_product_is_cut_away_and_is_a_doubt() -> None:
    image = table()
    shadow = Image.new("L", image.size, 0)
    ImageDraw.Draw(shadow).rectangle([400, 240, 500, 460], fill=150)
    image.paste((22, 18, 12), mask=shadow.filter(ImageFilter.GaussianBlur(4)))
    ImageDraw.Draw(image).rectangle([160, 160, 400, 480], fill=(30, 60, 200))
    mask, doubts = cut(image, seeing((80, 80, 250, 240)))
    assert mask[320, 300]
    assert not mask[320, 460]
    assert "low_confidence" in doubts


def test_the_middle_of_a_cable_that_was_half_seen_joins_its_ends() -> None:
    image = table()
    draw = ImageDraw.Draw(image)
    draw.rectangle([120, 200, 300, 440], fill=(30, 60, 200))
    draw.rectangle([300, 310, 560, 322], fill=(30, 60, 200))
    draw.rectangle([360, 310, 480, 322], fill=(146, 122, 82))
    seen = np.zeros((320, 320), np.float32)
    seen[100:220, 60:150] = seen[155:161, 150:280] = 1
    seen[155:161, 180:240] = 0.4
    mask, _ = cut(image, lambda pixels: seen)
    assert mask[316, 340:540].all()


def test_the_white_of_a_label_in_front_of_a_white_wall_stays() -> None:
    image = table(colour=(225, 222, 216))
    draw = ImageDraw.Draw(image)
    draw.rectangle([180, 120, 460, 520], fill=(30, 60, 180))
    draw.rectangle([180, 240, 460, 380], fill=(238, 236, 230))
    mask, _ = cut(image, seeing((90, 60, 230, 260)))
    assert mask[200:500, 200:440].all()


def test_the_table_seen_through_a_ring_is_cut_out() -> None:
    image = table()
    ring = Image.new("L", image.size, 0)
    ImageDraw.Draw(ring).ellipse([140, 140, 500, 500], fill=255)
    ImageDraw.Draw(ring).ellipse([220, 220, 420, 420], fill=0)
    image.paste((30, 60, 200), mask=ring)
    mask, _ = cut(image, seeing((72, 72, 248, 248)))
    assert not mask[320, 320]
    assert mask[320, 180] and mask[180, 320]


def test_the_pieces_of_a_set_are_kept_without_a_doubt() -> None:
    image = table()
    boxes = [(120, 120, 240, 300), (380, 140, 500, 320), (240, 380, 360, 560)]
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, fill=(30, 60, 200))
    mask, doubts = cut(image, seeing(*((a // 2, b // 2, c // 2, d // 2) for a, b, c, d in boxes)))
    assert mask[200, 180] and mask[200, 440] and mask[460, 300]
    assert doubts == ()


def test_another_thing_beside_the_product_is_left_out_and_is_a_doubt() -> None:
    image = table()
    ImageDraw.Draw(image).rectangle([170, 160, 470, 480], fill=(30, 60, 200))
    ImageDraw.Draw(image).rectangle([540, 60, 610, 300], fill=(200, 30, 30))
    mask, doubts = cut(image, seeing((85, 80, 235, 240), (270, 30, 305, 150)))
    assert mask[320, 320]
    assert not mask[200, 575]
    assert "several_objects" in doubts


def test_what_the_frame_of_the_photo_cuts_off_is_not_the_product() -> None:
    image = table()
    ImageDraw.Draw(image).rectangle([170, 160, 470, 480], fill=(30, 60, 200))
    ImageDraw.Draw(image).rectangle([560, 60, 640, 300], fill=(200, 30, 30))
    mask, _ = cut(image, seeing((85, 80, 235, 240), (280, 30, 320, 150)))
    assert mask[320, 320]
    assert not mask[200, 600]


def test_a_product_at_the_border_of_its_photo_is_a_doubt() -> None:
    image = table()
    ImageDraw.Draw(image).rectangle([0, 180, 400, 460], fill=(30, 60, 200))
    assert "product_cut_off" in cut(image, seeing((0, 90, 200, 230)))[1]


def test_a_small_product_is_looked_at_again_from_nearer() -> None:
    image = table()
    ImageDraw.Draw(image).rectangle([280, 280, 380, 380], fill=(30, 60, 200))
    looks: list[int] = []

    def network(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        blue = (pixels[..., 2].astype(int) > pixels[..., 0] + 60).astype(np.float32)
        looks.append(int(blue.sum()))
        return blue

    mask, doubts = cut(image, network)
    assert len(looks) == 4
    assert looks[2] > 4 * looks[0]
    assert abs(int(mask.sum()) - 101 * 101) < 400
    assert doubts == ()


@pytest.mark.parametrize(("seen", "expected"), [(1.0, ()), (0.95, ("low_confidence",))], ids=["sure", "unsure"])
def test_a_front_of_the_walls_colour_is_a_doubt_unless_every_look_is_sure(
    seen: float, expected: tuple[str, ...]
) -> None:
    image = table(colour=(225, 222, 216))
    draw = ImageDraw.Draw(image)
    draw.rectangle([160, 160, 480, 480], fill=(40, 60, 160))
    draw.rectangle([180, 180, 460, 420], fill=(205, 201, 194))
    looks = np.zeros((320, 320), np.float32)
    looks[80:241, 80:241] = 1
    looks[90:210, 90:230] = seen
    mask, doubts = cut(image, lambda pixels: looks)
    assert mask[200:400, 200:440].all()
    assert doubts == expected


def test_a_dark_photo_is_a_doubt() -> None:
    image = table().point([level // 4 for level in range(256)] * 3)
    ImageDraw.Draw(image).rectangle([170, 160, 470, 480], fill=(8, 15, 50))
    mask, doubts = cut(image, seeing((85, 80, 235, 240)))
    assert mask[320, 320]
    assert "low_confidence" in doubts


@pytest.mark.parametrize("seen", [np.zeros((320, 320), np.float32), np.ones((320, 320), np.float32)])
def test_nothing_or_everything_is_no_cutout(seen: npt.NDArray[np.float32]) -> None:
    found = cut_out(table(), lambda pixels: seen)
    assert (found.alpha, found.doubts) == (None, ("no_cutout",))


@pytest.mark.parametrize(("longer", "side"), [(500, 1200), (1100, 1200), (1300, 1400), (1900, 1600)])
def test_the_square_is_as_large_as_the_product_fills_without_being_enlarged(longer: int, side: int) -> None:
    image = Image.new("RGB", (longer, longer), (150, 120, 80))
    alpha = np.ones((100, 100), np.float32)
    whole = Cutout(alpha, (0, 0, longer, longer), 1.0, ())
    assert compose(image, whole, 1600, 0.9).size == (side, side)


def test_without_a_shadow_all_that_surrounds_the_product_is_white() -> None:
    image = Image.new("RGB", (400, 400), (30, 60, 200))
    alpha = np.zeros((100, 100), np.float32)
    alpha[20:80, 20:80] = 1
    found = Cutout(alpha, (0, 0, 400, 400), 1.0, ())
    plain, shaded = (np.asarray(compose(image, found, 1200, 0.88, shadow)) for shadow in (False, True))
    below = slice(600 + 250, 600 + 270)
    assert plain[below, 600].min() == 255
    assert shaded[below, 600].min() < 250


def test_a_recipe_s_size_and_fill_are_followed() -> None:
    editor = LocalEditor(WEIGHTS)
    request = EditRequest(jpeg(photo()), "image/jpeg", "", "", size=1200, fill=0.5, shadow=False)
    pixels = np.asarray(Image.open(io.BytesIO(editor.buy(request).body)).convert("RGB")).astype(int)
    rows = np.flatnonzero((np.ptp(pixels, axis=2) > 60).any(axis=1))
    assert 540 < rows[-1] - rows[0] < 610


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
