"""How a finished picture lies over its source, by whatever tells it best: drawing, then edges, then silhouettes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.inspect import alignment, masks, outline, overlay, silhouette
from core.inspect.alignment import Alignment, Keypoints
from core.inspect.thresholds import THRESHOLDS
from core.inspect.view import View
from core.pixels import Mask, darkest


@dataclass(frozen=True)
class Placement:
    alignment: Alignment | None
    mirrored: float | None  #: how much better the mirrored picture would fit, above 1 where it does


def place(before: View, described: Keypoints, likely: Callable[[], Mask], after: View, shown: Mask) -> Placement:
    """`described`: the source's keypoints. `shown`: the finished product. `likely`: where the source's may be."""
    drawn = shown & (darkest(after.pixels) < overlay.WHITE) | masks.ink(after.pixels)
    area = masks.dilated(drawn, 4)
    straight = alignment.by_keypoints(alignment.keypoints(after.grey, area), described)
    if straight is not None and straight.inliers >= alignment.ENOUGH_TO_STRETCH:
        return Placement(straight, 0.0)
    flat = np.ascontiguousarray(after.grey[:, ::-1])
    turned = alignment.by_keypoints(alignment.keypoints(flat, area[:, ::-1]), described)
    if turned is not None and turned.inliers >= alignment.ENOUGH_TO_STRETCH:
        return Placement(straight, turned.fit / (straight.fit if straight else alignment.LEAST_MATCHES))
    placed = outline.by_outline(after.pixels, drawn, before.pixels, likely())
    flat = np.ascontiguousarray(after.pixels[:, ::-1])
    turned = outline.by_outline(flat, drawn[:, ::-1], before.pixels, likely())
    ratio = None if turned is None else turned.fit / (placed.fit if placed else outline.LEAST_FIT)
    if straight is None and all(one is None or one.fit < THRESHOLDS.least_fit for one in (placed, turned)):
        laid = silhouette.by_silhouette(drawn, likely())
        if laid is not None and laid.fit >= silhouette.SAME:
            return Placement(laid, None if turned is None else turned.fit / laid.fit)
    return Placement(straight or placed, ratio)
