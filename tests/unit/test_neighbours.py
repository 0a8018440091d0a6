"""What of a photo was left out of its finished picture: pieces, other things, and parts of the product. On drawn shapes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.inspect.missing import missing
from core.inspect.neighbours import Neighbours, left_out
from core.inspect.overlay import Overlay
from core.pixels import Mask, Pixels

SIDE = 400
GROUND, OWN, BLUE, SHADE = (160, 150, 120), (200, 60, 40), (40, 60, 190), (104, 97, 78)
PRODUCT, APART, TOUCHING = (100, 150, 299, 249), (100, 300, 299, 352), (302, 150, 370, 249)
Rectangle = tuple[int, int, int, int]
Tone = tuple[int, int, int]


def photo(*things: tuple[Rectangle, Tone]) -> Pixels:
    image = Image.new("RGB", (SIDE, SIDE), GROUND)
    pen = ImageDraw.Draw(image)
    for place, tone in ((PRODUCT, OWN), *things):
        pen.rectangle(place, fill=tone)
    return np.asarray(image)


def area(*places: Rectangle) -> Mask:
    image = Image.new("1", (SIDE, SIDE))
    for place in places:
        ImageDraw.Draw(image).rectangle(place, fill=1)
    return np.asarray(image)


def beside(place: Rectangle, tone: Tone) -> Neighbours:
    return left_out(photo((place, tone)), area(PRODUCT), lambda: area(PRODUCT, place))


def test_a_second_piece_in_the_same_colours_was_left_out() -> None:
    assert beside(APART, OWN).alike == pytest.approx(0.5, abs=0.06)


def test_another_thing_was_not_as_long_as_it_stands_apart() -> None:
    assert beside(APART, BLUE) == Neighbours()


def test_what_touches_the_product_may_belong_to_it_in_whatever_colour() -> None:
    found = beside(TOUCHING, BLUE)
    assert (found.alike, found.touching) == (0.0, pytest.approx(0.3, abs=0.05))


def test_the_products_shadow_is_no_neighbour() -> None:
    assert beside(TOUCHING, SHADE).touching < 0.1


def test_nobody_is_asked_about_a_photo_of_the_product_alone() -> None:
    assert left_out(photo(), area(PRODUCT), lambda: pytest.fail("asked")) == Neighbours()


def gone(before: Pixels, seen: Mask, *shown: Rectangle) -> float:
    """What is missing when only the rectangles `shown` are left of the photo, on white."""
    kept = area(*shown)
    after = np.where(kept[..., None], before, np.uint8(255))
    return missing(Overlay(*(one.astype(np.float32) for one in (before, after, seen, kept))))


def test_a_part_is_missed_more_in_a_small_piece_than_in_a_large_one() -> None:
    small = (100, 300, 159, 352)
    of_the_large = gone(photo(), area(PRODUCT), (100, 150, 269, 249))
    of_the_small = gone(photo((small, OWN)), area(PRODUCT, small), PRODUCT, (100, 300, 129, 352))
    assert of_the_small / (30 * 53) > 1.5 * of_the_large / (30 * 100)


def test_a_thing_that_the_network_sees_apart_from_the_product_is_not_of_it() -> None:
    half = (100, 300, 199, 352)
    before = photo((APART, BLUE), (half, OWN))
    assert gone(before, area(PRODUCT, APART), PRODUCT) == 0
    assert gone(photo((APART, OWN)), area(PRODUCT, APART), PRODUCT) > 0.3
