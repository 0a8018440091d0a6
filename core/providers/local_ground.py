"""How unlike a set of known colours each pixel is: the background's, where a shadow is still background, or the product's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.pixels import Floats, Mask

#: Colours that a background is made of: a table, a wall, the joints between tiles, the light and the dark grain.
KINDS = 7
SAMPLES = 6000
#: As a share of how common a colour is elsewhere.
RARE = 0.1
#: Logarithms of light: a shadow takes away this much and is still ground, then `FADE` more for each deviation.
SHADE, FADE = 1.3, 0.5
#: Smallest deviations: what noise and JPEG alone make.
LEAST_TINT, LEAST_LIGHT = 0.045, 0.06
#: Nothing is farther than this.
FAR = 12.0


def distance(features: Floats, known: Mask, *, shade: float, rim: Mask | None = None) -> Floats:
    """(h, w): how many standard deviations each pixel of `features` (h, w, 3) is from the nearest colour at `known`.

    Up to `shade` less light costs nothing: pixels of a shadow are near. With a `rim`, a part of `known` at the frame of
    the photo, colours that are much rarer there don't count: ground runs on to the frame, a part of the product that
    nobody saw doesn't.
    """
    import cv2

    rng = np.random.default_rng(1)
    samples = features[known]
    samples = samples[rng.integers(0, len(samples), SAMPLES)]
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.01)
    cv2.setRNGSeed(1)
    # Tint tells colours apart better than light does.
    weights = np.array([0.6, 2.0, 2.0], np.float32)
    centres = cv2.kmeans(samples * weights, KINDS, np.empty(0), criteria, 1, cv2.KMEANS_PP_CENTERS)[2] / weights
    kinds = _kinds(samples, centres, weights)
    shares = np.bincount(kinds, minlength=KINDS) / SAMPLES
    usual = shares > 0.01
    if rim is not None and rim.sum() > 200:
        at_rim = _kinds(features[rim], centres, weights)
        usual &= np.bincount(at_rim, minlength=KINDS) / len(at_rim) > RARE * shares
    # Dark pixels have no sure tint.
    unsure = 1 + 1.5 * np.exp(-2.0 * (features[..., 0] + 4.2)).clip(0, 4)
    nearest = np.full(features.shape[:2], FAR * FAR, np.float32)
    for kind in np.flatnonzero(usual):
        own = samples[kinds == kind]
        mean, deviation = own.mean(axis=0), np.maximum(own.std(axis=0), [LEAST_LIGHT, LEAST_TINT, LEAST_TINT])
        away = (features - mean) / deviation.astype(np.float32)
        darker = np.maximum(0, mean[0] - features[..., 0] - shade) / FADE
        squares = np.where(away[..., 0] > 0, away[..., 0], darker) ** 2
        squares += (away[..., 1] ** 2 + away[..., 2] ** 2) / unsure**2
        np.minimum(nearest, squares, out=nearest)
    return np.sqrt(nearest)


def _kinds(colours: Floats, centres: Floats, weights: Floats) -> npt.NDArray[np.intp]:
    """The nearest centre of each colour (n, 3); the first of equal ones."""
    away = np.linalg.norm((colours[:, None] - centres[None]) * weights, axis=2)
    return np.asarray(away.argmin(axis=1), np.intp)


def features(pixels: Floats) -> Floats:
    """Of RGB levels 0–255 (h, w, 3): the logarithm of light, and two tints which light doesn't change."""
    linear = (pixels / 255) ** np.float32(2.2) + np.float32(0.004)
    light = np.log(linear @ np.array([0.3, 0.59, 0.11], np.float32))
    red, green, blue = np.moveaxis(np.log(linear), -1, 0)
    return np.stack([light, red - green, blue - green], axis=-1).astype(np.float32)
