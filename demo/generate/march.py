"""Sphere tracing of one solid, many rays at once; rays that miss the solid's box are never marched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.generate.solids import Array, Solid

Triple = tuple[Array, Array, Array]


def enter_box(solid: Solid, origin: Triple, ray: Triple, pad: float = 0.0) -> tuple[Array, Array]:
    """Where each ray enters and leaves the solid's box (leave < enter: it misses)."""
    enter = np.zeros(ray[0].shape, np.float32)
    leave = np.full(ray[0].shape, 1e9, np.float32)
    for o, d, lo, hi in zip(origin, ray, solid.lo, solid.hi, strict=True):
        safe = np.where(np.abs(d) < 1e-7, np.float32(1e-7), d)
        a, b = (np.float32(lo - pad) - o) / safe, (np.float32(hi + pad) - o) / safe
        enter = np.maximum(enter, np.minimum(a, b))
        leave = np.minimum(leave, np.maximum(a, b))
    return enter, leave


def trace(solid: Solid, origin: Triple, ray: Triple, eps: Array | np.float32) -> tuple[NDArray[np.int64], Array]:
    """Indices of the rays that hit and how far along. `eps` (cm): how near counts as a hit."""
    enter, leave = enter_box(solid, origin, ray, pad=0.02)
    alive = np.flatnonzero(leave > enter)
    shape = ray[0].shape
    o = [np.broadcast_to(v, shape)[alive] for v in origin]
    d = [v[alive] for v in ray]
    t, far = enter[alive], leave[alive]
    hits: list[NDArray[np.int64]] = []
    ends: list[Array] = []
    for step in range(110):
        if not alive.size:
            break
        away = solid.f(o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2])
        hit = away < eps * (1 + step / 40)
        if hit.any():
            hits.append(alive[hit])
            ends.append(t[hit])
        t = t + np.maximum(away, eps) * np.float32(solid.pace)
        keep = ~hit & (t < far)
        alive, t, far = alive[keep], t[keep], far[keep]
        o, d = [v[keep] for v in o], [v[keep] for v in d]
    if not hits:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    return np.concatenate(hits), np.concatenate(ends)


def soften(solid: Solid, origin: Triple, ray: Triple, hardness: float) -> tuple[NDArray[np.int64], Array]:
    """How much of the light along each ray gets past the solid: indices of rays near it, and 0 (none) … 1."""
    enter, leave = enter_box(solid, origin, ray, pad=0.6)
    alive = np.flatnonzero(leave > enter)
    near = alive
    shape = ray[0].shape
    o = [np.broadcast_to(v, shape)[alive] for v in origin]
    d = [v[alive] for v in ray]
    far = leave[alive]
    t = np.maximum(enter[alive], np.float32(0.02))
    light = np.ones(alive.size, np.float32)
    rows = np.arange(alive.size)
    for _ in range(26):
        if not rows.size:
            break
        away = solid.f(o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2])
        light[rows] = np.minimum(light[rows], np.clip(np.float32(hardness) * away / t, 0, 1))
        t = t + np.clip(away * np.float32(solid.pace), 0.03, 6)
        keep = (light[rows] > 0.01) & (t < far)
        rows, t, far = rows[keep], t[keep], far[keep]
        o, d = [v[keep] for v in o], [v[keep] for v in d]
    return near, light * light * (3 - 2 * light)


def normals(solid: Solid, p: Triple, bump: object, h: float) -> Triple:
    """Unit normals at surface points, from four samples of the distance (and of the bump) around each."""
    step = np.float32(h)
    total = [np.zeros_like(p[0]) for _ in range(3)]
    for signs in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        q = [v + step * s for v, s in zip(p, signs, strict=True)]
        away = solid.f(*q)
        if callable(bump):
            away = away - bump(*q)
        for i, s in enumerate(signs):
            total[i] += s * away
    size = np.maximum(np.sqrt(total[0] ** 2 + total[1] ** 2 + total[2] ** 2), np.float32(1e-9))
    return total[0] / size, total[1] / size, total[2] / size
