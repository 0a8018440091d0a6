"""A shop's light: one key lamp or window, a room that metal can mirror, and the darkness between things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.generate.march import Triple, soften
from demo.generate.parts import Item
from demo.generate.solids import Array


@dataclass(frozen=True)
class Light:
    direction: Array  #: unit, towards the lamp
    colour: Array
    strength: float
    hardness: float  #: of the shadow's edge: 4 a window, 20 a bare bulb
    ambient: float
    ground: Array  #: mean colour of the surface, mirrored from below


def lamp(
    azimuth: float,
    elevation: float,
    ground: Array,
    *,
    strength: float = 2.2,
    hardness: float = 8,
    ambient: float = 0.75,
    warmth: float = 0.0,
) -> Light:
    a, e = np.radians([azimuth, elevation])
    towards = np.array([np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), np.sin(e)], np.float32)
    colour = np.array([1 + 0.12 * warmth, 1.0, 1 - 0.18 * warmth], np.float32)
    return Light(towards, colour, strength, hardness, ambient, ground.astype(np.float32))


def _step(v: Array, edge: float, width: Array) -> Array:
    t = np.clip((v - edge) / width + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def room(light: Light, d: Triple, rough: Array) -> Array:
    """(n, 3) what the room shows in the directions d, blurred by roughness: ceiling, soft boxes, walls, ground."""
    x, y, z = d
    wide = 0.06 + rough * 1.1
    sky = 0.28 + 0.75 * np.clip(z, 0, 1) ** 0.8
    sky *= 1 - 0.6 * np.exp(-((z / (0.1 + 0.5 * rough)) ** 2)) * (1 - 0.7 * rough)
    towards = x * light.direction[0] + y * light.direction[1] + z * light.direction[2]
    big = _step(towards, 0.9, wide * 0.6) * 3.4 / (1 + 3 * rough)
    azimuth = np.arctan2(x, y)
    key = np.arctan2(light.direction[0], light.direction[1])
    side = np.abs((azimuth - key - 2.2 + np.pi) % (2 * np.pi) - np.pi)
    strip = _step(-side, -0.32, wide * 0.8) * _step(z, 0.12, wide) * _step(-z, -0.75, wide) * 1.7 / (1 + 2 * rough)
    above = (sky + strip)[:, None] + big[:, None] * light.colour
    mix = _step(z, 0.0, wide * 0.8)[:, None]
    return (above * mix + light.ground * 0.75 * (1 - mix)) * np.float32(light.ambient)


def reach(things: Item, light: Light, p: Triple, skip: Array | None = None) -> Array:
    """How much of the key light reaches each point (0 … 1). `skip`: points known to face away."""
    out = np.ones(p[0].shape, np.float32)
    rows = np.arange(out.size) if skip is None else np.flatnonzero(~skip)
    q = tuple(v[rows] for v in p)
    ray = tuple(np.broadcast_to(light.direction[i], rows.shape) for i in range(3))
    lit = np.ones(rows.size, np.float32)
    for part in things.parts:
        own = part.own(*q)
        dirs = part.own_direction(*ray)
        near, share = soften(part.solid, own, dirs, light.hardness)
        if part.material.opacity < 1:
            share = 1 - (1 - share) * np.float32(0.35)
        lit[near] *= share
    out[rows] = lit
    return out


def openness(things: Item, p: Triple, n: Triple, reaches: tuple[float, ...]) -> Array:
    """Ambient light left at each point after its neighbours took theirs (0 … 1)."""
    taken = np.zeros(p[0].shape, np.float32)
    weight = np.float32(1.0)
    for far in reaches:
        q = tuple(a + np.float32(far) * b for a, b in zip(p, n, strict=True))
        clear = np.full(p[0].shape, far, np.float32)
        for part in things.parts:
            own = part.own(*q)
            close = np.ones(clear.shape, bool)
            for v, lo, hi in zip(own, part.solid.lo, part.solid.hi, strict=True):
                close &= (v > lo - far) & (v < hi + far)
            rows = np.flatnonzero(close)
            if rows.size:
                away = part.solid.f(*(v[rows] for v in own))
                clear[rows] = np.minimum(clear[rows], away)
        taken = np.maximum(taken, weight * (far - np.maximum(clear, 0)) / np.float32(far))
        weight *= np.float32(0.82)
    return 1 - np.float32(0.85) * np.clip(taken, 0, 1)
