"""What a phone does to the light: focus, vignette, colour cast, exposure, tone curve, sensor noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.generate.solids import Array


@dataclass(frozen=True)
class Lens:
    exposure: float = 1.0
    warmth: float = 0.0  #: −1 cold … 1 warm
    vignette: float = 0.25
    noise: float = 0.012
    softness: float = 0.5  #: pixels
    focus: float = 1.0  #: how fast things behind go out of focus; 0 never


def develop(
    light: Array, depth: Array, seen_from: float, scale: float, lens: Lens, rng: np.random.Generator
) -> Image.Image:
    """Linear (h, w, 3) light to an 8-bit sRGB photo."""
    h, w = depth.shape
    if lens.focus:
        far = np.clip((np.abs(depth - seen_from) - 0.9 * scale) / (2.2 * scale), 0, 1) * lens.focus
        light = _mix_blur(light, far, max(w, h) / 330)
    if lens.softness:
        light = _mix_blur(light, np.full((h, w), min(lens.softness, 1.0), np.float32), 1.25)
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
    fall = 1 - lens.vignette * np.clip((x * x + y * y) / 2, 0, 1) ** 1.3
    tint = np.array([1 + 0.14 * lens.warmth, 1 + 0.02 * lens.warmth, 1 - 0.16 * lens.warmth], np.float32)
    exposed = light * fall[..., None] * tint * np.float32(lens.exposure)
    curved = tone(exposed)
    grain = rng.standard_normal((h, w, 3)).astype(np.float32) * 0.5 + rng.standard_normal((h, w, 1)).astype(np.float32)
    noisy = curved + grain * np.float32(lens.noise) * (0.45 + 0.8 * np.sqrt(np.clip(1 - curved, 0, 1)))
    return Image.fromarray((np.clip(noisy, 0, 1) * 255 + 0.5).astype(np.uint8))


def tone(v: Array) -> Array:
    """A film-like curve to sRGB values: straight in the middle, rolling off before white."""
    v = np.maximum(v, 0)
    rolled = v * (1 + v / 5.0) / (1 + 0.62 * v)
    return np.clip(rolled, 0, 1) ** np.float32(1 / 2.2)


def _mix_blur(light: Array, amount: Array, factor: float) -> Array:
    h, w = amount.shape
    small = (max(2, round(w / factor)), max(2, round(h / factor)))
    blurred = []
    for c in np.moveaxis(light, -1, 0):
        shrunk = Image.fromarray(np.ascontiguousarray(c)).resize(small, Image.Resampling.BILINEAR)
        blurred.append(np.asarray(shrunk.resize((w, h), Image.Resampling.BICUBIC), np.float32))
    return light * (1 - amount[..., None]) + np.stack(blurred, -1) * amount[..., None]
