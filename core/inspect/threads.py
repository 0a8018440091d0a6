"""How fine a repeated pattern is, a screw's thread or a drill's flutes, in the same places of two pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.pixels import Floats, Mask

#: Side of the neighbourhoods looked at, how far apart they are, and the grid of their spectrum, in cells.
SIDE, STEP, SPECTRUM = 40, 14, 96
#: Waves per neighbourhood: fewer are a shape, more are noise.
FEWEST, MOST = 4.0, 15.0
#: Share of a neighbourhood that must be product, and of its spectrum that must be in one wave.
COVERED, PURE = 0.55, 0.3
#: Standard deviation, in levels, of a pattern that can be seen.
VISIBLE = 5.0
#: Waves that run more than this apart (cosine) are different patterns.
ALONG = 0.85
#: Waves this much finer or coarser are another thread.
COARSER, FINER = 0.77, 1.3
LEAST_PLACES = 8


def rethreaded(before: Floats, after: Floats, product: Mask) -> float | None:
    """In which share of the places where something repeats in both it does so at another pitch; None if in too few.

    Grey (h, w) levels on one grid.
    """
    tops, lefts = (range(0, length - SIDE, STEP) for length in product.shape)
    places = [np.s_[top : top + SIDE, left : left + SIDE] for top in tops for left in lefts]
    places = [place for place in places if product[place].mean() >= COVERED]
    if len(places) < LEAST_PLACES:
        return None
    one = _waves(before, product, places)
    repeats = np.flatnonzero(np.abs(one).sum(axis=1) > 0)
    if len(repeats) < LEAST_PLACES:
        return None
    one, two = one[repeats], _waves(after, product, [places[at] for at in repeats])
    lengths = np.linalg.norm(one, axis=1), np.linalg.norm(two, axis=1)
    along = np.abs((one * two).sum(axis=1)) > ALONG * lengths[0] * lengths[1]
    ratios = (lengths[1] / np.maximum(lengths[0], 1e-6))[along & (lengths[0] > 0) & (lengths[1] > 0)]
    if len(ratios) < LEAST_PLACES:
        return None
    return float(((ratios < COARSER) | (ratios > FINER)).mean())


def _waves(picture: Floats, product: Mask, places: Sequence[tuple[slice, slice]]) -> npt.NDArray[np.float64]:
    """(n, 2): the direction of the strongest wave in each place, as long as there are waves in it; 0 for none."""
    parts: Floats = np.stack([picture[place] for place in places])
    inside: Mask = np.stack([product[place] for place in places])
    count = inside.sum(axis=(1, 2), keepdims=True)
    flat = np.where(inside, parts - (parts * inside).sum(axis=(1, 2), keepdims=True) / count, 0)
    visible = np.sqrt((flat**2).sum(axis=(1, 2)) / count[:, 0, 0]) > VISIBLE
    window = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)
    y, x = np.fft.fftfreq(SPECTRUM)[:, None] * SIDE, np.fft.rfftfreq(SPECTRUM)[None, :] * SIDE
    length = np.hypot(x, y)
    power = np.abs(np.fft.rfft2(flat * window, (SPECTRUM, SPECTRUM))) ** 2 * ((length >= FEWEST) & (length <= MOST))
    rows, columns = np.unravel_index(power.reshape(len(power), -1).argmax(axis=1), length.shape)
    waves = np.column_stack([x[0, columns], y[rows, 0]])
    near = (x - waves[:, 0, None, None]) ** 2 + (y - waves[:, 1, None, None]) ** 2 < 1.6**2
    pure = (power * near).sum(axis=(1, 2)) > PURE * power.sum(axis=(1, 2))
    # At the edge of the band it is a shape's own slope.
    kept = visible & pure & (np.linalg.norm(waves, axis=1) > FEWEST + 0.3)
    return np.where(kept[:, None], waves, 0.0)
