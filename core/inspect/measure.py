"""Measures a finished picture by itself, quickly: its frame, its size, what it shows, whether anything was edited."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.inspect.framing import Framing, frame
from core.inspect.report import Report
from core.inspect.shadow import NEAR_WHITE, near_white
from core.inspect.thresholds import THRESHOLDS
from core.pixels import Pixels, border, bounding_box, darkest

#: Pictures are measured at most this big, in pixels of their longer side.
MEASURED_SIDE = 800
#: Mean difference of two 64 × 64 thumbnails, in levels (0–255), under which nothing was edited.
SAME = 1.5
#: Level (0–255) under which something at the border is product and not its shadow.
TOUCHING = 190


def measure(before: Image.Image, after: Image.Image) -> Report:
    """Compares the source with the finished picture, both RGB of any size. Figures only: findings are judged later."""
    small = after.copy()
    small.thumbnail((MEASURED_SIDE, MEASURED_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small)
    shape = (pixels.shape[0], pixels.shape[1])
    light = darkest(pixels) >= NEAR_WHITE
    ring_white = float(light[border(shape, max(2, round(0.02 * max(shape))))].mean())
    product = ~near_white(pixels)
    occupancy = float(product.mean())
    blank = occupancy < 0.003 or float(pixels.std()) < 2
    return Report(
        ring_white=ring_white,
        occupancy=occupancy,
        span=_span(product),
        width=after.width,
        height=after.height,
        blank=blank,
        identical=not blank and _same(before, small),
        edge=None if blank or ring_white >= THRESHOLDS.least_ring_white else _edge(pixels),
    )


def is_cut_off(made: Image.Image) -> bool:
    """Whether the product of an unframed picture runs into its border: on some sides, while another one is white."""
    small = made.copy()
    small.thumbnail((MEASURED_SIDE, MEASURED_SIDE), Image.Resampling.BOX)
    levels = darkest(np.asarray(small))
    sides = (levels[:2], levels[-2:], levels[:, :2], levels[:, -2:])
    touched = [float((side < TOUCHING).mean()) > 0.015 for side in sides]
    white = [float((side >= NEAR_WHITE).mean()) > 0.98 for side in sides]
    return any(touched) and any(white)


def _edge(pixels: Pixels) -> str:
    """Why the frame isn't white: a pale backdrop, the photo's own background, or a product that is too near."""
    width = max(2, round(0.02 * max(pixels.shape)))
    sides = [pixels[:width], pixels[-width:], pixels[:, :width], pixels[:, -width:]]
    levels = [darkest(side) for side in sides]
    ring = np.concatenate([level.ravel() for level in levels])
    if np.percentile(ring[ring < NEAR_WHITE], 20) >= 200:
        return "not_white"
    touched = sum(float((level < NEAR_WHITE).mean()) > 0.2 for level in levels)
    return "background_left" if touched >= 2 else "product_touches_edge"


def _same(before: Image.Image, after: Image.Image) -> bool:
    """Whether `after` is only `before` put in its square."""
    reduced = before.copy()
    reduced.thumbnail((MEASURED_SIDE // 2, MEASURED_SIDE // 2), Image.Resampling.BOX)
    framed = frame(reduced, Framing(size=MEASURED_SIDE // 2))
    target = _thumbnail(after)
    return any(float(np.abs(_thumbnail(one) - target).mean()) < SAME for one in (before, framed))


def _thumbnail(image: Image.Image) -> npt.NDArray[np.int16]:
    return np.asarray(image.resize((64, 64), Image.Resampling.BOX)).astype(np.int16)


def _span(product: npt.NDArray[np.bool_]) -> float:
    """Longer side of the product's box, as a share of the picture's longer side."""
    box = bounding_box(product, least=2)
    if box is None:
        return 0.0
    longer: int = max(product.shape)
    return max(box[2] - box[0], box[3] - box[1]) / longer
