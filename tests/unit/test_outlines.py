"""Where the product of a finished picture is: on drawn shapes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from core.inspect.masks import on_white
from core.pixels import overlap

SIDE = 400


def picture(tone: tuple[int, int, int]) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(image).rectangle((100, 150, 299, 249), fill=tone)
    return image


def with_shadow(image: Image.Image) -> Image.Image:
    dark = Image.new("L", image.size, 255)
    ImageDraw.Draw(dark).rectangle((106, 162, 305, 261), fill=200)
    shade = dark.filter(ImageFilter.GaussianBlur(8))
    shadowed = ImageChops.multiply(Image.new("RGB", image.size, "white"), Image.merge("RGB", (shade,) * 3))
    shadowed.paste(image.crop((100, 150, 300, 250)), (100, 150))
    return shadowed


@pytest.mark.parametrize("tone", [(40, 60, 150), (120, 120, 120), (232, 232, 230)])
def test_a_product_on_white_is_found_to_the_pixel_dark_or_pale(tone: tuple[int, int, int]) -> None:
    mask = on_white(np.asarray(picture(tone))) > 0.5
    assert abs(int(mask.sum()) - 200 * 100) < 700
    assert mask[160:240, 110:290].all()


def test_a_soft_shadow_is_ground() -> None:
    mask = on_white(np.asarray(with_shadow(picture((40, 60, 150))))) > 0.5
    assert abs(int(mask.sum()) - 200 * 100) < 2_000


def test_white_seen_through_the_product_is_ground() -> None:
    image = picture((40, 60, 150))
    ImageDraw.Draw(image).ellipse((160, 160, 240, 240), fill="white")
    assert not (on_white(np.asarray(image)) > 0.5)[200, 200]


def test_boxes_overlap_by_what_they_share() -> None:
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (20, 20, 30, 30)) == 0
