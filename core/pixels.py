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
    """The pixels of `allowed` (h, w) connected to a seed by steps along rows and columns.

    Whole runs are filled at once, by rows and by columns in turn, until nothing changes: a few passes for real pictures.
    """
    rows, columns = _runs(allowed), _runs(allowed.T)
    reached = seeds & allowed
    count = -1
    while (now := int(reached.sum())) != count:
        count = now
        reached = _fill(reached, allowed, rows)
        reached = _fill(reached.T, allowed.T, columns).T
    return reached


def components(mask: Mask, most: int = 12) -> list[Mask]:
    """The connected parts of `mask`, the largest first, at most `most` of them."""
    rows, columns = _runs(mask), _runs(mask.T)
    labels = np.arange(1, mask.size + 1, dtype=np.intp).reshape(mask.shape) * mask
    while True:
        joined = _highest(_highest(labels, rows).T, columns).T
        if np.array_equal(joined, labels):
            break
        labels = joined
    numbers, sizes = np.unique(labels[mask], return_counts=True)
    return [labels == number for number in numbers[np.argsort(-sizes, kind="stable")][:most]]


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


def _runs(allowed: Mask) -> npt.NDArray[np.intp]:
    """A number for each horizontal run of `allowed`; 0 outside."""
    starts = allowed.copy()
    starts[:, 1:] &= ~allowed[:, :-1]
    numbers: npt.NDArray[np.intp] = starts.cumsum(dtype=np.intp).reshape(allowed.shape)
    return numbers * allowed


def _highest(labels: npt.NDArray[np.intp], runs: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Gives every pixel of a run the highest label in it."""
    highest = np.zeros(int(runs.max(initial=0)) + 1, np.intp)
    np.maximum.at(highest, runs.ravel(), labels.ravel())
    return highest[runs]


def _fill(reached: Mask, allowed: Mask, runs: npt.NDArray[np.intp]) -> Mask:
    hit = np.zeros(int(runs.max(initial=0)) + 1, bool)
    hit[runs[reached]] = True
    hit[0] = False
    return hit[runs] & allowed
