"""Shapes on masks (h, w): grown, shrunk, smoothed, in parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from core.pixels import Floats, Mask


def dilated(mask: Mask, width: int) -> Mask:
    """Grown by half of `width` cells to every side."""
    import cv2

    return np.asarray(cv2.dilate(mask.astype(np.uint8), _disc(width)), bool)


def eroded(mask: Mask, width: int) -> Mask:
    import cv2

    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(width)), bool)


def opened(mask: Mask, width: int) -> Mask:
    """Without what is thinner than `width` cells."""
    import cv2

    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _disc(width)), bool)


def closed(mask: Mask, width: int) -> Mask:
    """With gaps thinner than `width` cells filled."""
    import cv2

    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, _disc(width)), bool)


def filled(mask: Mask) -> Mask:
    """With everything that it encloses."""
    import cv2

    padded = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    cv2.floodFill(padded, None, (0, 0), 2)
    return np.asarray(padded[1:-1, 1:-1] != 2, bool)


def parts(mask: Mask, least: int) -> Iterator[tuple[Mask, int]]:
    """The connected parts of at least `least` cells, and how many they have."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        area = int(stats[label, cv2.CC_STAT_AREA])
        if area >= least:
            yield labels == label, area


def width(part: Mask) -> float:
    """Of its widest place, in cells."""
    import cv2

    return 2 * float(cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 3).max())


def smooth_where(values: Floats, where: Mask, reach: float) -> Floats:
    """The mean of `values` at the cells of `where` around each cell, weighted by a Gaussian of `reach` cells."""
    import cv2

    weights = where.astype(np.float32)
    scale = 8.0 / max(reach, 8.0)
    small = (max(1, round(values.shape[1] * scale)), max(1, round(values.shape[0] * scale)))
    over = cv2.GaussianBlur(cv2.resize(values * weights, small, interpolation=cv2.INTER_AREA), (0, 0), reach * scale)
    under = cv2.GaussianBlur(cv2.resize(weights, small, interpolation=cv2.INTER_AREA), (0, 0), reach * scale)
    total = float((values * weights).sum() / max(1.0, weights.sum()))
    mean = (over + 1e-3 * total) / (under + 1e-3)
    return np.asarray(cv2.resize(mean.astype(np.float32), values.shape[::-1]), np.float32)


def touches_border(mask: Mask) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def _disc(width: int) -> npt.NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width | 1, width | 1)), np.uint8)
