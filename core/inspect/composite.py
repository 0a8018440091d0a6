"""The source's own product on the made picture's ground: its pixels aren't redrawn, its light and shadow are the model's."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from core.inspect import masks
from core.inspect.alignment import Map
from core.pixels import Floats, Mask
from core.providers.local_cutout import Cutout

#: The product may become this much lighter or darker, to sit in the model's light.
LEAST_GAIN, MOST_GAIN = 0.8, 1.35
#: Width of the soft edge, and of the strip around the model's product that is drawn over with its ground, in pixels.
FEATHER, STRIP = 1.2, 7
#: Of the grid on which that ground is made up, in cells.
GROUND_SIDE = 120


def paste(source: Image.Image, cutout: Cutout, made: Image.Image, made_mask: Floats, movement: Map) -> Image.Image:
    """`made` with its product replaced by that of `source`, both RGB. `movement`: points of `made` to those of `source`.

    The product is placed, turned and scaled as in `made`, never stretched. `made_mask` is as large as `made`, 0–1.
    """
    size = made.size
    alpha = np.asarray(_alpha(cutout, source.size), np.float32) / np.float32(255)
    there = cv2.invertAffineTransform(_without_stretch(movement, made_mask > 0.5))
    product = _warped(np.asarray(source, np.float32), there, size, cv2.BORDER_REPLICATE)
    covered = _warped(alpha, there, size, cv2.BORDER_CONSTANT)
    covered = np.asarray(cv2.GaussianBlur(((covered - 0.4) / 0.5).clip(0, 1), (0, 0), FEATHER), np.float32)
    picture = np.asarray(made, np.float32)
    both = (covered > 0.95) & (made_mask > 0.9)
    ground = _ground(picture, masks.dilated(made_mask > 0.3, STRIP))
    lit = product * _gain(product, picture, both)
    mixed = ground + (lit - ground) * covered[..., None]
    return Image.fromarray(mixed.clip(0, 255).round().astype(np.uint8))


def _without_stretch(movement: Map, shown: Mask) -> Map:
    """The nearest movement that keeps proportions, the same at the product's middle."""
    u, s, v = np.linalg.svd(movement[:, :2])
    kept = float(np.sqrt(s[0] * s[1])) * (u @ v)
    y, x = np.nonzero(shown)
    middle = np.array([x.mean(), y.mean()]) if x.size else np.zeros(2)
    return np.column_stack([kept, movement @ np.append(middle, 1.0) - kept @ middle])


def _gain(product: Floats, picture: Floats, both: Mask) -> Floats:
    """One for all channels: the model's light may be brighter, its colour of the product is not to be believed."""
    if not both.any():
        return np.ones(1, np.float32)
    bright = [float(np.median(one[both].mean(axis=1))) for one in (product, picture)]
    return np.full(1, np.clip(bright[1] / max(bright[0], 1.0), LEAST_GAIN, MOST_GAIN), np.float32)


def _ground(picture: Floats, hidden: Mask) -> Floats:
    """`picture` with what is `hidden` filled in from around it: white, or the shadow that runs under the product.

    Filled on a coarse grid, from the outside inwards: shadows are soft.
    """
    size = (picture.shape[1], picture.shape[0])
    coarse = (GROUND_SIDE, max(1, round(GROUND_SIDE * size[1] / size[0])))
    seen = (cv2.resize((~hidden).astype(np.float32), coarse, interpolation=cv2.INTER_AREA) > 0.99).astype(np.float32)
    ground = np.asarray(cv2.resize(picture, coarse, interpolation=cv2.INTER_AREA), np.float32) * seen[..., None]
    while not seen.all():
        weight = cv2.blur(seen, (5, 5))
        new = (seen == 0) & (weight > 0.05)
        if not new.any():
            return np.full_like(picture, 255)  # nothing of it is seen
        ground[new] = cv2.blur(ground, (5, 5))[new] / weight[new][:, None]
        seen[new] = 1
    smooth = cv2.resize(cv2.GaussianBlur(ground, (0, 0), 1.5), size, interpolation=cv2.INTER_CUBIC)
    return np.where(hidden[..., None], np.asarray(smooth, np.float32), picture)


def _alpha(cutout: Cutout, size: tuple[int, int]) -> Image.Image:
    """The cut-out's mask, as large as the photo."""
    assert cutout.alpha is not None
    left, top, right, bottom = cutout.box
    part = Image.fromarray((cutout.alpha * 255).round().astype(np.uint8))
    whole = Image.new("L", size, 0)
    whole.paste(part.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
    return whole


def _warped(picture: Floats, movement: Map, size: tuple[int, int], edge: int) -> Floats:
    return np.asarray(cv2.warpAffine(picture, movement, size, flags=cv2.INTER_CUBIC, borderMode=edge), np.float32)
