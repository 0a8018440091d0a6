"""A flat surface in the picture: where rays meet it, and its colour, relief and the shadows that fall on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.generate.camera import Camera
from demo.generate.light import Light, openness, reach
from demo.generate.march import Triple
from demo.generate.parts import Item
from demo.generate.solids import Array
from demo.generate.surfaces import Tile


@dataclass(frozen=True)
class Plane:
    """The ground (`wall_at` None, z = 0) or a wall facing the camera at y = `wall_at`. `spin` turns the tile, degrees."""

    tile: Tile
    wall_at: float | None = None
    spin: float = 0.0
    scale: float = 1.0

    def distance(self, eye: Array, ray: Triple) -> Array:
        """How far along each ray; 1e9 where it never meets the plane."""
        axis, at = (2, 0.0) if self.wall_at is None else (1, self.wall_at)
        toward = ray[axis]
        facing = toward < -1e-4 if self.wall_at is None else toward > 1e-4
        return np.where(facing, (at - eye[axis]) / np.where(facing, toward, 1), np.float32(1e9)).astype(np.float32)

    def _grid(self, p: Triple) -> tuple[Array, Array]:
        a, b = (p[0], p[1]) if self.wall_at is None else (p[0], p[2])
        co, si = np.cos(np.radians(self.spin)), np.sin(np.radians(self.spin))
        n = self.tile.height.shape[0] / (self.tile.size * self.scale)
        return ((a * co + b * si) * n + 300).astype(np.float32), ((b * co - a * si) * n + 170).astype(np.float32)

    def look_up(self, p: Triple, footprint: float) -> tuple[Array, Array, Triple]:
        """(n, 3) colour, (n,) height in cm, and world normals; smoothed to about `footprint` cm a pixel."""
        u, v = self._grid(p)
        pixel = self.tile.size * self.scale / self.tile.height.shape[0]
        stack = np.concatenate([self.tile.colour, self.tile.height[..., None] * self.scale], -1).astype(np.float32)
        while pixel < footprint * 0.7:
            stack = (stack[::2, ::2] + stack[1::2, ::2] + stack[::2, 1::2] + stack[1::2, 1::2]) / 4
            u, v, pixel = u / 2, v / 2, pixel * 2
        height = stack[..., 3]
        slope = [(np.roll(height, -1, axis) - np.roll(height, 1, axis)) / np.float32(2 * pixel) for axis in (1, 0)]
        values = _bilinear(np.concatenate([stack, slope[0][..., None], slope[1][..., None]], -1), u, v)
        co, si = np.float32(np.cos(np.radians(self.spin))), np.float32(np.sin(np.radians(self.spin)))
        du, dv = values[:, 4], values[:, 5]
        da, db = du * co - dv * si, du * si + dv * co
        size = np.sqrt(1 + da * da + db * db)
        flat = (-da / size, -db / size, 1 / size)
        normal = flat if self.wall_at is None else (flat[0], -flat[2], flat[1])
        return values[:, :3], values[:, 3], normal


def _bilinear(tile: Array, u: Array, v: Array) -> Array:
    n = tile.shape[0]
    i, j = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    fu, fv = (u - i).astype(np.float32)[:, None], (v - j).astype(np.float32)[:, None]
    i0, i1, j0, j1 = i % n, (i + 1) % n, j % n, (j + 1) % n
    return (tile[j0, i0] * (1 - fu) + tile[j0, i1] * fu) * (1 - fv) + (tile[j1, i0] * (1 - fu) + tile[j1, i1] * fu) * fv


def shadows(
    plane: Plane, camera: Camera, light: Light, things: Item, size: tuple[int, int], reaches: tuple[float, ...]
) -> tuple[Array, Array]:
    """(h, w) light that reaches the plane and how open it is, worked out at half resolution: shadows are soft."""
    width, height = size
    small = (max(width // 2, 2), max(height // 2, 2))
    ray = camera.rays(*small)
    t = np.minimum(plane.distance(camera.eye, ray), np.float32(1e4))
    p = tuple(camera.eye[i] + t * ray[i] for i in range(3))
    axis, sign = (2, 1.0) if plane.wall_at is None else (1, -1.0)
    n = tuple(np.full_like(t, sign if i == axis else 0.0) for i in range(3))
    lifted = tuple(a + np.float32(0.004) * b for a, b in zip(p, n, strict=True))
    maps = (reach(things, light, lifted), openness(things, p, n, reaches))
    return tuple(_enlarge(m.reshape(small[1], small[0]), size) for m in maps)


def _enlarge(a: Array, size: tuple[int, int]) -> Array:
    return np.asarray(Image.fromarray(a.astype(np.float32)).resize(size, Image.Resampling.BICUBIC), np.float32)


def shifted(shadow: Array, height: Array, rows: Array, drift: Array) -> Array:
    """The shadow as it falls on relief: each pixel reads where its raised point's shadow comes from."""
    h, w = shadow.shape
    y, x = np.divmod(rows, w)
    x = np.clip(x + np.round(height * drift[0]).astype(int), 0, w - 1)
    y = np.clip(y - np.round(height * drift[1]).astype(int), 0, h - 1)
    return np.clip(shadow[y, x], 0, 1)
