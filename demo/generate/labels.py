"""Printed labels: real text on paper, film or card, as RGBA arrays ready to be wrapped around a part."""

from __future__ import annotations

import unicodedata

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from demo.generate.solids import Array

Rgb = tuple[int, int, int]
INK = (25, 25, 28)


def font(size: float) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.load_default(size)
    assert isinstance(loaded, ImageFont.FreeTypeFont)
    return loaded


class Label:
    """A canvas whose coordinates are fractions of its width and height; text is kept within `limit` of the width."""

    def __init__(self, width: int, height: int, paper: Rgb = (246, 244, 238), limit: float = 0.92) -> None:
        self.limit = limit
        self.image = Image.new("RGBA", (width, height), (*paper, 255))
        self.draw = ImageDraw.Draw(self.image)
        self.w, self.h = width, height

    def band(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb) -> Label:
        self.draw.rectangle([x0 * self.w, y0 * self.h, x1 * self.w, y1 * self.h], fill=colour)
        return self

    def disc(self, x: float, y: float, r: float, colour: Rgb) -> Label:
        cx, cy, cr = x * self.w, y * self.h, r * self.h
        self.draw.ellipse([cx - cr, cy - cr, cx + cr, cy + cr], fill=colour)
        return self

    def slash(self, points: list[tuple[float, float]], colour: Rgb) -> Label:
        self.draw.polygon([(x * self.w, y * self.h) for x, y in points], fill=colour)
        return self

    def text(self, x: float, y: float, size: float, words: str, ink: Rgb = INK, bold: float = 0.0) -> Label:
        """Centred on (x, y); `size` is a fraction of the height. Shrunk when it would not fit the width."""
        height = size * self.h
        width = sum(font(height).getlength(_base(c)) for c in words)
        if width > self.limit * self.w:
            height *= self.limit * self.w / width
        face = font(height)
        width = sum(face.getlength(_base(c)) for c in words)
        left, top = x * self.w - width / 2, y * self.h - height * 0.6
        for c in words:
            self.draw.text((left, top), _base(c), font=face, fill=ink, stroke_width=bold * height, stroke_fill=ink)
            advance = face.getlength(_base(c))
            _mark(self.draw, c, left, top, advance, height, ink)
            left += advance
        return self

    def barcode(self, x0: float, y0: float, x1: float, y1: float, digits: str) -> Label:
        """Bars of an EAN-13's shape with its digits below."""
        self.band(x0, y0, x1, y1, (255, 255, 255))
        rng = np.random.default_rng(int(digits))
        at = x0 + 0.05 * (x1 - x0)
        unit = (x1 - x0) * 0.9 / 95
        while at < x1 - 0.06 * (x1 - x0):
            bar, gap = (int(v) for v in rng.integers(1, 4, 2))
            self.band(at, y0 + 0.06 * (y1 - y0), at + bar * unit, y0 + 0.75 * (y1 - y0), INK)
            at += (bar + gap) * unit
        height = 0.2 * (y1 - y0) * self.h
        face = font(height)
        left = (x0 + x1) / 2 * self.w - face.getlength(digits) / 2
        self.draw.text((left, (y0 + 0.77 * (y1 - y0)) * self.h), digits, font=face, fill=INK)
        return self

    def array(self) -> Array:
        """(h, w, 4): linear RGB and coverage."""
        a = np.asarray(self.image, np.float32) / 255
        return np.concatenate([a[..., :3] ** 2.2, a[..., 3:]], -1)


def _base(c: str) -> str:
    return {"Ø": "O", "×": "x", "½": "1/2", "°": "o"}.get(c, unicodedata.normalize("NFD", c)[0])


def _mark(draw: ImageDraw.ImageDraw, c: str, x: float, y: float, w: float, h: float, ink: Rgb) -> None:
    """The built-in font has no accented letters: their marks are drawn by hand."""
    marks = unicodedata.normalize("NFD", c)[1:]
    pen = max(1, round(h * 0.08))
    top = y + h * (0.12 if c.isupper() else 0.3)
    middle = x + w / 2
    if c == "Ø":
        draw.line([x + w * 0.1, y + h * 1.0, x + w * 0.9, y + h * 0.2], fill=ink, width=pen)
    elif "\u0301" in marks:
        draw.line([middle - h * 0.05, top, middle + h * 0.12, top - h * 0.15], fill=ink, width=pen)
    elif "\u0303" in marks:
        steps = [
            (middle + h * (t - 0.5) * 0.4, top - h * 0.06 - h * 0.05 * np.sin(t * 6.3)) for t in np.linspace(0, 1, 9)
        ]
        draw.line(steps, fill=ink, width=pen)


def sample(image: Array, u: Array, v: Array) -> Array:
    """Bilinear look-up: u to the right and v downwards in [0, 1]; points outside get coverage 0. → (n, 4)"""
    h, w = image.shape[:2]
    inside = (u > 0) & (u < 1) & (v > 0) & (v < 1)
    x, y = np.clip(u, 0, 1) * (w - 1.001), np.clip(v, 0, 1) * (h - 1.001)
    i, j = x.astype(np.int32), y.astype(np.int32)
    fx, fy = (x - i)[:, None], (y - j)[:, None]
    top = image[j, i] * (1 - fx) + image[j, i + 1] * fx
    low = image[j + 1, i] * (1 - fx) + image[j + 1, i + 1] * fx
    out = top * (1 - fy) + low * fy
    out[:, 3] *= inside
    return out
