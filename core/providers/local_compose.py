"""Draws a cut-out product on its white square, or tidies a photo that couldn't be cut out."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from core.pixels import MAX_UPSCALE, Floats, bounding_box, square_side
from core.providers.local_cutout import Cutout

#: The brightest part of a photo is lifted to here (0–255), with at most this gain.
BRIGHT, MAX_GAIN = 235.0, 1.18
#: White balance moves a channel by at most this share: more would change the product's own colour.
MAX_TINT = 0.04
SHADOW = 0.22
#: Edges are studied on a grid this long, in neighbourhoods of this radius: close to what the network can tell.
REDUCED_SIDE, RADIUS = 400, 3


def compose(image: Image.Image, cutout: Cutout, most: int, fill: float, shadow: bool = True) -> Image.Image:
    """The product on a white square of up to `most` pixels, its longer side `fill` of it, over a faint shadow if wanted."""
    assert cutout.alpha is not None
    box = _tight(cutout.alpha, cutout)
    size = square_side(max(box[2] - box[0], box[3] - box[1]) / fill, most)
    scale = min(fill * size / max(box[2] - box[0], box[3] - box[1]), MAX_UPSCALE)
    # Some pixels around the product, for the colours of its background and for the soft edge.
    pad = 0.04 * size / scale
    view = (
        max(box[0] - pad, cutout.box[0]),
        max(box[1] - pad, cutout.box[1]),
        min(box[2] + pad, cutout.box[2]),
        min(box[3] + pad, cutout.box[3]),
    )
    width, height = round((view[2] - view[0]) * scale), round((view[3] - view[1]) * scale)
    pixels = _floats(image.resize((width, height), Image.Resampling.LANCZOS, box=view))
    alpha = refine(_alpha_of(cutout, view, (width, height)), pixels)
    product = decontaminate(pixels * exposure(image, pixels[alpha > 0.9]), alpha)
    left = round(size / 2 - ((box[0] + box[2]) / 2 - view[0]) * scale)
    top = round(size / 2 - ((box[1] + box[3]) / 2 - view[1]) * scale)
    return _on_white(product, alpha, left, top, size, SHADOW if shadow else 0.0)


def tidy(image: Image.Image, most: int) -> Image.Image:
    """The whole photo, better lit, fitted into a white square."""
    size = square_side(max(image.size), most)
    scale = min(size / max(image.size), MAX_UPSCALE)
    fitted = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    lit = Image.fromarray((_floats(fitted) * exposure(image)).clip(0, 255).round().astype(np.uint8))
    square = Image.new("RGB", (size, size), "white")
    square.paste(lit, ((size - lit.width) // 2, (size - lit.height) // 2))
    return square


def exposure(image: Image.Image, product: Floats | None = None) -> Floats:
    """A gain per channel: a little more light, and a little less tint where something near white shows one.

    `product` are the product's own pixels (n, 3), whose bright parts must not burn out.
    """
    small = _floats(image.resize((128, 128), Image.Resampling.BOX)).reshape(-1, 3)
    level = small.mean(axis=1)
    brightest = float(np.percentile(level, 97))
    if product is not None and len(product):
        brightest = max(brightest, float(np.percentile(product[::17].max(axis=1), 92)))
    gain = float(np.clip(BRIGHT / max(brightest, 1.0), 1.0, MAX_GAIN))
    # Only what is nearly white already: a pale green table is no white one under green light.
    light = small[(level > 185) & (np.ptp(small, axis=1) < 22)]
    tint = np.ones(3, np.float32)
    if len(light) > 300:
        colour = light.mean(axis=0)
        tint = (colour.mean() / colour).clip(1 - MAX_TINT, 1 + MAX_TINT)
    return np.asarray(gain * tint, np.float32)


def refine(alpha: Floats, pixels: Floats) -> Floats:
    """Pulls the network's soft edge onto the edges of the photo (fast guided filter), slightly inwards.

    `pixels` are levels 0–255.
    """
    light: Floats = pixels @ (np.array([0.3, 0.59, 0.11], np.float32) * np.float32(1 / 255))
    guide, mask = _reduced(light), _reduced(alpha)
    mean_guide, mean_mask = box_mean(guide, RADIUS), box_mean(mask, RADIUS)
    covariance = box_mean(guide * mask, RADIUS) - mean_guide * mean_mask
    variance = box_mean(guide * guide, RADIUS) - mean_guide * mean_guide
    slope = _ratio(covariance, variance + np.float32(1e-3))
    offset = mean_mask - slope * mean_guide
    guided = _resized(box_mean(slope, RADIUS), alpha.shape) * light + _resized(box_mean(offset, RADIUS), alpha.shape)
    # Deep inside and far outside the network knows better than the colours do.
    return smoothstep(np.where((alpha > 0.97) | (alpha < 0.03), alpha, guided), 0.35, 0.85)


def decontaminate(pixels: Floats, alpha: Floats) -> Floats:
    """The product's own colour where the photo shows a mix with its old background (levels 0–255)."""
    weight = _reduced(alpha) ** np.float32(4)
    inside = box_mean(weight, RADIUS)
    known = _resized((inside > 0.02).astype(np.float32), alpha.shape)
    # Blur carries the old background two pixels into the product.
    edge = (1 - smoothstep(box_mean(alpha, 2), 0.8, 1.0)) * known
    cleaned = pixels.copy()
    for channel in range(3):
        weighted = box_mean(_reduced(pixels[..., channel]) * weight, RADIUS)
        front = _ratio(weighted, inside + np.float32(1e-4))
        cleaned[..., channel] += edge * (_resized(front, alpha.shape) - pixels[..., channel])
    return cleaned


