"""Joins the pieces of a mask by what lies between them: the middle of a cable that only one look saw."""

from __future__ import annotations

import numpy as np

from core.pixels import Mask
from core.providers.local_evidence import Evidence
from core.providers.local_pieces import SPECK
from core.providers.local_shapes import closed, dilated, parts, touches_border, width

#: Seen this much, this many deviations from the ground, and at most so many cells wide: a broader link is a shadow.
SEEN, FOREIGN, NARROW = 0.3, 0.9, 14


def linked(mask: Mask, evidence: Evidence) -> Mask:
    """`mask` (h, w) with the narrow links between its larger parts."""
    found = list(parts(mask, 1))
    least = SPECK * max((area for _, area in found), default=0)
    pieces = [part for part, area in found if area > least]
    large = np.any(pieces, axis=0) if pieces else np.zeros_like(mask)
    between = (mask | ((evidence.seen > SEEN) & (evidence.foreign > FOREIGN))) & ~large
    whole = mask.copy()
    for link, _ in parts(between, 15):
        near = dilated(link, 5)
        joins = sum(bool((near & piece).any()) for piece in pieces) > 1
        if joins and width(link) <= NARROW and not touches_border(link):
            whole |= link
    return closed(whole, 3) if whole.sum() > mask.sum() else mask
