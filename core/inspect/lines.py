"""Where lines of text stand in two pictures: which are the same, and how each looks laid flat.

Corners are (4, 2), x and y in pixels of the source, clockwise from the text's own top left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.inspect.alignment import Map
from core.pixels import Box, Floats, Pixels

#: Height of a line laid flat to be read, and to be compared.
LINE, LETTER = 48, 32
#: Intersection over union of the same line found twice, and share of a line that a larger one covers.
SAME_PLACE, COVERED = 0.6, 0.6
#: A neighbourhood whose levels vary less than this (0–255) has no lettering in it.
PLAIN = 10.0
#: Pixels of the least box that is looked at.
LEAST_BOX = 8


@dataclass(frozen=True)
class Place:
    """Where text stands: corners (4, 2) in pixels of the source, as either picture shows it."""

    before: Floats
    after: Floats
    found_before: bool
    found_after: bool

    @property
    def height(self) -> float:
        return min(size(self.before)[1], size(self.after)[1])


def pair_up(ours: Sequence[Floats], theirs: Sequence[Floats]) -> Iterator[Place]:
    """Each line of the source with the same line of the finished picture, where it was found there; then the rest.

    A line that was found in parts, or in one picture only, is looked at in its very place in both.
    """
    left = list(theirs)
    for line in ours:
        same = max(left, key=lambda other: _overlap(line, other), default=None)
        if same is not None and _overlap(line, same) > SAME_PLACE:
            left = [other for other in left if other is not same]
            yield Place(line, same, True, True)
        else:
            yield Place(line, line, True, any(covers(other, line) for other in theirs))
    for line in left:
        yield Place(line, line, any(covers(other, line) for other in ours), True)


def _overlap(one: Floats, two: Floats) -> float:
    """Intersection over union."""
    common = _common(one, two)
    return common / max(cv2.contourArea(cv2.convexHull(one)) + cv2.contourArea(cv2.convexHull(two)) - common, 1e-6)


def covers(larger: Floats, line: Floats) -> bool:
    """Whether most of `line` lies on `larger`."""
    return _common(larger, line) > COVERED * float(cv2.contourArea(cv2.convexHull(line)))


def _common(one: Floats, two: Floats) -> float:
    area, _ = cv2.intersectConvexConvex(cv2.convexHull(one), cv2.convexHull(two))
    return float(area)


def laid_flat(corners: Floats, picture: Pixels, movement: Map | None) -> Pixels:
    """The rectangle `corners` as one upright line, `LINE` high. `movement`: points of `picture` to those of the source."""
    wide, high = size(corners)
    width = int(np.clip(LINE * wide / max(high, 1.0), 16, 1200))
    if movement is not None:
        corners = moved(corners, cv2.invertAffineTransform(movement))
        high = size(corners)[1]
    target = np.array([[0, 0], [width, 0], [0, LINE]], np.float32)
    view = cv2.getAffineTransform(corners[[0, 1, 3]].astype(np.float32), target)
    if high > 1.5 * LINE:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 * high / LINE)
    line = cv2.warpAffine(picture, view, (width, LINE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, np.uint8)


def padded(corners: Floats, share: float) -> Floats:
    """Wider on all sides, by a share of the line's height."""
    wide, high = size(corners)
    along = (corners[1] - corners[0]) / max(wide, 1e-6) * share * high
    across = (corners[3] - corners[0]) * share
    return np.asarray(
        corners + np.array([-along - across, along - across, along + across, across - along], np.float32), np.float32
    )


def size(corners: Floats) -> tuple[float, float]:
    """Along the text, and across."""
    return float(np.linalg.norm(corners[1] - corners[0])), float(np.linalg.norm(corners[3] - corners[0]))


def likeness(before: Pixels, after: Pixels) -> float:
    """Of the least alike stretch of about one letter; each at its best of small shifts. −1 to 1."""
    width = max(8, round(before.shape[1] * LETTER / LINE))
    one, two = (_grey(patch, width) for patch in (before, after))
    window = (max(3, LETTER // 2 | 1), LETTER - 7 | 1)
    best = np.full(one.shape, -1, np.float32)
    mean_one, mean_two = (cv2.blur(values, window) for values in (one, two))
    spread_one = np.sqrt((cv2.blur(one * one, window) - mean_one**2).clip(0))
    for x in range(-3, 4):
        for y in range(-3, 4):
            other = np.roll(two, (y, x), (0, 1))
            mean = np.roll(mean_two, (y, x), (0, 1))
            spread = np.sqrt((cv2.blur(other * other, window) - mean**2).clip(0))
            common = cv2.blur(one * other, window) - mean_one * mean
            np.maximum(best, common / (spread_one * spread + 4.0), out=best)
    spread_two = np.sqrt((cv2.blur(two * two, window) - mean_two**2).clip(0))
    drawn = np.maximum(spread_one, spread_two) > PLAIN
    middle = slice(LETTER // 2 - 3, LETTER // 2 + 4)
    seen = best[middle][drawn[middle]]
    return float(np.percentile(seen, 2)) if seen.size else 1.0


def _grey(patch: Pixels, width: int) -> Floats:
    grey = cv2.resize(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), (width, LETTER), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.8), np.float32)


def moved(points: Floats, movement: Map) -> Floats:
    return np.asarray(points @ movement[:, :2].T + movement[:, 2], np.float32)


def around(lines: Sequence[Floats], limits: Box) -> Box:
    """The box of all lines, with room for two more below and above."""
    height = float(np.median([size(corners)[1] for corners in lines]))
    points = np.concatenate(lines)
    return within(np.array([points.min(axis=0) - 2 * height, points.max(axis=0) + 2 * height], np.float32), limits)


def within(points: Floats, limits: Box) -> Box:
    """The box of the points, inside `limits`; at least a corner of those when it lies beyond."""
    low, high = points.min(axis=0), points.max(axis=0)
    left, top = (int(np.clip(low[axis], limits[axis], limits[axis + 2] - LEAST_BOX)) for axis in (0, 1))
    right, bottom = (
        int(np.clip(high[axis], start + LEAST_BOX, limits[axis + 2])) for axis, start in enumerate((left, top))
    )
    return max(left, 0), max(top, 0), right, bottom


def corners_of(box: Box) -> Floats:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
