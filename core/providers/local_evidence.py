"""What is known of a photo, cell by cell: what the network saw, and how like the ground or the product its colours are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.pixels import Floats, Mask, border
from core.providers import local_ground as ground
from core.providers.local_shapes import dilated, eroded, smooth_where

#: A pixel this many deviations from the background is as likely product as not.
FOREIGN = 2.2
#: In every look this much or more: sure.
SURE = 0.955


@dataclass(frozen=True)
class Evidence:
    """What is known of each cell of a grid, all (h, w)."""

    mean: Floats  #: of the looks, 0–1
    most: Floats
    least: Floats
    foreign: Floats  #: deviations from the background, 0 where it is the same
    own: Floats  #: deviations from what is surely the product; 0 everywhere when too little of it is sure
    shade: Floats  #: logarithm of the light that is missing in comparison with the background nearby
    same_tint: Floats  #: 0–1: of the tint of the background nearby
    light: Floats  #: 0–1
    spread: float  #: deviations within the background itself, 1 when it is plain
    ground: Mask
    told: float  #: which share of what the looks agree on is surely product, 0–1
    apart: float  #: deviations from the background of what every look is sure of; the median

    @property
    def seen(self) -> Floats:
        return np.asarray((self.mean + self.most) / 2, np.float32)

    @property
    def unlike(self) -> Floats:
        """0–1: of the background's colour and none of the product's."""
        return np.asarray(
            (FOREIGN - self.foreign).clip(0, 1) * ((self.own - self.foreign - 1) / 2).clip(0, 1), np.float32
        )

    @property
    def never(self) -> Mask:
        """A shadow on the ground, and no look is sure of the contrary."""
        unlike = (self.own > self.foreign + 0.7) & (self.foreign < 2.6)
        return np.asarray((self.shade > 0.3) & unlike & (self.least < SURE))


def weigh(pixels: Floats, looks: list[Floats]) -> Evidence:
    """`pixels`: RGB levels 0–255 (h, w, 3); `looks` of the network at the same view (h, w)."""
    import cv2

    mean = np.asarray(np.mean(looks, axis=0), np.float32)
    most, least = (np.asarray(of.reduce(looks), np.float32) for of in (np.maximum, np.minimum))
    features = ground.features(cv2.GaussianBlur(pixels, (0, 0), 0.8))
    reach = round(0.03 * max(mean.shape))
    around = ~dilated(most > 0.25, 2 * reach)
    if around.mean() < 0.04:
        around = ~dilated(most > 0.5, reach)
    foreign, own, shade, same_tint = (np.zeros_like(mean) for _ in range(4))
    spread = 1.0
    if around.mean() > 0.01:
        rim = around & border(mean.shape, reach)
        foreign = ground.distance(features, around, shade=ground.SHADE, rim=rim)
        # A background of many colours tells less.
        known = foreign[around & (foreign < ground.FAR)]
        spread = max(1.0, float(np.percentile(known, 97)) / 1.6) if known.size else 1.0
        foreign = foreign / np.float32(spread)
        nearby = [smooth_where(features[..., channel], around, 0.12 * max(mean.shape)) for channel in range(3)]
        shade = np.asarray(nearby[0] - features[..., 0], np.float32)
        tint = np.hypot(features[..., 1] - nearby[1], features[..., 2] - nearby[2])
        usual = float(np.percentile(tint[around], 90)) + 0.03
        same_tint = np.asarray(((1.7 - tint / usual) / 0.7).clip(0, 1), np.float32)
    # A shadow leaves a tenth of the light: what is darker, and seen by every look, is black.
    sure = (eroded(least > 0.8, 3) & (foreign > 2.5)) | (eroded(least > 0.9, 3) & (shade > 2.3))
    share = float(sure.sum()) / max(1, int((mean > 0.5).sum()))
    if share > 0.03:
        own = ground.distance(features, sure, shade=0.05)
    seen = foreign[eroded(least > 0.9, 3)]
    apart = float(np.median(seen)) if seen.size > 100 else 0.0
    light = np.asarray(pixels @ np.array([0.3, 0.59, 0.11], np.float32) / 255, np.float32)
    return Evidence(mean, most, least, foreign, own, shade, same_tint, light, spread, around, share, apart)
