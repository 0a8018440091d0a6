"""Seeded noise: periodic tiles for surfaces, a lattice in space for materials."""

from __future__ import annotations

import numpy as np

from demo.generate.solids import Array


def tile_noise(rng: np.random.Generator, n: int, long_x: float, long_y: float, slope: float = 1.8) -> Array:
    """(n, n) periodic noise, mean 0 and deviation 1. `long_*` (pixels) is the largest feature along each axis."""
    fy, fx = np.meshgrid(np.fft.fftfreq(n), np.fft.rfftfreq(n), indexing="ij")
    k = np.sqrt((fx * long_x) ** 2 + (fy * long_y) ** 2)
    power = 1 / (1 + k**slope)
    wave = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((n, n))) * power, s=(n, n))
    wave -= wave.mean()
    return (wave / wave.std()).astype(np.float32)


def cells(rng: np.random.Generator, n: int, count: int, jitter: float = 0.9) -> tuple[Array, Array, Array]:
    """Periodic Voronoi cells on an (n, n) tile, `count` per side: (nearest, second nearest) in cell units, and a cell id."""
    dx, dy = rng.random((2, count, count)).astype(np.float32) * jitter
    pos = (np.arange(n, dtype=np.float32) + 0.5) * count / n
    x, y = np.meshgrid(pos, pos)
    ix, iy = x.astype(int), y.astype(int)
    near, second = np.full((n, n), 9, np.float32), np.full((n, n), 9, np.float32)
    which = np.zeros((n, n), np.int64)
    for oy in (-1, 0, 1):
        for ox in (-1, 0, 1):
            cx, cy = (ix + ox) % count, (iy + oy) % count
            away = np.hypot(ix + ox + dx[cy, cx] - x, iy + oy + dy[cy, cx] - y)
            closer = away < near
            second = np.where(closer, near, np.minimum(second, away))
            which = np.where(closer, cy * count + cx, which)
            near = np.minimum(near, away)
    return near, second, which


def space_noise(x: Array, y: Array, z: Array) -> Array:
    """Smooth lattice noise in [0, 1] with features of about one unit."""
    base = [np.floor(v).astype(np.int32) for v in (x, y, z)]
    frac = [v - b for v, b in zip((x, y, z), base, strict=True)]
    frac = [t * t * (3 - 2 * t) for t in frac]
    total = np.zeros(np.broadcast(x, y, z).shape, np.float32)
    for corner in range(8):
        bits = [(corner >> i) & 1 for i in range(3)]
        with np.errstate(over="ignore"):
            h = (base[0] + bits[0]) * 374761393 + (base[1] + bits[1]) * 668265263 + (base[2] + bits[2]) * 1274126177
            h = (h ^ (h >> 13)) * 1103515245
            h = (h ^ (h >> 16)) & 0xFFFF
        weight = np.float32(1)
        for t, bit in zip(frac, bits, strict=True):
            weight = weight * (t if bit else 1 - t)
        total += weight * h.astype(np.float32)
    return total / np.float32(65535)
