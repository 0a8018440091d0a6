"""Every picture of the catalogue sits the same in its square, on pure white."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.inspect.framing import Framing, find_product, frame

HOUSE = Framing()


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
    framed = frame(picture(background=background, shadow=shadow), HOUSE)
    left, top, right, bottom = box_of(framed)
    assert framed.size == (1200, 1200)
    assert abs((bottom - top) - 0.88 * 1200) <= 6
    assert abs((left + right) / 2 - 600) <= 4
    assert abs((top + bottom) / 2 - 600) <= 4
    ring = np.asarray(framed).copy()
    ring[24:-24, 24:-24] = 255
    assert ring.min() == 255


def test_a_small_product_is_never_enlarged_more_than_twice() -> None:
    left, top, right, bottom = box_of(frame(picture((400, 300, 500, 420)), HOUSE))
    assert (bottom - top, right - left) == (pytest.approx(240, abs=4), pytest.approx(200, abs=4))


def test_proportions_are_kept() -> None:
    left, top, right, bottom = box_of(frame(picture((100, 300, 900, 500)), HOUSE))
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
    framed = frame(image, HOUSE)
    assert framed.getpixel((600, 500)) == (248, 248, 248)


def test_a_photo_with_its_own_background_goes_whole_into_the_square() -> None:
    noise = np.random.default_rng(1).integers(60, 140, (600, 800, 3), np.uint8)
    framed = np.asarray(frame(Image.fromarray(noise), HOUSE))
    assert framed[:140].min() == 255
    assert framed[600, :].max() < 200
    assert framed.shape == (1200, 1200, 3)


def test_a_blank_picture_stays_blank() -> None:
    assert np.asarray(frame(Image.new("RGB", (300, 500), "white"), HOUSE)).min() == 255
    assert find_product(Image.new("RGB", (300, 500), "white")) is None


def test_framing_twice_changes_next_to_nothing() -> None:
    once = frame(picture(), HOUSE)
    twice = frame(once, HOUSE)
    assert np.abs(np.asarray(once).astype(int) - np.asarray(twice).astype(int)).mean() < 1


@pytest.mark.parametrize(
    ("longer", "framing", "side"),
    [
        (1500, Framing(), 1600),  # its own pixels fill the square
        (1420, Framing(), 1600),
        (1300, Framing(), 1400),  # as many hundreds as they fill
        (1000, Framing(), 1200),  # a little enlarged rather than too small
        (150, Framing(), 1200),
        (1500, Framing(fill=0.95), 1500),
        (1520, Framing(size=2000), 1700),
        (1500, Framing(size=1200), 1200),
    ],
)
def test_the_square_is_as_large_as_the_products_own_pixels_allow(longer: int, framing: Framing, side: int) -> None:
    framed = frame(picture((200, 200, 200 + longer, 500), (1900, 700)), framing)
    assert framed.size == (side, side)


def test_a_photo_that_goes_whole_is_not_enlarged_beyond_1200_pixels() -> None:
    noise = np.random.default_rng(1).integers(60, 140, (900, 1400, 3), np.uint8)
    assert frame(Image.fromarray(noise), HOUSE).size == (1400, 1400)


@pytest.mark.parametrize("fill", [0.7, 0.88, 0.95])
def test_the_product_fills_what_the_recipe_says(fill: float) -> None:
    framed = frame(picture(), Framing(fill=fill))
    _, top, _, bottom = box_of(framed)
    assert (bottom - top) / framed.height == pytest.approx(fill, abs=0.005)


def soft_shadow() -> Image.Image:
    image = picture((500, 300, 1000, 1100), (1500, 1500), (60, 90, 160))
    below = Image.new("L", image.size, 0)
    ImageDraw.Draw(below).ellipse([450, 1000, 1080, 1200], fill=150)
    shaded = Image.new("RGB", image.size, "white")
    shaded.paste((60, 60, 60), mask=below.filter(ImageFilter.GaussianBlur(30)))
    shaded.paste(image.crop((500, 300, 1000, 1100)), (500, 300))
    return shaded


def test_without_shadow_only_the_product_is_left_and_no_line_around_it() -> None:
    framed = frame(soft_shadow(), Framing(shadow=False))
    pixels = np.asarray(framed).astype(int)
    blue = (np.abs(pixels - (60, 90, 160)).max(axis=2) < 60).mean()
    white = (pixels.min(axis=2) > 245).mean()
    assert blue + white > 0.997
    _, top, _, bottom = box_of(framed)
    assert (bottom - top) / framed.height == pytest.approx(0.88, abs=0.01)


def test_with_shadow_it_stays_but_never_reaches_the_frame() -> None:
    pixels = np.asarray(frame(soft_shadow(), HOUSE))
    shade = pixels.min(axis=2)
    assert ((shade < 240) & (np.ptp(pixels, axis=2) < 10)).mean() > 0.005
    shade = shade.copy()
    shade[30:-30, 30:-30] = 255
    assert shade.min() == 255


def test_a_white_product_is_not_taken_for_a_shadow() -> None:
    image = Image.new("RGB", (1000, 1000), "white")
    tube = Image.new("L", image.size, 0)
    ImageDraw.Draw(tube).ellipse([200, 200, 800, 800], fill=60)
    image.paste((120, 120, 120), mask=tube.filter(ImageFilter.GaussianBlur(25)))
    framed = np.asarray(frame(image, Framing(shadow=False)))
    assert framed[600, 600].max() < 245


def test_a_photo_on_a_plain_grey_wall_keeps_its_wall_for_the_measures_to_see() -> None:
    framed = np.asarray(frame(picture(background=180), Framing(shadow=False)))
    assert np.median(framed[600, 200:300]) < 200
