"""Lays a product with little drawn on it over its source: by its edges and its colours, upright, at any size.

Pictures are RGB (h, w, 3), masks (h, w); maps as in `alignment`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.inspect.alignment import Alignment, Map, plausible, square, stretch
from core.inspect.colours import lab
from core.inspect.silhouette import SAME, by_silhouette
from core.pixels import Floats, Mask, Pixels

#: Longer side of the photo in which a product is sought, in pixels.
SEARCH_SIDE = 224
#: Of the product that is laid over it, at first and in the end; and the angles it is tried at, in degrees.
ROUGH_SIDE, FINE_SIDE = 96, 208
ROLLS = (-3.0, 0.0, 3.0)
#: Sizes at which it is sought, as shares of the photo's longer side.
SHARES = tuple(0.2 * 1.13**step for step in range(14))
#: How many of the places found are tried in earnest.
TRIED = 2
#: Correlation of edges under which two pictures have nothing in common.
LEAST_FIT = 0.2
#: And from which no better place is sought, where the silhouettes agree as well.
CERTAIN = 0.6
#: Lab units: places whose colours are this far off count for a third.
OFF_COLOUR = 14.0
#: A small product fits somewhere by chance more easily than a large one: its score counts for size to this power.
SIZE_BIAS = 0.3
#: Weight of lightness beside colour: light may have changed.
LIGHTNESS = 0.3


def by_outline(after: Pixels, shape: Mask, before: Pixels, likely: Mask) -> Alignment | None:
    """Where in the source the product fits best, moved until the edges agree (enhanced correlation); None if nowhere.

    `likely`: where the source's product may be, the first place to start from.
    """
    laid = by_silhouette(shape, likely)
    near = None if laid is None else _settled(laid.map, after, shape, before, FINE_SIDE)
    if laid is not None and near is not None and laid.fit >= SAME and near.fit >= CERTAIN:
        return near
    starts = _places(after, shape, before)
    middle = np.array(np.nonzero(shape)).mean(axis=1)[::-1] if shape.any() else np.zeros(2)
    rough = [
        _settled(_rolled(start, angle, middle), after, shape, before, ROUGH_SIDE) for start in starts for angle in ROLLS
    ]

    def worth(found: Alignment) -> float:
        # A stretch explains too much: without need it isn't believed.
        likely = found.fit / found.stretch * _size(found.map) ** SIZE_BIAS
        return float(likely * _colours_agree(found.map, after, shape, before))

    best = sorted((one for one in rough if one is not None), key=worth)[-TRIED:]
    fine = [_settled(one.map, after, shape, before, FINE_SIDE) or one for one in best]
    return max([*fine, *([] if near is None else [near])], key=worth, default=None)


def _rolled(movement: Map, degrees: float, middle: npt.NDArray[np.float64]) -> Map:
    """The same, the product turned about its `middle`."""
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), degrees, 1.0)
    return np.asarray((square(movement) @ square(turn))[:2])


def _places(after: Pixels, shape: Mask, before: Pixels) -> list[Map]:
    """The most promising, by trying the product's edges at every size and place on a coarse grid."""
    left, top, wide, high = cv2.boundingRect(shape.astype(np.uint8))
    if not wide:
        return []
    coarse = SEARCH_SIDE / max(before.shape[:2])
    where = _edges(cv2.resize(before, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA))
    part, area = after[top : top + high, left : left + wide], shape[top : top + high, left : left + wide]
    found: list[tuple[float, Map]] = []
    for share in SHARES:
        scale = share * SEARCH_SIDE / max(wide, high)
        size = (max(4, round(wide * scale)), max(4, round(high * scale)))
        if size[0] > where.shape[1] or size[1] > where.shape[0]:
            continue
        product = _edges(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        seen = cv2.dilate(cv2.resize(area.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.ones((3, 3)))
        mask = (seen > 0.4).astype(np.float32)
        fits = cv2.matchTemplate(where, product, cv2.TM_CCOEFF_NORMED, mask=mask)
        # Where the photo is flat the correlation of nothing with something is anything.
        steepness = cv2.matchTemplate(where, mask, cv2.TM_CCORR) / max(float(mask.sum()), 1)
        fits[~np.isfinite(fits) | (fits > 1) | (steepness < 0.4 * float(product[mask > 0].mean()))] = -1
        _, fit, _, (x, y) = cv2.minMaxLoc(fits)
        place = np.array([[scale, 0, x - left * scale], [0, scale, y - top * scale]]) / coarse
        if fit > 0:
            found.append((fit * share**SIZE_BIAS * _colours_agree(place, after, shape, before), place))
    found.sort(key=lambda one: -one[0])
    return [place for _, place in found[:TRIED]]


def _settled(start: Map, after: Pixels, shape: Mask, before: Pixels, side: int) -> Alignment | None:
    """Moved from `start` until the edges agree. `side`: the product's longer side for that, in pixels."""
    size = max(cv2.boundingRect(shape.astype(np.uint8))[2:])
    ours, theirs = side / (size * _size(start)), side / size
    down, up = np.diag([ours, ours, 1.0]), np.diag([1 / theirs, 1 / theirs, 1.0])
    guess = (down @ square(start) @ up)[:2].astype(np.float32)
    product, where = (
        _edges(cv2.resize(one, None, fx=by, fy=by, interpolation=cv2.INTER_AREA))
        for one, by in ((after, theirs), (before, ours))
    )
    area = cv2.resize(shape.astype(np.uint8), product.shape[::-1], interpolation=cv2.INTER_AREA)
    area = cv2.dilate(area, np.ones((7, 7), np.uint8))
    everywhere = np.ones(where.shape, np.uint8)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-4)
    try:
        fit, moved = cv2.findTransformECCWithMask(
            product, where, area, everywhere, guess, cv2.MOTION_AFFINE, criteria, gaussFiltSize=5
        )
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise
        return None  # the two have nothing in common to start from
    placed = (np.linalg.inv(down) @ square(moved.astype(np.float64)) @ np.linalg.inv(up))[:2]
    if fit < LEAST_FIT or not plausible(placed):
        return None
    return Alignment(placed, "outline", stretch(placed), 0, float(fit))


def _colours_agree(movement: Map, after: Pixels, shape: Mask, before: Pixels) -> float:
    """1 where the source has the product's very colours there, near 0 where it has others."""
    coarse = SEARCH_SIDE / max(before.shape[:2])
    size = (round(before.shape[1] * coarse), round(before.shape[0] * coarse))
    there = cv2.warpAffine(after, movement * coarse, size, flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    inside = cv2.warpAffine(shape.astype(np.uint8), movement * coarse, size, flags=cv2.INTER_NEAREST) > 0
    if inside.sum() < 20:
        return 0.0
    one, two = lab(cv2.resize(before, size, interpolation=cv2.INTER_AREA))[inside], lab(there)[inside]
    one[:, 0] = (one[:, 0] - one[:, 0].mean()) * LIGHTNESS
    two[:, 0] = (two[:, 0] - two[:, 0].mean()) * LIGHTNESS
    return float(np.exp(-np.linalg.norm(one - two, axis=1).mean() / OFF_COLOUR))


def _size(movement: Map) -> float:
    return float(np.sqrt(abs(np.linalg.det(movement[:, :2]))))


def _edges(picture: Pixels) -> Floats:
    """How steep the picture is, strong steps capped: the same under another light, and on another ground."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.9).astype(np.float32)
    steep = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    return np.asarray(np.sqrt(np.minimum(steep, 160)), np.float32)
