"""Soft shadows on white: kept off the frame, or taken away where that can't hurt the product."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from core.pixels import Mask, border, flood

NEAR_WHITE = 245
#: A shadow is grey and light; what is darker, or coloured, belongs to the product.
SHADOW_LEVEL, SHADOW_CHROMA = 215, 24
#: To be taken away, a shadow may be darker, as long as it changes softly (levels from one pixel to the next).
DEEP_SHADOW_LEVEL, SOFT_STEP = 120, 4
#: Of the outline, that looks like shadow: above it, the product itself may be pale.
PALE_SHARE = 0.02


def near_white(pixels: npt.NDArray[np.uint8]) -> Mask:
    """Which pixels of (h, w, 3) are background: near white and connected to the border."""
    light = (pixels[..., 0] >= NEAR_WHITE) & (pixels[..., 1] >= NEAR_WHITE) & (pixels[..., 2] >= NEAR_WHITE)
    return flood(border((pixels.shape[0], pixels.shape[1])), light)


def fade(image: Image.Image, margin: float) -> Image.Image:
    """Lets a shadow run out in the margin (a share of the side) before it meets the frame."""
    size = image.width
    to_border = np.minimum(np.arange(size), np.arange(size)[::-1]).astype(np.float32)
    depth = np.minimum(to_border[:, None], to_border[None, :]) / max(1.0, margin * size)
    strength = ((depth - 0.4) / 0.6).clip(0, 1)[..., None]
    darkest, chroma = _darkest_and_chroma(image)
    shadow = (darkest >= SHADOW_LEVEL) & (darkest < 255) & (chroma <= SHADOW_CHROMA) & (depth < 1)
    pixels = np.array(image)
    pixels[shadow] = (255 - (255 - pixels[shadow].astype(np.float32)) * strength[shadow]).round()
    return Image.fromarray(pixels)


def without_shadow(image: Image.Image) -> Image.Image:
    """White where a shadow lies: grey that runs softly into the white of the frame, outside the product's outline.

    A pale product looks just like that. Where one can't be told from the other, the picture stays as it is: a shadow
    too many is a matter of taste, a product half erased is not.
    """
    darkest, chroma = _darkest_and_chroma(image)
    light = darkest >= NEAR_WHITE
    grey = ~light & (darkest >= DEEP_SHADOW_LEVEL) & (chroma <= SHADOW_CHROMA) & _soft(image.convert("L"))
    reached = flood(border(light.shape) & light, light | grey)
    outline = _hull(~light & ~grey)
    if not outline.any() or (reached & grey & outline).sum() > PALE_SHARE * outline.sum():
        return image
    shadow = reached & ~outline
    # Over the product's edge the shadow nearby is divided out, so that no grey line is left around it.
    weight = _blurred(shadow * np.uint8(255))
    edge = (weight > 12) & ~shadow
    shade = _blurred(darkest * shadow)[edge] / weight[edge] * 255
    pixels = np.array(image)
    pixels[edge] = (pixels[edge] * (255 / shade.clip(DEEP_SHADOW_LEVEL, 255))[:, None]).clip(0, 255).round()
    pixels[shadow] = 255
    return Image.fromarray(pixels)


def _hull(mask: Mask) -> Mask:
    """The convex hull of `mask`, filled (Andrew's monotone chain over the ends of each row)."""
    rows = np.flatnonzero(mask.any(axis=1))
    lefts = mask[rows].argmax(axis=1)
    rights = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    corners = _chain(list(zip(lefts, rows, strict=True)), 1) + _chain(list(zip(rights, rows, strict=True)), -1)[::-1]
    filled = Image.new("1", (mask.shape[1], mask.shape[0]))
    if len(corners) > 2:
        ImageDraw.Draw(filled).polygon(corners, fill=1)
    return np.asarray(filled)


def _chain(points: list[tuple[int, int]], turn: int) -> list[tuple[int, int]]:
    """The points, in order of y, without those that bend inwards; `turn`: 1 on the left side, -1 on the right."""
    kept: list[tuple[int, int]] = []
    for x, y in points:
        while len(kept) > 1:
            (x0, y0), (x1, y1) = kept[-2:]
            if turn * ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) < 0:
                break
            kept.pop()
        kept.append((int(x), int(y)))
    return kept


def _darkest_and_chroma(image: Image.Image) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The darkest channel of each pixel, and how far it is from the lightest, faster than numpy finds them."""
    red, green, blue = image.split()
    low = ImageChops.darker(ImageChops.darker(red, green), blue)
    high = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return np.asarray(low), np.asarray(ImageChops.subtract(high, low))


def _soft(grey: Image.Image) -> Mask:
    """Where the level changes little from one pixel to the next."""
    level = np.asarray(grey.filter(ImageFilter.GaussianBlur(1.5))).astype(np.int16)
    soft = np.ones(level.shape, bool)
    across, down = np.abs(np.diff(level, axis=1)) <= SOFT_STEP, np.abs(np.diff(level, axis=0)) <= SOFT_STEP
    for side, steps in ((soft[:, 1:], across), (soft[:, :-1], across), (soft[1:], down), (soft[:-1], down)):
        side &= steps
    return soft


def _blurred(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.asarray(Image.fromarray(values).filter(ImageFilter.BoxBlur(3)), np.float32)
