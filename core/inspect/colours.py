"""Compares the colours of two products, whatever their shapes: light may change, hue may not."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.pixels import Floats, Mask

BINS = 32
#: Lab units of a and b that the histogram covers on either side of grey.
REACH = 100.0


def lab(pixels: npt.NDArray[np.uint8] | Floats) -> Floats:
    """RGB levels (h, w, 3) → L 0–100, a and b around 0."""
    scaled = np.ascontiguousarray(pixels, np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), np.float32)


def correlation(before: Floats, before_mask: Mask, after: Floats, after_mask: Mask) -> float:
    """Of the smoothed histograms of a and b inside the masks, −1 to 1."""
    one, two = _histogram(before[before_mask]), _histogram(after[after_mask])
    if not one.std() or not two.std():  # nothing to compare: no product was found in one of them
        return 0.0
    return float(np.corrcoef(one.ravel(), two.ravel())[0, 1])


def hue_shift(before: Floats, before_mask: Mask, after: Floats, after_mask: Mask) -> float:
    """How far the coloured part of the product moved in the plane of a and b, in Lab units.

    More or less saturation along the same hue, as another light gives, counts for half.
    """
    one, two = _mean_colour(before[before_mask]), _mean_colour(after[after_mask])
    moved = two - one
    length = float(np.linalg.norm(one))
    if length < 4:
        return float(np.linalg.norm(moved))
    along = one / length
    parallel = float(moved @ along)
    across = float(np.linalg.norm(moved - parallel * along))
    return float(np.hypot(across, parallel / 2))


def _mean_colour(colours: Floats) -> Floats:
    """Of the quarter with most colour: a label on a white can counts, the can's grey shading doesn't."""
    plane = colours[:, 1:]
    if not len(plane):
        return np.zeros(2, np.float32)
    chroma = np.linalg.norm(plane, axis=1)
    return np.asarray(plane[chroma >= np.percentile(chroma, 75)].mean(axis=0), np.float32)


def _histogram(colours: Floats) -> Floats:
    place = ((colours[:, 1:] + REACH) / (2 * REACH) * BINS).astype(int).clip(0, BINS - 1)
    counts = np.bincount(place[:, 0] * BINS + place[:, 1], minlength=BINS * BINS).reshape(BINS, BINS)
    return np.asarray(cv2.GaussianBlur(counts.astype(np.float32) / max(1, len(colours)), (0, 0), 1.2), np.float32)
