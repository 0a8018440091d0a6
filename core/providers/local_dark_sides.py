"""Gives a product its dark side back, which faces its own shadow and is hardly of other colours.

Polished steel mirrors the table it lies on. What tells its dark side from a shadow is where it lies: a shadow ends at lit
ground, a dark side at the shadow. That borders on it, and on the lit side, in edges.
"""

from __future__ import annotations

import numpy as np

from core.pixels import Floats, Mask, Pixels
from core.providers import local_ground as ground
from core.providers.local_evidence import Evidence
from core.providers.local_shapes import dilated, eroded, opened, parts, width

#: Logarithm of missing light from which ground is in shadow; below `LIT` it is in none.
SHADED, LIT = 0.3, 0.25
#: A shadow is known from this many cells, if it is at least this deep at its darkest …
KNOWN, DEEP = 2000, 0.8
#: … and this many deviations from it, and from the ground, is something else, if the network saw some of it.
UNLIKE, FOREIGN, SEEN = 1.6, 0.8, 0.3
#: Cells across the widest side that is told by its colours, and across one that is told by its edges.
NARROW, WIDE = 20, 60


def with_dark_side(mask: Mask, pixels: Pixels, evidence: Evidence) -> Mask:
    """`mask` (h, w) of `pixels` with what was taken for a shadow and lies within it, not at its end."""
    import cv2

    features = ground.features(cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), 0.8))
    whole = mask.copy()
    for part, _ in parts(_unlike_shadow(mask, features, evidence), 6):
        beside = float(mask[dilated(part, 5) & ~part].mean())
        if beside > 0.25 and width(part) < NARROW and _within_shadow(part, mask, evidence, 3, 0.3, 0.6):
            whole |= part
    sided = whole.copy()
    for part, _ in parts(_up_to_edges(whole, features, evidence), 20):
        if width(part) <= WIDE and _within_shadow(part, whole, evidence, 5, 0.2, 0.0):
            sided |= part
    return sided


def _unlike_shadow(mask: Mask, features: Floats, evidence: Evidence) -> Mask:
    """What differs from the shadows that the network doesn't take for product."""
    shadow = (evidence.mean < 0.5) & (evidence.shade > SHADED) & (evidence.same_tint > 0.5) & (evidence.foreign < 2)
    shadow = eroded(shadow, 3)
    if shadow.sum() < KNOWN or np.percentile(evidence.shade[shadow], 95) < DEEP:
        return np.zeros_like(mask)
    unlike = (ground.distance(features, shadow, shade=0.1) > UNLIKE) & (evidence.foreign > FOREIGN)
    return opened(unlike & (evidence.mean > SEEN) & (evidence.shade > 0.2) & ~mask & dilated(mask, 25), 3)


def _up_to_edges(mask: Mask, features: Floats, evidence: Evidence) -> Mask:
    """What was seen around `mask`, up to the strongest edges between it and what was not (watershed)."""
    import cv2

    tints = (128 + 60 * features[..., 1:]).clip(0, 255)
    levels = np.dstack([((features[..., 0] + 5.5) * 44).clip(0, 255), tints]).astype(np.uint8)
    sides = np.where(mask, 1, np.where(evidence.least < SEEN, 2, 0)).astype(np.int32)
    found = cv2.watershed(levels, sides) == 1
    seen = (evidence.least > SEEN) & (evidence.shade > SHADED) & (evidence.foreign < 3)
    return opened(found & seen & ~mask, 3)


def _within_shadow(part: Mask, mask: Mask, evidence: Evidence, gap: int, lit: float, darker: float) -> bool:
    """Whether shadow lies around it, `gap` / 2 cells off, rather than ground in the light; and it is the darker side."""
    around = dilated(part, 2 * gap + 3) & ~dilated(part, gap) & ~dilated(mask, gap)
    beside = mask & dilated(part, 15)
    if around.sum() < 10 or beside.sum() < 5:
        return False
    in_light = float((evidence.shade[around] < LIT).mean())
    return in_light < lit and float(np.median(evidence.shade[part]) - np.median(evidence.shade[beside])) >= darker
