"""What differs between two products laid over each other: drawing, colour, parts, rim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.inspect import colours, masks, threads
from core.inspect.overlay import RIM, Overlay
from core.pixels import Floats, Mask, Pixels

#: Standard deviation of the neighbourhood in which drawings are compared, and how far it may be off, in cells.
WINDOW, SHIFT = 2.0, 2
#: A neighbourhood whose levels vary less than this (0–255) has no drawing in it.
PLAIN = 7.0
UNLIKE = 0.35
#: What differs in lines thinner than this, in cells, are edges seen from another angle or in another light.
THIN = 5
#: Lab units by which a patch must differ in colour; how much lightness counts in that, where only light may have changed.
OTHER_COLOUR, LIGHTNESS = 15.0, 0.35
#: A rest of background lies this far around the product, in cells, and is darker than this level.
HALO, HALO_LEVEL, HALO_SHARE = (1.5, 6), 222, 0.4
SECTORS = 24
#: Share of the product from which a colour is its own.
COMMON = 0.003


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
    off_colour = _off_colour(pair)
    inside = pair.core if pair.core.sum() > 0.2 * pair.area else (pair.after_mask > 0.5) & ~pair.cleared
    return Differences(
        colour=colours.correlation(before, inside, after, inside) if inside.any() else None,
        hue=colours.hue_shift(before, inside, after, inside) if inside.any() else None,
        structure=float(alike[drawn].mean()) if drawn.sum() > 0.03 * pair.area else None,
        rethreaded=threads.rethreaded(one, two, (pair.after_mask > 0.5) & ~pair.cleared),
        altered=masks.largest(differs.astype(bool)) / pair.area,
        recoloured=_recoloured(pair),
        missing=_missing(pair),
        added=_added(pair, off_colour),
        halo=_halo(pair, off_colour),
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
    moved = after - before
    # What moved everywhere alike is the light, or the whole product's hue: those are measured elsewhere.
    rest = np.linalg.norm(moved - np.median(moved[pair.core], axis=0), axis=2)
    return masks.largest(pair.core & (rest > OTHER_COLOUR)) / pair.area


def _missing(pair: Overlay) -> float:
    """Of the source's product, where the finished picture is white.

    What has the colours of the ground rather than the product's own was seen through it, or beside it in the photo.
    """
    gone = masks.eroded(pair.before_mask > 0.6, 2) & pair.cleared & (pair.after_mask < 0.4)
    return masks.largest(masks.eroded(gone & _own_colours(pair), 1)) / pair.area


def left_out(photo: Pixels, covered: Mask) -> Mask:
    """What lies beside the covered part of a photo, in colours that are that part's rather than the photo's."""
    bins = _bins(np.asarray(photo, np.float32))
    inside, around = masks.eroded(covered, 2), ~masks.dilated(covered, 10)
    if not inside.any() or not around.any():
        return np.zeros(covered.shape, bool)
    here, there = _shares(bins, inside), _shares(bins, around)
    own = ((here > COMMON) & (here > there))[bins] & around
    return masks.eroded(masks.dilated(masks.eroded(own, 1), 3), 2)


def _own_colours(pair: Overlay) -> Mask:
    """Cells of the source in a colour that its product has more of than what surrounds it."""
    kept = pair.both & ~pair.cleared
    around = ~masks.dilated((pair.before_mask > 0.3) | (pair.after_mask > 0.3), 3)
    bins = _bins(pair.before)
    inside, outside = _shares(bins, kept), _shares(bins, around)
    own: Mask = ((inside > COMMON) & (inside > outside))[bins]
    return own


def _colours_of(picture: Floats, kept: Mask) -> Callable[[Floats], Mask]:
    """Tells which cells have a colour that is common on `kept`."""
    known = _shares(_bins(picture), kept) > COMMON
    return lambda other: np.asarray(known[_bins(other)], bool)


def _bins(picture: Floats) -> npt.NDArray[np.intp]:
    levels = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5).clip(0, 255) // 24, np.intp)
    return levels[..., 0] * 121 + levels[..., 1] * 11 + levels[..., 2]


def _shares(bins: npt.NDArray[np.intp], kept: Mask) -> npt.NDArray[np.float64]:
    return np.bincount(bins[kept], minlength=11**3) / max(1, int(kept.sum()))


def _added(pair: Overlay, off_colour: Mask) -> float:
    """Drawn beside the source's product in a colour that isn't there in the source. A soft shadow isn't drawn."""
    beside = ~masks.dilated(pair.before_mask > 0.4, RIM)
    inked = masks.ink(pair.after.clip(0, 255).astype(np.uint8))
    return int((beside & inked & off_colour).sum()) / pair.area


def _off_colour(pair: Overlay) -> Mask:
    """Cells of the finished picture whose colour isn't found near their place in the source."""
    before, after = (colours.lab(cv2.GaussianBlur(picture, (0, 0), 0.8)) for picture in (pair.before, pair.after))
    if pair.core.any():
        after = after + np.median((before - after)[pair.core], axis=0)
    weights = np.array([LIGHTNESS, 1, 1], np.float32)
    one, two = cv2.split(before * weights), cv2.split(after * weights)
    nearest = np.full(pair.core.shape, np.inf, np.float32)
    for x in range(-4, 5, 2):
        for y in range(-4, 5, 2):
            away = sum(cv2.pow(cv2.subtract(_shifted(a, x, y), b), 2) for a, b in zip(one, two, strict=True))
            np.minimum(nearest, away, out=nearest)
    return nearest > OTHER_COLOUR**2


def _halo(pair: Overlay, off_colour: Mask) -> float:
    """Share of directions in which something darker than a shadow lies close around the product, in other colours."""
    solid = pair.before_mask >= 0.5
    outside = cv2.distanceTransform((~solid).astype(np.uint8), cv2.DIST_L2, 3)
    band = (outside > HALO[0]) & (outside <= HALO[1])
    if not band.any() or not solid.any():
        return 0.0
    y, x = np.nonzero(band)
    centre_y, centre_x = (float(values.mean()) for values in np.nonzero(solid))
    sector = ((np.arctan2(y - centre_y, x - centre_x) / (2 * np.pi) % 1) * SECTORS).astype(int) % SECTORS
    own = _colours_of(pair.after, pair.both & ~pair.cleared)
    # A rest of background has its colours; a rim that was drawn has colours the source doesn't have there.
    other = ~own(pair.after) | off_colour
    tinted = (pair.after.min(axis=2) < HALO_LEVEL)[band] & other[band]
    counts, marked = np.bincount(sector, minlength=SECTORS), np.bincount(sector, tinted, SECTORS)
    seen = counts > 4
    return float((marked[seen] / counts[seen] > HALO_SHARE).mean()) if seen.any() else 0.0


def _smooth(values: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), WINDOW), np.float32)


def _shifted(values: Floats, x: int, y: int) -> Floats:
    return np.roll(values, (y, x), (0, 1)) if x or y else values
