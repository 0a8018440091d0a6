"""What differs between two products laid over each other: drawing, colour, parts, rim."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.inspect import colours, masks, missing, rim, threads
from core.inspect.overlay import RIM, Overlay
from core.pixels import Floats, Mask

#: Standard deviation of the neighbourhood in which drawings are compared, and how far it may be off, in cells.
WINDOW, SHIFT = 2.0, 2
#: A neighbourhood whose levels vary less than this (0–255) has no drawing in it.
PLAIN = 7.0
UNLIKE = 0.35
#: What differs in lines thinner than this, in cells, are edges seen from another angle or in another light.
THIN = 5
#: Lab units by which a patch must differ in colour; how much lightness counts in that, where only light may have changed.
OTHER_COLOUR, LIGHTNESS = 15.0, 0.35
#: What is beside the product is looked into from this share of it on.
LEAST_ADDED = 0.004
#: Cells within which a colour counts as in its place.
NEAR = 4


@dataclass(frozen=True)
class Differences:
    """Shares of the product's area; None where there is nothing to compare."""

    colour: float | None
    hue: float | None
    structure: float | None
    rethreaded: float | None
    altered: float
    recoloured: float
    missing: float
    added: float
    halo: float


def compare(pair: Overlay) -> Differences:
    grey = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (pair.before, pair.after))
    one, two = (np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.float32) for picture in grey)
    alike, weight = _likeness(one, two)
    drawn = pair.core & (weight > PLAIN)
    differs = cv2.morphologyEx(
        (drawn & (alike < UNLIKE)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((THIN, THIN), np.uint8)
    )
    before, after = (colours.lab(picture) for picture in (pair.before, pair.after))
    inside = pair.core if pair.core.sum() > 0.2 * pair.area else (pair.after_mask > 0.5) & ~pair.cleared
    return Differences(
        colour=colours.correlation(before, inside, after, inside) if inside.any() else None,
        hue=colours.hue_shift(before, inside, after, inside) if inside.any() else None,
        structure=float(alike[drawn].mean()) if drawn.sum() > 0.03 * pair.area else None,
        rethreaded=threads.rethreaded(one, two, (pair.after_mask > 0.5) & ~pair.cleared),
        altered=masks.largest(differs.astype(bool)) / pair.area,
        recoloured=_recoloured(pair),
        missing=missing.missing(pair),
        added=_added(pair),
        halo=rim.halo(pair.after, pair.after_mask > 0.5),
    )


def _likeness(one: Floats, two: Floats) -> tuple[Floats, Floats]:
    """Correlation of each neighbourhood, at the best of small shifts; and how much is drawn in it (levels)."""
    mean_one, mean_two = _smooth(one), _smooth(two)
    spread_one = np.sqrt((_smooth(one * one) - mean_one * mean_one).clip(0))
    spread_two = np.sqrt((_smooth(two * two) - mean_two * mean_two).clip(0))
    best = np.full(one.shape, -1, np.float32)
    for x in range(-SHIFT, SHIFT + 1):
        for y in range(-SHIFT, SHIFT + 1):
            moved, mean, spread = (_shifted(values, x, y) for values in (two, mean_two, spread_two))
            common = _smooth(one * moved) - mean_one * mean
            np.maximum(best, common / (spread_one * spread + 4.0), out=best)
    return best, np.maximum(spread_one, spread_two).astype(np.float32)


def _recoloured(pair: Overlay) -> float:
    if not pair.core.any():
        return 0.0
    before, after = (colours.lab(cv2.GaussianBlur(one, (0, 0), 2.5))[..., 1:] for one in (pair.before, pair.after))
    # What moved everywhere alike is the light, or the whole product's hue: those are measured elsewhere.
    after = after - np.median((after - before)[pair.core], axis=0)
    return masks.largest(pair.core & (_nearest(before, after, NEAR, 4) > OTHER_COLOUR)) / pair.area


def _added(pair: Overlay) -> float:
    """Drawn beside the source's product in a colour that isn't there in the source. A soft shadow isn't drawn."""
    beside = ~masks.dilated(pair.before_mask > 0.4, RIM)
    inked = masks.ink(pair.after.clip(0, 255).astype(np.uint8))
    if (beside & inked).sum() < LEAST_ADDED * pair.area:
        return 0.0
    off_colour = _off_colour(pair.before, pair.after, pair.core)
    # The edge of a part that lies a little aside is thin; what was drawn isn't.
    drawn = cv2.morphologyEx((beside & inked & off_colour).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if drawn.sum() > LEAST_ADDED * pair.area:
        # A deep part seen from another angle lies further aside still, in its own colours.
        size = (drawn.shape[1] // 2, drawn.shape[0] // 2)
        before, after = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (pair.before, pair.after))
        far = _off_colour(
            np.asarray(before, np.float32), np.asarray(after, np.float32), pair.core[1::2, 1::2], 2 * NEAR
        )
        drawn &= cv2.resize(far.astype(np.uint8), drawn.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return int(drawn.sum()) / pair.area


def _off_colour(before: Floats, after: Floats, core: Mask, reach: int = NEAR) -> Mask:
    """Cells of the finished picture whose colour isn't found within `reach` cells of their place in the source."""
    one, two = (colours.lab(cv2.GaussianBlur(picture, (0, 0), 0.8)) for picture in (before, after))
    core = core[: one.shape[0], : one.shape[1]]
    if core.any():
        two = two + np.median((one - two)[core], axis=0)
    weights = np.array([LIGHTNESS, 1, 1], np.float32)
    return np.asarray(_nearest(one * weights, two * weights, reach, 2) > OTHER_COLOUR, bool)


def _nearest(before: Floats, after: Floats, reach: int, step: int) -> Floats:
    """How far each colour of `after` is from the nearest that `before` has around there."""
    one, two = cv2.split(before), cv2.split(after)
    nearest = np.full(one[0].shape, np.inf, np.float32)
    for x in range(-reach, reach + 1, step):
        for y in range(-reach, reach + 1, step):
            away = sum(cv2.pow(cv2.subtract(_shifted(a, x, y), b), 2) for a, b in zip(one, two, strict=True))
            np.minimum(nearest, away, out=nearest)
    return np.asarray(np.sqrt(nearest), np.float32)


def _smooth(values: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), WINDOW), np.float32)


def _shifted(values: Floats, x: int, y: int) -> Floats:
    return np.roll(values, (y, x), (0, 1)) if x or y else values
