"""Puts a product in its square: centred on pure white, the same size as its neighbours in the catalogue.

A model's own framing is never trusted: it drifts from picture to picture, and its "white" is often 240.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from core.inspect.shadow import NEAR_WHITE, SHADOW_CHROMA, SHADOW_LEVEL, fade, near_white, without_shadow
from core.pixels import MAX_UPSCALE, Box, border, bounding_box, darkest, lightest, square_side

#: A plain, light studio backdrop no darker than this is brought up to white.
LIGHT_BACKDROP = 222
SEARCH_SIDE = 512
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Framing:
    """What a recipe asks of the finished square."""

    size: int = 1600  #: pixels of its side, where the photo has them
    fill: float = 0.88  #: of the side, by the product's longer side
    shadow: bool = True  #: a soft shadow around the product may stay
    needed: bool = True  #: False: the editor has framed it already

    def side(self, longer: int) -> int:
        """Pixels of the square for a product (or a whole photo, at `fill` 1) of `longer` pixels."""
        return square_side(longer / self.fill, self.size)


def frame(image: Image.Image, framing: Framing) -> Image.Image:
    """`image` (RGB) as a square of at most `framing.size`, its product `framing.fill` of it on the longer side.

    The product is never enlarged more than twice. A photo whose background isn't white has no product to find: it goes
    whole into the square, so that the measures can see what is left.
    """
    image = _to_white_point(image)
    if not framing.shadow:
        image = without_shadow(image)
    box = find_product(image)
    if box is None or _fills(box, image.size):
        size = replace(framing, fill=1.0).side(max(image.size))
        return _place(image, (0, 0, *image.size), min(size / max(image.size), MAX_UPSCALE), size)
    longer = max(box[2] - box[0], box[3] - box[1])
    size = framing.side(longer)
    scale = min(framing.fill * size / longer, MAX_UPSCALE)
    return _whiten(fade(_place(image, box, scale, size), (1 - framing.fill) / 2))


def find_product(image: Image.Image) -> Box | None:
    """The box of what isn't background, in pixels of `image`; None when it is blank. A soft shadow is background."""
    small = image.copy()
    small.thumbnail((SEARCH_SIDE, SEARCH_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small).astype(np.int16)
    low = darkest(pixels)
    strong = (low < SHADOW_LEVEL) | (lightest(pixels) - low > SHADOW_CHROMA)
    box = bounding_box(strong, least=2)
    weak = bounding_box(low < NEAR_WHITE, least=2)
    if weak is None:
        return None
    # A white product shows little else than weak edges: believe those when they span much more.
    if box is None or _area(box) < 0.4 * _area(weak):
        box = weak
    ratio = image.width / small.width
    left, top, right, bottom = (round(side * ratio) for side in box)
    return left, top, min(right, image.width), min(bottom, image.height)


def _to_white_point(image: Image.Image) -> Image.Image:
    """Lifts a plain, light, neutral backdrop to white; leaves any other picture as it is."""
    small = np.asarray(image.resize((128, 128), Image.Resampling.BOX)).astype(np.int16)
    ring = small[border((128, 128), 3)]
    darkest = ring.min(axis=1)
    low, high = np.percentile(darkest, [4, 96])
    neutral = np.percentile(ring.max(axis=1) - darkest, 90) <= 10
    if not (LIGHT_BACKDROP <= low < 252 and high - low <= 16 and neutral):
        return image
    gain = 255 / low
    return image.point([min(255, round(level * gain)) for level in range(256)] * 3)


def _fills(box: Box, size: tuple[int, int]) -> bool:
    """Whether the box reaches at least three sides of the picture: then it is the background that was found."""
    slack = max(size) * 0.006
    reached = (box[0] <= slack, box[1] <= slack, box[2] >= size[0] - slack, box[3] >= size[1] - slack)
    return sum(reached) >= 3


def _place(image: Image.Image, box: Box, scale: float, size: int) -> Image.Image:
    """One resampling, from the original pixels: what lies around the box (its shadow) comes along."""
    centre_x, centre_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left = round(size / 2 - centre_x * scale)
    top = round(size / 2 - centre_y * scale)
    right, bottom = left + round(image.width * scale), top + round(image.height * scale)
    seen = (max(left, 0), max(top, 0), min(right, size), min(bottom, size))
    step_x, step_y = image.width / (right - left), image.height / (bottom - top)
    source = (
        (seen[0] - left) * step_x,
        (seen[1] - top) * step_y,
        (seen[2] - left) * step_x,
        (seen[3] - top) * step_y,
    )
    part = image.resize((seen[2] - seen[0], seen[3] - seen[1]), Image.Resampling.LANCZOS, box=source)
    canvas = Image.new("RGB", (size, size), WHITE)
    canvas.paste(part, seen[:2])
    return canvas


def _whiten(image: Image.Image) -> Image.Image:
    pixels = np.array(image)
    pixels[near_white(pixels)] = 255
    return Image.fromarray(pixels)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
