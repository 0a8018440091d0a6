"""Whether a finished product is edged all around with something that isn't its own: a rest of its old background."""

from __future__ import annotations

import cv2
import numpy as np

from core.inspect import colours
from core.pixels import Floats, Mask

#: How deep below the outline the rim lies, and what is compared with it, in cells.
RIM, WITHIN = (1.0, 4.5), (8.0, 14.0)
#: Of a product thinner than that: what lies deeper than this share of its greatest depth.
DEEP = 0.6
#: Lab units within which colours are the same; how much lightness counts in that.
SAME, LIGHTNESS = 8.0, 0.5


def halo(picture: Floats, product: Mask) -> float:
    """How much more of one single colour the rim is than what lies within it, 0–1: a fringe is the same all around.

    A product in one colour is the same in both; one in many has many at its rim too.
    """
    depth = cv2.distanceTransform(product.astype(np.uint8), cv2.DIST_L2, 5)
    rim, within = (depth > RIM[0]) & (depth <= RIM[1]), (depth > WITHIN[0]) & (depth <= WITHIN[1])
    if within.sum() < 0.2 * rim.sum():
        within = depth > DEEP * depth.max()
    if not rim.any() or not within.any():
        return 0.0
    seen = colours.lab(cv2.GaussianBlur(picture, (0, 0), 0.8)) * np.array([LIGHTNESS, 1, 1], np.float32)
    outer, inner = seen[rim], seen[within]
    tone = np.median(outer, axis=0)
    alike, beyond = (float((np.linalg.norm(cells - tone, axis=1) < SAME).mean()) for cells in (outer, inner))
    return max(0.0, alike - beyond)
