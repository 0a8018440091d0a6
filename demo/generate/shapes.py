"""Primitive solids, centred on the origin; round ones stand along z. Lengths in centimetres."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise

import numpy as np

from demo.generate.solids import Array, Solid

Point = tuple[float, float, float]


def slab2(u: Array, v: Array, r: float) -> Array:
    """Distance to a corner-rounded intersection of the half planes `u < 0` and `v < 0` (both already shrunk by r)."""
    return np.hypot(np.maximum(u, 0), np.maximum(v, 0)) + np.minimum(np.maximum(u, v), 0) - np.float32(r)


def sphere(r: float) -> Solid:
    return Solid(lambda x, y, z: np.sqrt(x * x + y * y + z * z) - np.float32(r), (-r, -r, -r), (r, r, r))


def ellipsoid(a: float, b: float, c: float) -> Solid:
    def f(x: Array, y: Array, z: Array) -> Array:
        u, v, w = x / np.float32(a), y / np.float32(b), z / np.float32(c)
        k = np.sqrt(u * u + v * v + w * w)
        g = np.sqrt((u / np.float32(a)) ** 2 + (v / np.float32(b)) ** 2 + (w / np.float32(c)) ** 2)
        return k * (k - 1) / np.maximum(g, np.float32(1e-6))

    return Solid(f, (-a, -b, -c), (a, b, c), 0.9)


def box(a: float, b: float, c: float, r: float = 0.0) -> Solid:
    ha, hb, hc = np.float32(a / 2 - r), np.float32(b / 2 - r), np.float32(c / 2 - r)

    def f(x: Array, y: Array, z: Array) -> Array:
        u, v, w = np.abs(x) - ha, np.abs(y) - hb, np.abs(z) - hc
        out = np.sqrt(np.maximum(u, 0) ** 2 + np.maximum(v, 0) ** 2 + np.maximum(w, 0) ** 2)
        return out + np.minimum(np.maximum(u, np.maximum(v, w)), 0) - np.float32(r)

    return Solid(f, (-a / 2, -b / 2, -c / 2), (a / 2, b / 2, c / 2))


def cylinder(r: float, h: float, edge: float = 0.0) -> Solid:
    def f(x: Array, y: Array, z: Array) -> Array:
        return slab2(np.hypot(x, y) - np.float32(r - edge), np.abs(z) - np.float32(h / 2 - edge), edge)

    return Solid(f, (-r, -r, -h / 2), (r, r, h / 2))


def pipe(r: float, inner: float, h: float, edge: float = 0.0) -> Solid:
    mid, half = (r + inner) / 2, (r - inner) / 2

    def f(x: Array, y: Array, z: Array) -> Array:
        ring = np.abs(np.hypot(x, y) - np.float32(mid)) - np.float32(half - edge)
        return slab2(ring, np.abs(z) - np.float32(h / 2 - edge), edge)

    return Solid(f, (-r, -r, -h / 2), (r, r, h / 2))


def prism(sides: int, apothem: float, h: float, edge: float = 0.0) -> Solid:
    sector = np.float32(2 * np.pi / sides)
    r = apothem / np.cos(np.pi / sides)

    def f(x: Array, y: Array, z: Array) -> Array:
        angle = np.arctan2(y, x)
        angle = angle - sector * np.round(angle / sector)
        flat = np.hypot(x, y) * np.cos(angle) - np.float32(apothem - edge)
        return slab2(flat, np.abs(z) - np.float32(h / 2 - edge), edge)

    return Solid(f, (-r, -r, -h / 2), (r, r, h / 2))


def capsule(a: Point, b: Point, r: float, r2: float | None = None) -> Solid:
    """A rounded rod from a to b whose radius goes from r to r2."""
    end = r if r2 is None else r2
    p, d = np.array(a, np.float32), np.array(b, np.float32) - np.array(a, np.float32)
    dd = np.float32(max(float(d @ d), 1e-9))

    def f(x: Array, y: Array, z: Array) -> Array:
        u, v, w = x - p[0], y - p[1], z - p[2]
        t = np.clip((u * d[0] + v * d[1] + w * d[2]) / dd, 0, 1)
        away = np.sqrt((u - t * d[0]) ** 2 + (v - t * d[1]) ** 2 + (w - t * d[2]) ** 2)
        return away - (np.float32(r) + t * np.float32(end - r))

    most = max(r, end)
    lo = tuple(min(i, j) - most for i, j in zip(a, b, strict=True))
    hi = tuple(max(i, j) + most for i, j in zip(a, b, strict=True))
    return Solid(f, lo, hi, 1.0 if r2 is None else 0.9)


def tube(points: Sequence[Point], r: float) -> Solid:
    """A bent round bar through the points."""
    return reduce(lambda s, t: s | t, (capsule(a, b, r) for a, b in pairwise(points)))


def curve(points: Sequence[Point], per_span: int = 6) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    p = np.array([points[0], *points, points[-1]], float)
    out: list[Point] = []
    for i in range(1, len(p) - 2):
        for t in np.linspace(0, 1, per_span, endpoint=False):
            a, b, c, d = p[i - 1 : i + 3]
            q = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            out.append((float(q[0]), float(q[1]), float(q[2])))
    return [*out, tuple(float(v) for v in points[-1])]


def torus(big: float, r: float) -> Solid:
    edge = big + r
    return Solid(
        lambda x, y, z: np.hypot(np.hypot(x, y) - np.float32(big), z) - np.float32(r),
        (-edge, -edge, -r),
        (edge, edge, r),
    )


def link(length: float, big: float, r: float) -> Solid:
    """A chain link: a torus pulled apart along x."""
    half, edge = np.float32(length / 2 - big), big + r

    def f(x: Array, y: Array, z: Array) -> Array:
        u = np.maximum(np.abs(x) - half, 0)
        return np.hypot(np.hypot(u, y) - np.float32(big), z) - np.float32(r)

    return Solid(f, (-length / 2 - r, -edge, -r), (length / 2 + r, edge, r))


def helix(big: float, r: float, pitch: float, turns: float) -> Solid:
    """A coil around z, `turns` high."""
    half, edge = turns * pitch / 2, big + r

    def f(x: Array, y: Array, z: Array) -> Array:
        phase = np.arctan2(y, x) / np.float32(2 * np.pi)
        n = np.clip(np.round(z / np.float32(pitch) - phase), -turns / 2, turns / 2).astype(np.float32)
        return np.hypot(np.hypot(x, y) - np.float32(big), z - np.float32(pitch) * (n + phase)) - np.float32(r)

    return Solid(f, (-edge, -edge, -half - pitch - r), (edge, edge, half + pitch + r), 0.8)


def thread(r: float, h: float, pitch: float, depth: float, taper: float = 0.0) -> Solid:
    """A screw thread along z; `taper` is the length over which the lower end runs to a point."""

    def f(x: Array, y: Array, z: Array) -> Array:
        phase = z / np.float32(pitch) - np.arctan2(y, x) / np.float32(2 * np.pi)
        wave = np.abs(phase - np.round(phase)) * 2
        size = np.float32(1)
        if taper:
            size = np.clip((z + np.float32(h / 2)) / np.float32(taper), 0.06, 1)
        rho = np.hypot(x, y) - np.float32(r) * size + np.float32(depth) * wave * np.sqrt(size)
        return np.maximum(rho, np.abs(z) - np.float32(h / 2))

    return Solid(f, (-r, -r, -h / 2), (r, r, h / 2), 0.6)


def arc_tube(big: float, r: float, start: float, end: float) -> Solid:
    """A round bar bent along an arc in the xy plane, from `start` to `end` degrees."""
    middle, half = np.radians((start + end) / 2), np.float32(np.radians((end - start) / 2))
    edge = big + r

    def f(x: Array, y: Array, z: Array) -> Array:
        turn = (np.arctan2(y, x) - np.float32(middle) + np.float32(np.pi)) % np.float32(2 * np.pi) - np.float32(np.pi)
        at = np.clip(turn, -half, half) + np.float32(middle)
        u, v = x - np.cos(at) * np.float32(big), y - np.sin(at) * np.float32(big)
        return np.sqrt(u * u + v * v + z * z) - np.float32(r)

    return Solid(f, (-edge, -edge, -r), (edge, edge, r))
