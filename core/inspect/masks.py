"""Where the product is, in a source and in a finished picture; and how alike the two outlines are."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from core.inspect.shadow import NEAR_WHITE
from core.pixels import NETWORK_SIDE, Box, Floats, Mask, Network, Pixels, bounding_box, darkest

MARGIN = 0.08
#: Outlines are compared at this side.
COMPARED_SIDE = 256
#: Darker than this, or more coloured, is drawn and not a shadow on white (levels 0–255).
INK_LEVEL, INK_CHROMA = 200, 26
#: Of all product pixels: smaller parts are specks.
SPECK = 0.004
#: A shadow on white is at least this light, at most this coloured, and changes no faster (levels a pixel, by Sobel).
SHADOW_LEVEL, SHADOW_CHROMA, STEEP = 196, 24, 28.0
#: Share of the product that may look like shadow inside its own outline; above it the product is pale.
PALE = 0.03
#: White inside the product: as light as this and this large, as a share of it, it is a hole.
CLEAR, HOLE = 250, 0.01


def look(image: Image.Image, box: Box, network: Network) -> Floats:
    """The network's mask for the whole of `image`, (h, w), having looked at `box` only; 0 outside it."""
    view = image.resize((NETWORK_SIDE, NETWORK_SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    seen = network(np.asarray(view))
    mask = np.zeros((image.height, image.width), np.float32)
    left, top, right, bottom = box
    mask[top:bottom, left:right] = cv2.resize(seen, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    return mask


def on_white(pixels: Pixels) -> Floats:
    """The product of a finished picture, (h, w) 0–1: whatever stands out from the white that reaches the frame.

    A soft shadow is ground, unless the product itself is as pale as one.
    """
    red, green, blue = cv2.split(pixels)
    darkest, lightest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    plain = _reached(darkest >= NEAR_WHITE)
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float32)
    steep = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    soft = (darkest >= SHADOW_LEVEL) & (cv2.subtract(lightest, darkest) <= SHADOW_CHROMA) & (steep < STEEP)
    ground = _reached((darkest >= NEAR_WHITE) | soft)
    shaded = eroded(ground & ~plain, 3)
    solid = ~ground
    if (shaded & _hull(solid)).sum() > PALE * max(1, int(solid.sum())):
        ground = plain
    holes = (darkest >= CLEAR) & ~ground
    _, parts, stats, _ = cv2.connectedComponentsWithStats(holes.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] > HOLE * max(1, int((~ground).sum()))
    large[0] = False
    product = (~ground & ~large[parts]).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(product)
    kept = stats[:, cv2.CC_STAT_AREA] >= SPECK / 4 * max(1, int(product.sum()))
    kept[0] = False
    return np.asarray(cv2.GaussianBlur(kept[parts].astype(np.float32), (0, 0), 1.0), np.float32)


def _reached(light: Mask) -> Mask:
    """The parts of `light` that touch the frame."""
    _, parts = cv2.connectedComponents(light.astype(np.uint8), connectivity=4)
    touching = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    return np.asarray(np.isin(parts, touching[touching > 0]), bool)


def _hull(mask: Mask) -> Mask:
    points = cv2.findNonZero(mask.astype(np.uint8))
    filled = np.zeros(mask.shape, np.uint8)
    if points is not None:
        cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled.astype(bool)


def ink(pixels: Pixels) -> Mask:
    """What is drawn on the white of a finished picture, without its shadows. (h, w, 3) → (h, w)."""
    red, green, blue = cv2.split(pixels)
    darkest, lightest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return np.asarray((darkest < INK_LEVEL) | (lightest - darkest > INK_CHROMA), bool)


def shown(pixels: Pixels) -> Box:
    """The box of whatever isn't white."""
    box = bounding_box(ink(pixels), least=2)
    weak = bounding_box(darkest(pixels) < 245, least=2)
    if weak is None:
        return 0, 0, pixels.shape[1], pixels.shape[0]
    # A white product is little else than weak edges.
    return weak if box is None or _area(box) < 0.4 * _area(weak) else box


def widened(box: Box, size: tuple[int, int], share: float = MARGIN) -> Box:
    """`box` with a margin, and not too far from square: the network stretches what it sees to a square."""
    left, top, right, bottom = box
    margin = share * max(right - left, bottom - top)
    wide = max(0.0, 0.5 * (bottom - top) - (right - left)) / 2 + margin
    high = max(0.0, 0.5 * (right - left) - (bottom - top)) / 2 + margin
    width, height = size
    left, top = max(0, round(left - wide)), max(0, round(top - high))
    right, bottom = min(width, round(right + wide)), min(height, round(bottom + high))
    return min(left, width - 2), min(top, height - 2), max(right, left + 2), max(bottom, top + 2)


def likeness(before: Mask, after: Mask) -> tuple[float, float]:
    """Intersection over union of the two outlines put into one square each, and their boxes' proportions.

    The second is width ÷ height of `after` over that of `before`.
    """
    boxes = [bounding_box(mask, least=2) for mask in (before, after)]
    first, second = boxes
    if first is None or second is None:
        return 0.0, 0.0
    one, two = (_squared(mask, box) for mask, box in ((before, first), (after, second)))
    union = int((one | two).sum())
    aspects = [(box[2] - box[0]) / (box[3] - box[1]) for box in (first, second)]
    return int((one & two).sum()) / max(1, union), aspects[1] / aspects[0]


def pieces(mask: Mask) -> int:
    """How many separate parts are on `mask`, specks aside."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    sizes = stats[1:, cv2.CC_STAT_AREA]
    return int((sizes > SPECK * max(1, int(mask.sum()))).sum())


def largest(mask: Mask) -> int:
    """Pixels of the largest connected part."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))


def eroded(mask: Mask, radius: int) -> Mask:
    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(radius), borderValue=0), bool)


def dilated(mask: Mask, radius: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), _disc(radius)), bool)


def _disc(radius: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _squared(mask: Mask, box: Box) -> Mask:
    """The part in `box`, its longer side `COMPARED_SIDE`, in the middle of a square."""
    left, top, right, bottom = box
    scale = COMPARED_SIDE / max(right - left, bottom - top)
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    part = cv2.resize(mask[top:bottom, left:right].astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    square = np.zeros((COMPARED_SIDE, COMPARED_SIDE), bool)
    x, y = (COMPARED_SIDE - width) // 2, (COMPARED_SIDE - height) // 2
    square[y : y + height, x : x + width] = part > 0.5
    return square


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
