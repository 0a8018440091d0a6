"""Gives a mask back the thin parts along its outline that its background's colours took off it."""

from __future__ import annotations

import numpy as np

from core.pixels import Mask
from core.providers.local_evidence import Evidence
from core.providers.local_shapes import closed, dilated, filled, parts, width

#: Intersection over union of what every look and what any look saw, and share of undecided cells: a network this much at
#: one with itself follows the outline of what it sees. What it sees may still be a shadow, or ground within.
AT_ONE, UNDECIDED = 0.94, 0.25
#: Then what every look saw comes back unless it has the ground's colours in shadow; else what was rather seen, and has
#: clearly other ones.
SEEN, LEAST_FOREIGN = 0.8, 0.75
RATHER_SEEN, CLEARLY_FOREIGN = 0.5, 1.4
#: No wider than this, in cells, and lying against the mask this much.
WIDEST, AGAINST = 16, 0.3


def with_rim(mask: Mask, evidence: Evidence) -> Mask:
    """`mask` (h, w) with what is thin, seen and not of the ground: the lit edge of a bucket, the dark side of a shaft."""
    at_one = _at_one(evidence)
    if at_one:
        lost, least = (evidence.least > SEEN) & ~mask, LEAST_FOREIGN
    else:
        lost = (evidence.mean > RATHER_SEEN) & (evidence.foreign > 0.75 * CLEARLY_FOREIGN) & ~mask
        least = CLEARLY_FOREIGN
    whole, outer = mask.copy(), ~filled(mask)
    for part, _ in parts(lost, 5):
        foreign, shade = (float(np.median(of[part])) for of in (evidence.foreign, evidence.shade))
        # Lighter than the ground around it is no shadow; enclosed, it is the ground seen through a hole.
        lit = at_one and shade < 0 and float(outer[part].mean()) >= 0.5
        beside = float(mask[dilated(part, 5) & ~part].mean())
        if (foreign >= least or lit) and beside >= AGAINST and width(part) <= WIDEST:
            whole |= part
    return closed(whole, 3)


def _at_one(evidence: Evidence) -> bool:
    seen = max(1, int((evidence.mean > 0.5).sum()))
    common, any_look = int((evidence.least > 0.5).sum()), int((evidence.most > 0.5).sum())
    undecided = int(((evidence.mean > 0.1) & (evidence.mean < 0.9)).sum())
    return common >= AT_ONE * max(1, any_look) and undecided <= UNDECIDED * seen
