"""Solids as signed distance functions, in centimetres, with the box that holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Distance = Callable[[Array, Array, Array], Array]
Corner = tuple[float, float, float]
AXES = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}


@dataclass(frozen=True)
class Solid:
    """`f(x, y, z)` → distance, negative inside. `pace` < 1 where `f` overstates the distance (threads, bumps)."""

    f: Distance
    lo: Corner
    hi: Corner
    pace: float = 1.0

    def move(self, x: float = 0, y: float = 0, z: float = 0) -> Solid:
        f, by = self.f, (x, y, z)
        return replace(
            self,
            f=lambda a, b, c: f(a - np.float32(x), b - np.float32(y), c - np.float32(z)),
            lo=_add(self.lo, by),
            hi=_add(self.hi, by),
        )

    def turn(self, axis: str, degrees: float) -> Solid:
        f, (i, j) = self.f, AXES[axis]
        co, si = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))

        def turned(*p: Array) -> Array:
            q = list(p)
            q[i], q[j] = p[i] * co + p[j] * si, p[j] * co - p[i] * si
            return f(*q)

        corners = np.array(np.meshgrid(*zip(self.lo, self.hi, strict=True))).reshape(3, -1)
        moved = corners.copy()
        moved[i], moved[j] = corners[i] * co - corners[j] * si, corners[i] * si + corners[j] * co
        return replace(self, f=turned, lo=tuple(moved.min(1).tolist()), hi=tuple(moved.max(1).tolist()))

    def stretch(self, x: float = 1, y: float = 1, z: float = 1) -> Solid:
        f, least = self.f, np.float32(min(x, y, z))
        by = (x, y, z)
        return replace(
            self,
            f=lambda a, b, c: f(a / np.float32(x), b / np.float32(y), c / np.float32(z)) * least,
            lo=tuple(v * s for v, s in zip(self.lo, by, strict=True)),
            hi=tuple(v * s for v, s in zip(self.hi, by, strict=True)),
        )

    def grow(self, r: float) -> Solid:
        f = self.f
        return replace(self, f=lambda x, y, z: f(x, y, z) - np.float32(r), lo=_pad(self.lo, -r), hi=_pad(self.hi, r))

    def shell(self, thickness: float) -> Solid:
        f, half = self.f, np.float32(thickness / 2)
        return replace(
            self,
            f=lambda x, y, z: np.abs(f(x, y, z)) - half,
            lo=_pad(self.lo, -thickness / 2),
            hi=_pad(self.hi, thickness / 2),
        )

    def melt(self, other: Solid, k: float) -> Solid:
        """Union with a fillet of about `k` where the two meet."""
        f, g, w = self.f, other.f, np.float32(k)

        def melted(x: Array, y: Array, z: Array) -> Array:
            a, b = f(x, y, z), g(x, y, z)
            h = np.maximum(w - np.abs(a - b), 0) / w
            return np.minimum(a, b) - h * h * w * np.float32(0.25)

        return self._with(other, melted, _pad(_least(self.lo, other.lo), -k / 4), _pad(_most(self.hi, other.hi), k / 4))

    def __or__(self, other: Solid) -> Solid:
        f, g = self.f, other.f
        lo, hi = _least(self.lo, other.lo), _most(self.hi, other.hi)
        return self._with(other, lambda x, y, z: np.minimum(f(x, y, z), g(x, y, z)), lo, hi)

    def __and__(self, other: Solid) -> Solid:
        f, g = self.f, other.f
        lo, hi = _most(self.lo, other.lo), _least(self.hi, other.hi)
        return self._with(other, lambda x, y, z: np.maximum(f(x, y, z), g(x, y, z)), lo, hi)

    def __sub__(self, other: Solid) -> Solid:
        f, g = self.f, other.f
        return self._with(other, lambda x, y, z: np.maximum(f(x, y, z), -g(x, y, z)), self.lo, self.hi)

    def bent(self, warp: Distance, depth: float, pace: float = 0.7) -> Solid:
        """The surface pushed outwards by `warp(x, y, z)`, at most `depth`."""
        f = self.f
        return Solid(
            lambda x, y, z: f(x, y, z) - warp(x, y, z), _pad(self.lo, -depth), _pad(self.hi, depth), self.pace * pace
        )

    def _with(self, other: Solid, f: Distance, lo: Corner, hi: Corner) -> Solid:
        return Solid(f, lo, hi, min(self.pace, other.pace))


def _add(a: Corner, b: Corner) -> Corner:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _pad(a: Corner, r: float) -> Corner:
    return (a[0] + r, a[1] + r, a[2] + r)


def _least(a: Corner, b: Corner) -> Corner:
    return (min(a[0], b[0]), min(a[1], b[1]), min(a[2], b[2]))


def _most(a: Corner, b: Corner) -> Corner:
    return (max(a[0], b[0]), max(a[1], b[1]), max(a[2], b[2]))
