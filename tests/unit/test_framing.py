"""Every picture of the catalogue sits the same in its square, on pure white, and says how it was made."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.inspect.framing import SOURCE_TYPE_URI, find_product, frame, to_jpeg


def picture(
    box: tuple[int, int, int, int] = (300, 100, 500, 700),
    size: tuple[int, int] = (1000, 800),
    colour: tuple[int, int, int] = (180, 30, 30),
    background: int = 255,
    shadow: bool = False,
) -> Image.Image:
    image = Image.new("RGB", size, (background,) * 3)
    if shadow:
        below = Image.new("L", size, 0)
        ImageDraw.Draw(below).rectangle([box[0] + 15, box[1] + 15, box[2] + 25, box[3] + 25], fill=60)
        image.paste((120, 120, 120), mask=below.filter(ImageFilter.GaussianBlur(14)))
    ImageDraw.Draw(image).rectangle([box[0], box[1], box[2] - 1, box[3] - 1], fill=colour)
    return image


def box_of(image: Image.Image) -> tuple[int, int, int, int]:
    """The box of what is clearly not white nor shadow."""
    rows, columns = np.nonzero(np.asarray(image).min(axis=2) < 150)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize("shadow", [False, True])
@pytest.mark.parametrize("background", [255, 246, 236])
def test_the_product_is_centred_and_fills_88_percent_on_pure_white(background: int, shadow: bool) -> None:
    framed = frame(picture(background=background, shadow=shadow))
    left, top, right, bottom = box_of(framed)
    assert framed.size == (1200, 1200)
    assert abs((bottom - top) - 0.88 * 1200) <= 6
    assert abs((left + right) / 2 - 600) <= 4
    assert abs((top + bottom) / 2 - 600) <= 4
    ring = np.asarray(framed).copy()
    ring[24:-24, 24:-24] = 255
    assert ring.min() == 255


def test_a_small_product_is_never_enlarged_more_than_twice() -> None:
    left, top, right, bottom = box_of(frame(picture((400, 300, 500, 420))))
    assert (bottom - top, right - left) == (pytest.approx(240, abs=4), pytest.approx(200, abs=4))


def test_proportions_are_kept() -> None:
    left, top, right, bottom = box_of(frame(picture((100, 300, 900, 500))))
    assert (right - left) / (bottom - top) == pytest.approx(4, rel=0.02)


def test_a_white_product_is_found_by_its_faint_edges() -> None:
    image = picture((200, 200, 800, 600), colour=(240, 240, 240))
    ImageDraw.Draw(image).ellipse([300, 300, 340, 340], fill=(60, 60, 60))
    found = find_product(image)
    assert found is not None
    assert np.abs(np.array(found) - (200, 200, 800, 600)).max() <= 4


def test_white_inside_the_product_is_left_alone() -> None:
    image = picture()
    ImageDraw.Draw(image).rectangle([350, 300, 450, 500], fill=(248, 248, 248))
    framed = frame(image)
    assert framed.getpixel((600, 500)) == (248, 248, 248)


def test_a_photo_with_its_own_background_goes_whole_into_the_square() -> None:
    noise = np.random.default_rng(1).integers(60, 140, (600, 800, 3), np.uint8)
    framed = np.asarray(frame(Image.fromarray(noise)))
    assert framed[:140].min() == 255
    assert framed[600, :].max() < 200
    assert framed.shape == (1200, 1200, 3)


def test_a_blank_picture_stays_blank() -> None:
    assert np.asarray(frame(Image.new("RGB", (300, 500), "white"))).min() == 255
    assert find_product(Image.new("RGB", (300, 500), "white")) is None


def test_framing_twice_changes_next_to_nothing() -> None:
    once = frame(picture())
    twice = frame(once)
    assert np.abs(np.asarray(once).astype(int) - np.asarray(twice).astype(int)).mean() < 1


def test_size_and_fill_are_the_recipes_choice() -> None:
    framed = frame(picture(), size=800, fill=0.7)
    _, top, _, bottom = box_of(framed)
    assert framed.size == (800, 800)
    assert bottom - top == pytest.approx(560, abs=5)


@pytest.mark.parametrize(
    "kind", ["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia", "algorithmicallyEnhanced"]
)
def test_the_jpeg_says_how_it_was_made_and_nothing_else(kind: str) -> None:
    source = picture()
    source.info["exif"] = b"Exif\x00\x00GPS"
    data = to_jpeg(source, digital_source_type=kind)  # type: ignore[arg-type]
    opened = Image.open(io.BytesIO(data))
    assert (opened.format, opened.mode) == ("JPEG", "RGB")
    assert (SOURCE_TYPE_URI + kind).encode() in opened.info["xmp"]
    assert "exif" not in opened.info
    assert not opened.getexif()
    assert len(data) < 10_000_000


def test_a_noisy_picture_still_fits_into_10_megabytes() -> None:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 255, (2000, 2000, 3), np.uint8))
    assert len(to_jpeg(noise)) < 10_000_000
