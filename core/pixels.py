"""What several picture modules share: arithmetic on masks, the size rule. No image library: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
#: left, top, right, bottom in pixels; right and bottom are outside.
Box = tuple[int, int, int, int]
Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

Level = TypeVar("Level", np.uint8, np.int16, np.float32)

NETWORK_SIDE = 320
#: RGB (320, 320, 3) levels 0–255 → how much each pixel belongs to the product, 0–1, (320, 320).
Network = Callable[[Pixels], Floats]

#: Below it, marketplaces show no zoom or think little of a picture.
LEAST_SIDE = 1200
MAX_UPSCALE = 2.0


def square_side(longer: float, most: int) -> int:
    """Pixels of the square for something of `longer` pixels.

    As many hundreds as it fills without being enlarged, but no fewer than marketplaces want.
    """
    # A box is found to a few pixels: in hundreds, a picture framed again keeps its size.
    return min(most, max(LEAST_SIDE, int(longer) // 100 * 100))


def darkest(pixels: npt.NDArray[Level]) -> npt.NDArray[Level]:
    """The lowest channel of each pixel, (h, w, 3) → (h, w)."""
    # numpy's own minimum along so short an axis takes ten times as long.
    return np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def lightest(pixels: npt.NDArray[Level]) -> npt.NDArray[Level]:
    return np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def flood(seeds: Mask, allowed: Mask) -> Mask:
    """The pixels of `allowed` (h, w) connected to a seed by steps along rows and columns."""
    runs, group = _grouped(allowed)
    reached = np.zeros(len(group), bool)
    reached[group[runs[seeds & allowed]]] = True
    return np.asarray(reached[group][runs] & allowed, bool)


def border(shape: tuple[int, int], width: int = 1) -> Mask:
    """True on a frame `width` pixels wide."""
    frame = np.ones(shape, bool)
    frame[width:-width, width:-width] = False
    return frame


def bounding_box(mask: Mask, least: int = 1) -> Box | None:
    """The box around the rows and columns that hold at least `least` pixels of `mask`; None when there are none."""
    columns = np.flatnonzero(mask.sum(axis=0) >= least)
    rows = np.flatnonzero(mask.sum(axis=1) >= least)
    if not columns.size or not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def overlap(one: Box, two: Box) -> float:
    """Intersection over union."""
    wide, high = (min(one[i + 2], two[i + 2]) - max(one[i], two[i]) for i in (0, 1))
    common = max(0, wide) * max(0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, two)]
    return common / max(1, sum(areas) - common)


def _grouped(allowed: Mask) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """A number for each horizontal run of `allowed`, on its pixels; and the first run that each hangs together with.

    There are thousands of runs where there are millions of pixels.
    """
    starts = allowed.copy()
    starts[:, 1:] &= ~allowed[:, :-1]
    runs = starts.cumsum(dtype=np.int32).reshape(allowed.shape)
    # Where two runs lie on each other, one of them starts.
    touching = (starts[:-1] | starts[1:]) & allowed[:-1] & allowed[1:]
    above, below = runs[:-1][touching], runs[1:][touching]
    group = np.arange(int(starts.sum()) + 1)
    while True:
        one, two = group[above], group[below]
        if np.array_equal(one, two):
            return runs, group
        np.minimum.at(group, np.maximum(one, two), np.minimum(one, two))
        while not np.array_equal(group, shorter := group[group]):
            group = shorter
