"""A source's product and a finished picture's on one grid, cell on cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from core.inspect import masks
from core.inspect.alignment import Map
from core.pixels import Floats, Mask, bounding_box, darkest

#: Longer side of the grid, in cells; and how many cells a pixel of a small product may become.
GRID, MOST_ENLARGED = 480, 1.6
#: How smoothly one product may be bent onto the other, and how far, in cells.
BEND, FURTHEST = 12.0, 10.0
#: Levels (0–255): as white as the ground; and too dark or coloured to have become so by the light alone.
WHITE, DULL = 246, 190
#: Cells from the outline within which a picture is half its old background.
RIM = 5


@dataclass(frozen=True)
class Overlay:
    """RGB (h, w, 3) float levels, masks (h, w) 0–1."""

    before: Floats
    after: Floats
    before_mask: Floats
    after_mask: Floats

    @cached_property
    def area(self) -> int:
        """Cells of the product, whichever of the masks holds more of it."""
        return max(1, int((self.before_mask > 0.5).sum()), int((self.after_mask > 0.5).sum()))

    @cached_property
    def both(self) -> Mask:
        return (self.before_mask > 0.5) & (self.after_mask > 0.5)

    @cached_property
    def cleared(self) -> Mask:
        """White in the finished picture, what no light would have made white in the source: ground, or a loss."""
        inside = self.both if self.both.sum() > 0.2 * self.area else self.after_mask > 0.5
        lit = self.before
        if inside.any():
            ratio = np.median(self.after[inside], axis=0) / np.maximum(np.median(self.before[inside], axis=0), 8)
            lit = lit * np.clip(ratio, 0.8, 1.4).astype(np.float32)
        cleared: Mask = (darkest(self.after) >= WHITE) & (darkest(lit) < DULL)
        return cleared

    @cached_property
    def core(self) -> Mask:
        """The finished product without its rim, and without the ground seen through its holes."""
        holes = masks.eroded(self.cleared, 1)
        return masks.eroded(self.after_mask > 0.5, RIM) & ~masks.dilated(holes, RIM + 1)


def lay(before: Floats, before_mask: Floats, after: Floats, after_mask: Floats, movement: Map) -> Overlay:
    """`movement` takes points of `after` to points of `before`."""
    height, width = before.shape[:2]
    there = cv2.warpAffine(after_mask, movement, (width, height)) > 0.5
    drawn = cv2.warpAffine(masks.ink(after.astype(np.uint8)).astype(np.float32), movement, (width, height)) > 0.5
    box = bounding_box(there | drawn | (before_mask > 0.5), least=1) or (0, 0, width, height)
    left, top, right, bottom = masks.widened(box, (width, height), 0.06)
    scale = min(GRID / max(right - left, bottom - top), MOST_ENLARGED)
    view = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    moved = view @ np.vstack([movement, [0, 0, 1]])
    size = (round((right - left) * scale), round((bottom - top) * scale))
    return _settled(
        Overlay(
            _warped(before, view, size, None),
            _warped(after, moved, size, (255, 255, 255)),
            _warped(before_mask, view, size, None),
            _warped(after_mask, moved, size, (0, 0, 0)),
        )
    )


def _settled(pair: Overlay) -> Overlay:
    """`after` bent a little, smoothly, onto `before`: seen from a slightly other angle a deep product doesn't fit flatly."""
    inside = masks.dilated(pair.after_mask > 0.5, 2)
    alone = np.where(inside[..., None], pair.before, np.float32(255))
    one, two = (
        cv2.cvtColor(picture.clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY) for picture in (alone, pair.after)
    )
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(one, two, None)
    weight = inside.astype(np.float32)[..., None]
    near = cv2.GaussianBlur(weight, (0, 0), BEND)[..., None] + np.float32(1e-3)
    bend = (cv2.GaussianBlur(flow * weight, (0, 0), BEND) / near).clip(-FURTHEST, FURTHEST)
    y, x = np.mgrid[: one.shape[0], : one.shape[1]].astype(np.float32)
    at = (x + bend[..., 0], y + bend[..., 1])
    after = cv2.remap(pair.after, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255))
    mask = cv2.remap(pair.after_mask, *at, cv2.INTER_LINEAR)
    return Overlay(pair.before, np.asarray(after, np.float32), pair.before_mask, np.asarray(mask, np.float32))


def _warped(picture: Floats, movement: Map, size: tuple[int, int], ground: tuple[int, int, int] | None) -> Floats:
    """Resampled without aliasing; outside it `ground`, or its border repeated."""
    shrink = float(np.sqrt(abs(np.linalg.det(movement[:, :2]))))
    if shrink < 0.7:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.35 / shrink), np.float32)
    edge = cv2.BORDER_REPLICATE if ground is None else cv2.BORDER_CONSTANT
    warped = cv2.warpAffine(picture, movement, size, flags=cv2.INTER_LINEAR, borderMode=edge, borderValue=ground or 0)
    return np.asarray(warped, np.float32)
