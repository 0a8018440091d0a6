"""Two products are laid over each other by their silhouettes alone, where these are the same: on drawn shapes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.inspect.silhouette import SAME, by_silhouette
from core.pixels import Mask


def pegs(*angles: float) -> Mask:
    """A peg at each angle, scattered over the picture."""
    image = Image.new("1", (600, 500))
    for at, angle in enumerate(angles):
        x, y = 120 + 150 * (at % 3), 130 + 200 * (at // 3)
        along = np.array([np.cos(angle), np.sin(angle)]) * 60
        ImageDraw.Draw(image).line((x - along[0], y - along[1], x + along[0], y + along[1]), fill=1, width=26)
    return np.asarray(image)


def test_scattered_pieces_are_laid_on_themselves_turned_and_smaller() -> None:
    whole = pegs(0.2, 1.1, 2.0, 2.9, 0.7)
    movement = cv2.getRotationMatrix2D((300.0, 250.0), 4.0, 0.6)
    small = cv2.warpAffine(whole.astype(np.uint8), movement, (600, 500)) > 0
    found = by_silhouette(small, whole)
    assert found is not None and found.fit > SAME
    there = found.map[:, :2] @ movement[:, :2] @ [100, 0] + found.map[:, :2] @ movement[:, 2] + found.map[:, 2]
    back = found.map[:, :2] @ movement[:, 2] + found.map[:, 2]
    assert (there - back) == pytest.approx([100, 0], abs=4)


def test_other_pieces_have_another_silhouette() -> None:
    found = by_silhouette(pegs(0.2, 1.1, 2.0, 2.9, 0.7), pegs(1.6, 0.1, 0.4, 1.5, 2.5))
    assert found is None or found.fit < SAME


def test_an_empty_picture_has_none() -> None:
    assert by_silhouette(np.zeros((500, 600), bool), pegs(1.0)) is None
