"""A pinhole camera that frames an item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.generate.solids import Array


@dataclass(frozen=True)
class Camera:
    eye: Array
    right: Array
    up: Array
    ahead: Array
    focal: float  #: in units of half the longer side

    def project(self, points: Array) -> Array:
        """(n, 3) world → (n, 2), in units of half the longer side, y upwards."""
        p = points - self.eye
        depth = np.maximum(p @ self.ahead, 1e-3)
        return np.stack([p @ self.right, p @ self.up], 1) / depth[:, None] * self.focal

    def rays(self, width: int, height: int) -> tuple[Array, Array, Array]:
        """Unit directions of every pixel, flattened row by row."""
        half = max(width, height) / 2
        x = ((np.arange(width) + 0.5 - width / 2) / half / self.focal).astype(np.float32)
        y = (-(np.arange(height) + 0.5 - height / 2) / half / self.focal).astype(np.float32)
        gx, gy = (v.ravel() for v in np.meshgrid(x, y))
        size = np.sqrt(1 + gx * gx + gy * gy)
        a, b, c = ((self.ahead[i] + gx * self.right[i] + gy * self.up[i]) / size for i in range(3))
        return a, b, c


def look(target: Array, away: float, azimuth: float, elevation: float, roll: float, focal: float) -> Camera:
    """A camera at `azimuth` (0 looks along +y) and `elevation` (90 looks straight down) around the target. Degrees."""
    a, e, r = np.radians([azimuth, elevation, roll])
    ahead = np.array([np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), -np.sin(e)])
    flat_right = np.array([np.cos(a), -np.sin(a), 0.0])
    flat_up = np.cross(flat_right, ahead)
    right = flat_right * np.cos(r) + flat_up * np.sin(r)
    up = flat_up * np.cos(r) - flat_right * np.sin(r)
    eye = target - ahead * away
    return Camera(*(v.astype(np.float32) for v in (eye, right, up, ahead)), focal)


def frame(
    corners: Array,
    aspect: float,
    *,
    azimuth: float,
    elevation: float,
    roll: float = 0.0,
    fill: float = 0.7,
    offset: tuple[float, float] = (0.0, 0.0),
    focal: float = 2.6,
) -> Camera:
    """The camera whose picture (width / height = aspect) holds the corners over `fill` of its tighter side.

    `offset` moves the item off-centre, in fractions of half the frame.
    """
    half = np.array([1.0, 1 / aspect]) if aspect >= 1 else np.array([aspect, 1.0])
    target = (corners.min(0) + corners.max(0)).astype(float) / 2
    away = 4.0 * float(np.ptp(corners, 0).max())
    for _ in range(14):
        camera = look(target, away, azimuth, elevation, roll, focal)
        seen = camera.project(corners)
        lo, hi = seen.min(0), seen.max(0)
        away *= max(float(((hi - lo) / (2 * half)).max()) / fill, 0.2)
        middle = (lo + hi) / 2 - np.array(offset) * half
        shift = middle / focal * away
        target = target + camera.right * shift[0] + camera.up * shift[1]
    return look(target, away, azimuth, elevation, roll, focal)
