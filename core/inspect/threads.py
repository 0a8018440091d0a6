"""How fine a repeated pattern is, a screw's thread or a drill's flutes, in the same places of two pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.pixels import Floats, Mask

#: Side of the neighbourhoods looked at, how far apart they are, and the grid of their spectrum, in cells.
SIDE, STEP, SPECTRUM = 40, 14, 96
#: Waves per neighbourhood: fewer are a shape, more are noise.
FEWEST, MOST = 4.0, 15.0
#: So few may be a coarse thread that took the place of a fine one, or a shape: they count where it is asked what is left.
COARSEST = 2.0
#: Waves around the strongest that are the same pattern.
NEAR = 1.8
#: Share of a neighbourhood that must be product, and of its spectrum that must be in one wave.
COVERED, PURE = 0.55, 0.3
#: What is left of a wave's share where it is gone, and where it has become another.
GONE, FADED = 0.12, 0.2
#: Standard deviation, in levels, of a pattern that can be seen.
VISIBLE = 5.0
#: Waves that run more than this apart (cosine) are different patterns.
ALONG = 0.85
#: Waves this much finer or coarser are another thread.
COARSER, FINER = 0.77, 1.3
#: In fewer places nothing is told; and a share of fewer than so many is taken of that many, lest one place weighs much.
LEAST_PLACES, FEW = 8, 16

Values = npt.NDArray[np.float64]
_Y, _X = np.fft.fftfreq(SPECTRUM)[:, None] * SIDE, np.fft.rfftfreq(SPECTRUM)[None, :] * SIDE
_LENGTH = np.hypot(_X, _Y)


@dataclass(frozen=True)
class Spectra:
    """Of n places, (n, …)."""

    power: Values
    visible: npt.NDArray[np.bool_]

    def waves(self) -> Values:
        """(n, 2): the direction of the strongest wave in each place, as long as there are waves in it; 0 for none."""
        power = self.power * ((_LENGTH >= FEWEST) & (_LENGTH <= MOST))
        rows, columns = np.unravel_index(power.reshape(len(power), -1).argmax(axis=1), _LENGTH.shape)
        waves = np.column_stack([_X[0, columns], _Y[rows, 0]])
        pure = (power * _near(waves)).sum(axis=(1, 2)) > PURE * power.sum(axis=(1, 2))
        # At the edge of the band it is a shape's own slope.
        kept = self.visible & pure & (np.linalg.norm(waves, axis=1) > FEWEST + 0.3)
        return np.where(kept[:, None], waves, 0.0)

    def shares(self, waves: Values) -> Values:
        """How much of all that is drawn in each place is in that wave."""
        power = self.power * ((_LENGTH >= COARSEST) & (_LENGTH <= MOST))
        share: Values = (power * _near(waves)).sum(axis=(1, 2)) / np.maximum(power.sum(axis=(1, 2)), 1e-9)
        return share


def rethreaded(before: Floats, after: Floats, product: Mask) -> float | None:
    """In which share of the places where something repeats it doesn't so any more, or at another pitch; None if in too few.

    Grey (h, w) levels on one grid.
    """
    covered = cv2.blur(product.astype(np.float32), (SIDE, SIDE), anchor=(0, 0))
    tops, lefts = (range(0, length - SIDE, STEP) for length in product.shape)
    places = [
        np.s_[top : top + SIDE, left : left + SIDE] for top in tops for left in lefts if covered[top, left] >= COVERED
    ]
    if len(places) < LEAST_PLACES:
        return None
    was = _spectra(before, product, places)
    waves = was.waves()
    repeats = np.flatnonzero(np.abs(waves).sum(axis=1) > 0)
    if len(repeats) < LEAST_PLACES:
        return None
    waves, clear = waves[repeats], was.shares(waves)[repeats]
    now = _spectra(after, product, [places[at] for at in repeats])
    left = now.shares(waves)
    gone = now.visible & (clear > PURE) & (left < GONE)
    # Another pitch may be a neighbour's wave that was as strong before: then this one is there still.
    other = gone | _repitched(waves, now.waves()) & (left < FADED)
    return int(other.sum()) / max(FEW, len(repeats))


def _repitched(before: Values, after: Values) -> npt.NDArray[np.bool_]:
    one, two = (np.linalg.norm(waves, axis=1) for waves in (before, after))
    along = (two > 0) & (np.abs((before * after).sum(axis=1)) > ALONG * one * two)
    ratios = two / one
    return np.asarray(along & ((ratios < COARSER) | (ratios > FINER)), bool)


def _near(waves: Values) -> npt.NDArray[np.bool_]:
    near = (_X - waves[:, 0, None, None]) ** 2 + (_Y - waves[:, 1, None, None]) ** 2 < NEAR**2
    return np.asarray(near, bool)


def _spectra(picture: Floats, product: Mask, places: Sequence[tuple[slice, slice]]) -> Spectra:
    parts: Floats = np.stack([picture[place] for place in places])
    inside: Mask = np.stack([product[place] for place in places])
    count = inside.sum(axis=(1, 2), keepdims=True)
    flat = np.where(inside, parts - (parts * inside).sum(axis=(1, 2), keepdims=True) / count, 0)
    visible = np.sqrt((flat**2).sum(axis=(1, 2)) / count[:, 0, 0]) > VISIBLE
    window = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)
    return Spectra(np.abs(np.fft.rfft2(flat * window, (SPECTRUM, SPECTRUM))) ** 2, visible)
