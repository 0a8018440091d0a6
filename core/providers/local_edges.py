"""Pulls the outline of a mask onto the edges of the photo."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.pixels import Mask, bounding_box
from core.providers.local_shapes import closed, dilated, eroded, opened, parts

#: Cells to both sides of the outline that may change hands.
BAND = 5
ROUNDS = 2
#: Colours that take more than this away don't mend an outline: they have taken a thin product for ground.
LEAST_KEPT = 0.9


def snapped(mask: Mask, pixels: npt.NDArray[np.uint8], never: Mask, seen: Mask) -> Mask:
    """`mask` (h, w) with its outline at most BAND cells elsewhere, by colours inside and outside (GrabCut).

    What is `never` product stays out: a shadow looks more like a dark product than like the ground. What was `seen` and
    would be lost in one piece stays: an outline is mended here, not a part removed.
    """
    import cv2

    found = bounding_box(mask)
    if found is None:
        return mask
    room = 4 * BAND
    window = (
        slice(max(0, found[1] - room), found[3] + room),
        slice(max(0, found[0] - room), found[2] + room),
    )
    inner, view = mask[window], np.ascontiguousarray(pixels[window])
    inside, near = eroded(inner, 2 * BAND), dilated(inner, 2 * BAND)
    # What is thin has no inside: there only the outermost cells may go.
    thin = eroded(inner, 3) & ~dilated(opened(inner, 3 * BAND), 5)
    if inside.sum() < 100 or (~near).sum() < 100:
        return mask
    labels = np.where(inner, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inside | thin] = cv2.GC_FGD
    labels[~near | (never[window] & ~inner)] = cv2.GC_BGD
    cv2.setRNGSeed(1)
    cv2.grabCut(view, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    mended = mask.copy()
    mended[window] = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if mended.sum() < LEAST_KEPT * mask.sum():
        return mask
    for part, area in parts(opened(mask & seen & ~mended, 3), 1):
        if area > 0.004 * mask.sum():
            mended |= dilated(part, 3) & mask
    return _without_crumbs(closed(mended, 3))


def _without_crumbs(mask: Mask) -> Mask:
    """Without the bits of ground that cling to an outline; a cable, too thin to be part of the body, is longer."""
    smooth = mask.copy()
    for part, area in parts(mask & ~opened(mask, 5), 1):
        if area < 60:
            smooth &= ~part
    return smooth
