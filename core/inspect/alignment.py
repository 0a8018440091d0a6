"""Lays a finished picture over its source by what is drawn on the product (`outline` is for what has little on it).

A map takes points of the finished picture to points of the source: x' = M · (x, y, 1), M of shape (2, 3), float64.
Both pictures are grey, (h, w), levels 0–255, at most 800 pixels on the longer side.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.pixels import bounding_box

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Map = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]

MOST_KEYPOINTS = 1500
#: Pixels around what is looked at, for the keypoints at its rim.
AROUND = 24
#: Lowe's ratio: the best match must be this much nearer than the second.
DISTINCT = 0.8
#: Pixels a match may lie off the common movement.
SLACK = 3.0
LEAST_MATCHES = 10
#: From here on matches tell a stretch from a turn; fewer only place, turn and scale.
ENOUGH_TO_STRETCH = 24
MOST_SCALE = 6.0


@dataclass(frozen=True)
class Keypoints:
    at: Points  #: (n, 2)
    described: Points  #: (n, 128)

    def within(self, mask: Mask) -> npt.NDArray[np.bool_]:
        """Which of them lie on `mask`."""
        x, y = self.at.round().astype(int).T
        inside: npt.NDArray[np.bool_] = mask[y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)]
        return inside


@dataclass(frozen=True)
class Alignment:
    map: Map
    how: str  #: `keypoints` | `outline` | `silhouette`
    stretch: float
    inliers: int
    fit: float  #: matches that agree, or correlation of the edges or silhouettes: more is better, of the same `how`


def keypoints(grey: Grey, mask: Mask | None = None) -> Keypoints:
    """SIFT's; those on `mask` where it is given."""
    sift = cv2.SIFT.create(nfeatures=MOST_KEYPOINTS, contrastThreshold=0.03)
    left, top, right, bottom = (0, 0, *grey.shape[::-1])
    if mask is not None and (box := bounding_box(mask)) is not None:
        left, top = max(0, box[0] - AROUND), max(0, box[1] - AROUND)
        right, bottom = box[2] + AROUND, box[3] + AROUND
    part = np.s_[top:bottom, left:right]
    found, described = sift.detectAndCompute(grey[part], None if mask is None else mask[part].astype(np.uint8))
    if described is None:
        return Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    at = np.array([one.pt for one in found], np.float32) + np.array([left, top], np.float32)
    return Keypoints(at, np.asarray(described, np.float32))


def by_keypoints(after: Keypoints, before: Keypoints) -> Alignment | None:
    """The movement most matches agree on; None when too few do."""
    if len(after.at) < LEAST_MATCHES or len(before.at) < LEAST_MATCHES:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(after.described, before.described, k=2)
    good = [best for best, second in pairs if best.distance < DISTINCT * second.distance]
    if len(good) < LEAST_MATCHES:
        return None
    start = after.at[[match.queryIdx for match in good]]
    end = before.at[[match.trainIdx for match in good]]
    cv2.setRNGSeed(7)
    placed, kept = cv2.estimateAffinePartial2D(start, end, ransacReprojThreshold=SLACK, maxIters=4000)
    loose, held = cv2.estimateAffine2D(start, end, ransacReprojThreshold=SLACK, maxIters=4000)
    if held is not None and held.sum() >= ENOUGH_TO_STRETCH and (kept is None or held.sum() >= kept.sum()):
        placed, kept = loose, held
    if placed is None or kept.sum() < LEAST_MATCHES or not plausible(placed):
        return None
    inside = kept.ravel().astype(bool)
    count = len(np.unique(end[inside].round(), axis=0))
    if count < LEAST_MATCHES:
        return None
    return Alignment(placed, "keypoints", stretch(placed), count, float(count))


def scaled(movement: Map, after: float, before: float) -> Map:
    """A map between two pictures as one between the same two, so many times as large."""
    large = np.diag([before, before, 1.0]) @ square(movement) @ np.diag([1 / after, 1 / after, 1.0])
    return np.asarray(large[:2])


def stretch(movement: Map) -> float:
    """Longer ÷ shorter axis of what the map makes of a circle."""
    longer, shorter = np.linalg.svd(movement[:, :2], compute_uv=False)
    return float(longer / max(shorter, 1e-9))


def square(movement: Map) -> npt.NDArray[np.float64]:
    return np.vstack([movement, [0.0, 0.0, 1.0]])


def plausible(movement: Map) -> bool:
    determinant = float(np.linalg.det(movement[:, :2]))
    return 1 / MOST_SCALE**2 < determinant < MOST_SCALE**2 and stretch(movement) < 2.5