def box_mean(values: Floats, radius: int) -> Floats:
    """The mean of each (2·radius + 1)² neighbourhood; the border repeats."""
    step = 2 * radius + 1
    for _ in range(2):
        # Along rows, then turned: along columns.
        sums = np.cumsum(np.pad(values, [(0, 0), (radius + 1, radius)], mode="edge"), axis=1, dtype=np.float64)
        values = ((sums[:, step:] - sums[:, :-step]) / step).astype(np.float32).T
    return values


def _ratio(over: Floats, under: Floats) -> Floats:
    return np.asarray(over / under, np.float32)


def _reduced(values: Floats) -> Floats:
    scale = REDUCED_SIDE / max(values.shape)
    return _resized(values, (max(1, round(values.shape[0] * scale)), max(1, round(values.shape[1] * scale))))


def _resized(values: Floats, shape: tuple[int, ...]) -> Floats:
    smooth = Image.Resampling.BOX if shape[0] < values.shape[0] else Image.Resampling.BILINEAR
    return _floats(Image.fromarray(np.ascontiguousarray(values)).resize((shape[1], shape[0]), smooth))


def smoothstep(values: Floats, low: float, high: float) -> Floats:
    t = ((values - low) / (high - low)).clip(0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _tight(alpha: Floats, cutout: Cutout) -> tuple[float, float, float, float]:
    """The product's box in pixels of the photo."""
    inner = bounding_box(alpha > 0.5) or (0, 0, alpha.shape[1], alpha.shape[0])
    x = (cutout.box[2] - cutout.box[0]) / alpha.shape[1]
    y = (cutout.box[3] - cutout.box[1]) / alpha.shape[0]
    return (
        cutout.box[0] + inner[0] * x,
        cutout.box[1] + inner[1] * y,
        cutout.box[0] + inner[2] * x,
        cutout.box[1] + inner[3] * y,
    )


def _alpha_of(cutout: Cutout, view: tuple[float, float, float, float], size: tuple[int, int]) -> Floats:
    assert cutout.alpha is not None
    x = cutout.alpha.shape[1] / (cutout.box[2] - cutout.box[0])
    y = cutout.alpha.shape[0] / (cutout.box[3] - cutout.box[1])
    part = (
        (view[0] - cutout.box[0]) * x,
        (view[1] - cutout.box[1]) * y,
        (view[2] - cutout.box[0]) * x,
        (view[3] - cutout.box[1]) * y,
    )
    mask = Image.fromarray((cutout.alpha * 255).round().astype(np.uint8))
    return _floats(mask.resize(size, Image.Resampling.BICUBIC, box=part)) * np.float32(1 / 255)


def _on_white(product: Floats, alpha: Floats, left: int, top: int, size: int, shadow: float) -> Image.Image:
    mask = Image.new("L", (size, size), 0)
    mask.paste(Image.fromarray((alpha * 255).round().astype(np.uint8)), (left, top))
    colour = Image.new("RGB", (size, size), "white")
    colour.paste(Image.fromarray(product.clip(0, 255).round().astype(np.uint8)), (left, top))
    # Lower and softer than the product: where it rests, not where it floats.
    below = Image.new("L", (size, size), 0)
    below.paste(mask, (0, size // 110))
    shade = _floats(below.filter(ImageFilter.GaussianBlur(size / 80))) / 255
    ground = Image.fromarray((255 * (1 - shadow * shade)).round().astype(np.uint8)).convert("RGB")
    ground.paste(colour, mask=mask)
    return ground


def _floats(image: Image.Image) -> Floats:
    return np.asarray(image, np.float32)
