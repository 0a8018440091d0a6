"""Measures a finished picture against its source: facts for the screen, doubts for the person who reviews it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.inspect.framing import NEAR_WHITE, frame, near_white
from core.pixels import border, bounding_box

#: Pictures are measured at most this big, in pixels of their longer side.
MEASURED_SIDE = 800
RING_WHITE = 0.98
MIN_SIDE = 800
#: Mean difference of two 64 × 64 thumbnails, in levels (0–255), under which nothing was edited.
SAME = 1.5

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Report:
    """What a picture is worth. Shares go from 0 to 1."""

    ring_white: float  #: share of a frame 2 % wide whose darkest channel is at least 245
    occupancy: float  #: share of the picture that isn't background
    width: int
    height: int
    blank: bool
    identical: bool
    doubts: tuple[str, ...]


def measure(before: Image.Image, after: Image.Image) -> Report:
    """Compares the source with the finished picture, both RGB of any size."""
    small = after.copy()
    small.thumbnail((MEASURED_SIDE, MEASURED_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small)
    shape = (pixels.shape[0], pixels.shape[1])
    light = pixels.min(axis=2) >= NEAR_WHITE
    ring_white = float(light[border(shape, max(2, round(0.02 * max(shape))))].mean())
    product = ~near_white(pixels)
    occupancy = float(product.mean())
    blank = occupancy < 0.003 or float(pixels.std()) < 2
    identical = not blank and _same(before, small)

    found = {
        "blank": blank,
        "identical": identical,
        "product_small": not blank and _span(product) < 0.5,
        "not_square": after.width != after.height,
        "low_resolution": min(after.size) < MIN_SIDE,
    }
    doubts = [code for code, is_so in found.items() if is_so]
    if not blank and ring_white < RING_WHITE:
        doubts.append(_edge_doubt(pixels))
    return Report(ring_white, occupancy, after.width, after.height, blank, identical, tuple(doubts))


def _edge_doubt(pixels: Pixels) -> str:
    """Why the frame isn't white: a pale backdrop, the photo's own background, or a product that is too near."""
    width = max(2, round(0.02 * max(pixels.shape)))
    sides = [pixels[:width], pixels[-width:], pixels[:, :width], pixels[:, -width:]]
    levels = [side.min(axis=2) for side in sides]
    ring = np.concatenate([level.ravel() for level in levels])
    if np.percentile(ring[ring < NEAR_WHITE], 20) >= 200:
        return "not_white"
    touched = sum(float((level < NEAR_WHITE).mean()) > 0.2 for level in levels)
    return "background_left" if touched >= 2 else "product_touches_edge"


def _same(before: Image.Image, after: Image.Image) -> bool:
    """Whether `after` is only `before` put in its square."""
    reduced = before.copy()
    reduced.thumbnail((MEASURED_SIDE // 2, MEASURED_SIDE // 2), Image.Resampling.BOX)
    candidates = [one.resize((64, 64), Image.Resampling.BOX) for one in (before, frame(reduced, MEASURED_SIDE // 2))]
    target = np.asarray(after.resize((64, 64), Image.Resampling.BOX)).astype(np.int16)
    return any(float(np.abs(np.asarray(one).astype(np.int16) - target).mean()) < SAME for one in candidates)


def _span(product: npt.NDArray[np.bool_]) -> float:
    """Longer side of the product's box, as a share of the picture's longer side."""
    box = bounding_box(product, least=2)
    if box is None:
        return 0.0
    longer: int = max(product.shape)
    return max(box[2] - box[0], box[3] - box[1]) / longer
