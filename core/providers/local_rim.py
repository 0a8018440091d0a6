"""Gives a mask its rim back where the network knows the outline better than the colours do."""

from __future__ import annotations

import numpy as np

from core.pixels import Mask
from core.providers.local_evidence import Evidence
from core.providers.local_shapes import closed, dilated, filled, parts, width

#: Intersection over union of what every look and what any look saw, and share of undecided cells: a network this much at
#: one with itself follows the outline of what it sees. What it sees may still be a shadow, or ground within.
AT_ONE, UNDECIDED = 0.94, 0.25
#: In every look: what was lost of it comes back …
SEEN = 0.8
#: … when it is no wider, in cells, lies against the mask this much, and isn't quite the colour of the ground in shadow.
WIDEST, AGAINST, LEAST_FOREIGN = 18, 0.3, 0.75


def with_rim(mask: Mask, evidence: Evidence) -> Mask:
    """`mask` (h, w) with the thin parts that colours took off it: the lit edge of a bucket in front of a lit wall."""
    if not _at_one(evidence):
        return mask
    whole, outer = mask.copy(), ~filled(mask)
    for part, _ in parts((evidence.least > SEEN) & ~mask, 4):
        foreign, shade = (float(np.median(of[part])) for of in (evidence.foreign, evidence.shade))
        beside = float(mask[dilated(part, 5) & ~part].mean())
        # Lighter than the ground around it is no shadow; enclosed, it is the ground seen through a hole.
        unlike = foreign >= LEAST_FOREIGN or (shade < 0 and float(outer[part].mean()) >= 0.5)
        if unlike and beside >= AGAINST and width(part) <= WIDEST:
            whole |= part
    return closed(whole, 3)


def _at_one(evidence: Evidence) -> bool:
    seen = max(1, int((evidence.mean > 0.5).sum()))
    common, any_look = int((evidence.least > 0.5).sum()), int((evidence.most > 0.5).sum())
    undecided = int(((evidence.mean > 0.1) & (evidence.mean < 0.9)).sum())
    return common >= AT_ONE * max(1, any_look) and undecided <= UNDECIDED * seen
