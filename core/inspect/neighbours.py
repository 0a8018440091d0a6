"""What lies beside the product in its photo and not in the finished picture: a piece that was left out, or another thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.inspect import masks
from core.pixels import Floats, Mask, Pixels, border, darkest, lightest

#: Pixels that the product's outline may be off; what begins within a few more touches it.
BESIDE, TOUCHING = 8, 4
#: Smaller things, as shares of the product, aren't looked for.
LEAST_ALIKE, LEAST_TOUCHING = 0.05, 0.15
#: A piece that was left out is in the product's colours for so much of it.
OWN = 0.85
#: Share of a part from which a colour is its own.
COMMON = 0.003
#: Width of the strip along the photo's frame that tells the ground's colours, as a share of its longer side.
FRAME = 0.06
#: A shadow's channels differ by less than this share, and it is no deeper; what looks like one counts for so much.
SHADE_TINT, DEEPEST, SHADE_COUNTS = 0.2, 0.25, 0.25

Bins = npt.NDArray[np.intp]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Neighbours:
    """Shares of the product's area."""

    alike: float = 0.0  #: the largest thing in the product's colours
    touching: float = 0.0  #: the largest in colours of its own that touches the product


def left_out(photo: Pixels, covered: Mask, seen: Callable[[], Mask]) -> Neighbours:
    """Beside the `covered` part of a photo, both (h, w).

    `seen`: asked for what is a thing at all, which takes its time, only where colours say that there may be one.
    """
    area, around = max(1, int(covered.sum())), ~masks.dilated(covered, BESIDE)
    near = masks.dilated(covered, BESIDE + TOUCHING)
    picture = smooth(np.asarray(photo, np.float32))
    bins = binned(picture)
    frame = border(covered.shape, max(1, round(FRAME * max(covered.shape))))
    own, edge = shares(bins, masks.eroded(covered, 2)), shares(bins, frame)
    weight = _weight(picture, frame)
    # What the frame has more of is ground, though the product be in its colour.
    may_be_alike = max(_Parts(((own > COMMON) & (own > edge))[bins] & around).sizes(weight), default=0.0)
    may_touch = _touching(_Parts((edge < COMMON)[bins] & around), weight, near)
    if may_be_alike < LEAST_ALIKE * area and may_touch < LEAST_TOUCHING * area:
        return Neighbours()
    things = seen()
    ground = ~masks.dilated(things | covered, BESIDE)
    parts, weight = _Parts(things & around), _weight(picture, ground)
    others = shares(bins, ground)
    whole, alike = parts.sizes(weight), parts.sizes(weight * (own > COMMON)[bins])
    # The network takes a stretch of plain ground for a thing, now and then.
    foreign = weight * ((others < COMMON) | (others < own))[bins]
    return Neighbours(float(whole[alike > OWN * whole].max(initial=0)) / area, _touching(parts, foreign, near) / area)


class _Parts:
    """The connected parts of a mask, without its thinnest."""

    def __init__(self, mask: Mask) -> None:
        self.count, self.at = cv2.connectedComponents(masks.eroded(mask, 2).astype(np.uint8))

    def sizes(self, weight: npt.NDArray[np.float64]) -> Shares:
        return np.asarray(np.bincount(self.at.ravel(), weight.ravel(), self.count)[1:], np.float64)


def _touching(parts: _Parts, weight: npt.NDArray[np.float64], near: Mask) -> float:
    touching = np.unique(parts.at[near])
    return float(parts.sizes(weight)[touching[touching > 0] - 1].max(initial=0))


def _weight(picture: Floats, ground: Mask) -> npt.NDArray[np.float64]:
    """The network takes a deep shadow for a thing, and a black thing looks like a shadow: so it counts for less."""
    return np.where(shaded(picture, ground), SHADE_COUNTS, 1.0)


def smooth(picture: Floats) -> Floats:
    """Without its grain, as the functions below want it."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.float32)


def shaded(picture: Floats, ground: Mask) -> Mask:
    """Cells that may be the `ground` in a shadow: darker than it is, all channels alike."""
    if not ground.any():
        return np.zeros(ground.shape, bool)
    ratio = np.asarray(picture / np.maximum(np.median(picture[ground], axis=0), 8), np.float32)
    low, high = darkest(ratio), lightest(ratio)
    return np.asarray((high - low < SHADE_TINT * high) & (low > DEEPEST) & (high < 1.05), bool)


def binned(picture: Floats) -> Bins:
    """RGB levels → a number for each of 11³ colours."""
    red, green, blue = cv2.split(picture.clip(0, 255).astype(np.uint8) // 24)
    return np.asarray(red.astype(np.intp) * 121 + green.astype(np.intp) * 11 + blue, np.intp)


def shares(bins: Bins, kept: Mask) -> Shares:
    """Of what is `kept`, how much each colour has."""
    return np.bincount(bins[kept], minlength=11**3) / max(1, int(kept.sum()))
