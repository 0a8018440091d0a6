"""A picture in the sizes that the measures want it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.pixels import Box

#: Longer side of a picture whose keypoints and outline are sought, and of one whose label is read, in pixels.
KEYPOINT_SIDE, WORKING_SIDE = 800, 1600


class View:
    """`full` and `small` RGB; `pixels` (h, w, 3) and `grey` (h, w) are of `small`."""

    def __init__(self, image: Image.Image) -> None:
        self.full = reduced(image, WORKING_SIDE)
        self.small = reduced(image, KEYPOINT_SIDE)
        self.pixels: npt.NDArray[np.uint8] = np.asarray(self.small)
        self.grey: npt.NDArray[np.uint8] = np.asarray(self.small.convert("L"))
        self.enlarged = self.full.width / self.small.width

    def up(self, box: Box) -> Box:
        """A box of `small` as one of `full`."""
        left, top, right, bottom = (round(side * self.enlarged) for side in box)
        return left, top, min(right, self.full.width), min(bottom, self.full.height)


def reduced(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return copy
