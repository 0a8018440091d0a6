"""Lays a product over its source by the two silhouettes alone: where edges mislead, as on grained wood beside thin pieces.

Masks are (h, w); maps as in `alignment`.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.inspect.alignment import Alignment, Map, plausible, square, stretch
from core.pixels import Floats, Mask

#: Longer side at which masks are laid over each other, and how soft their edges are, in pixels.
SIDE, SOFT = 200, 2.0
#: Correlation from which two silhouettes are the same: not every box is that much like another.
SAME = 0.9


def by_silhouette(after: Mask, before: Mask) -> Alignment | None:
    """Centre onto centre, then moved until most of both is common; None where nothing is to be moved."""
    start = _box_onto_box(after, before)
    if start is None:
        return None
    (one, shrunk), (two, reduced) = _soft(after), _soft(before)
    down, up = np.diag([reduced, reduced, 1.0]), np.diag([1 / shrunk, 1 / shrunk, 1.0])
    guess = (down @ square(start) @ up)[:2].astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-4)
    try:
        fit, moved = cv2.findTransformECC(one, two, guess, cv2.MOTION_AFFINE, criteria, None, 5)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise
        return None
    placed = (np.linalg.inv(down) @ square(moved.astype(np.float64)) @ np.linalg.inv(up))[:2]
    return Alignment(placed, "silhouette", stretch(placed), 0, float(fit)) if plausible(placed) else None


def _soft(mask: Mask) -> tuple[Floats, float]:
    scale = SIDE / max(mask.shape)
    small = cv2.resize(mask.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), SOFT), np.float32), scale


def _box_onto_box(after: Mask, before: Mask) -> Map | None:
    """With one scale for both directions."""
    a, b = cv2.boundingRect(after.astype(np.uint8)), cv2.boundingRect(before.astype(np.uint8))
    if not a[2] or not b[2]:
        return None
    scale = float(np.sqrt(b[2] * b[3] / (a[2] * a[3])))
    x, y = b[0] + b[2] / 2 - scale * (a[0] + a[2] / 2), b[1] + b[3] / 2 - scale * (a[1] + a[3] / 2)
    return np.array([[scale, 0, x], [0, scale, y]])
