"""Flat outlines turned into solids: extruded or turned on a lathe. The outline's distance is baked once into a grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from demo.generate.shapes import slab2
from demo.generate.solids import Array, Solid

Outline = Sequence[tuple[float, float]]
GRID = 220


def soften(outline: Outline, times: int = 2) -> Outline:
    """The outline with its corners cut again and again (Chaikin)."""
    p = np.array(outline, float)
    for _ in range(times):
        nxt = np.roll(p, -1, 0)
        p = np.stack([0.75 * p + 0.25 * nxt, 0.25 * p + 0.75 * nxt], 1).reshape(-1, 2)
    return [(float(a), float(b)) for a, b in p]


def polygon_distance(u: Array, v: Array, outline: Outline) -> Array:
    """Exact signed distance of the points (u, v) to a closed outline."""
    best = np.full(u.shape, np.inf, np.float32)
    sign = np.ones(u.shape, np.float32)
    previous = outline[-1]
    for here in outline:
        eu, ev = previous[0] - here[0], previous[1] - here[1]
        wu, wv = u - np.float32(here[0]), v - np.float32(here[1])
        t = np.clip((wu * eu + wv * ev) / max(eu * eu + ev * ev, 1e-9), 0, 1)
        best = np.minimum(best, (wu - eu * t) ** 2 + (wv - ev * t) ** 2)
        above, below, left = v >= here[1], v < previous[1], eu * wv > ev * wu
        sign = np.where((above & below & left) | ~(above | below | left), -sign, sign)
        previous = here
    return (sign * np.sqrt(best)).astype(np.float32)


def baked(outline: Outline) -> Callable[[Array, Array], Array]:
    """A fast `g(u, v)` → distance, read from a grid around the outline."""
    p = np.array(outline, np.float32)
    lo, hi = p.min(0), p.max(0)
    pad = 0.12 * float((hi - lo).max())
    lo, hi = lo - pad, hi + pad
    cell = np.float32(float((hi - lo).max()) / GRID)
    size = np.ceil((hi - lo) / cell).astype(int) + 2
    us, vs = (lo[i] + cell * np.arange(size[i], dtype=np.float32) for i in (0, 1))
    gu, gv = np.meshgrid(us, vs, indexing="ij")
    grid = polygon_distance(gu, gv, outline)

    def g(u: Array, v: Array) -> Array:
        iu, iv = (u - lo[0]) / cell, (v - lo[1]) / cell
        cu, cv = np.clip(iu, 0, size[0] - 1.001), np.clip(iv, 0, size[1] - 1.001)
        a, b = cu.astype(np.int32), cv.astype(np.int32)
        fu, fv = cu - a, cv - b
        near = (grid[a, b] * (1 - fu) + grid[a + 1, b] * fu) * (1 - fv)
        near += (grid[a, b + 1] * (1 - fu) + grid[a + 1, b + 1] * fu) * fv
        return near + np.hypot(iu - cu, iv - cv) * cell * np.float32(0.7)

    return g


def extrude(outline: Outline, h: float, edge: float = 0.0) -> Solid:
    """The outline in the xy plane, `h` thick along z, with rounded rims."""
    g, p = baked(outline), np.array(outline)

    def f(x: Array, y: Array, z: Array) -> Array:
        return slab2(g(x, y) + np.float32(edge), np.abs(z) - np.float32(h / 2 - edge), edge)

    lo, hi = p.min(0), p.max(0)
    return Solid(f, (float(lo[0]), float(lo[1]), -h / 2), (float(hi[0]), float(hi[1]), h / 2), 0.95)


def lathe(profile: Outline, edge: float = 0.0) -> Solid:
    """The closed profile (radius, height) turned around z. A profile may touch the axis."""
    inner = [(r - 0.5 if r <= 0 else r, z) for r, z in profile]
    g, p = baked(inner), np.array(profile)
    r, lo, hi = float(p[:, 0].max()), float(p[:, 1].min()), float(p[:, 1].max())

    def f(x: Array, y: Array, z: Array) -> Array:
        return g(np.hypot(x, y), z) - np.float32(edge)

    return Solid(f, (-r - edge, -r - edge, lo - edge), (r + edge, r + edge, hi + edge), 0.95)
