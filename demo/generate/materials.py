"""Metals, plastics, woods and printed faces. Colours are given as sRGB hex and kept linear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demo.generate.labels import sample
from demo.generate.noise import space_noise
from demo.generate.parts import Colour, Material, Paint
from demo.generate.solids import Array, Distance


def rgb(code: str) -> Colour:
    """`"c0c0c8"` → linear RGB."""
    r, g, b = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return (r**2.2, g**2.2, b**2.2)


def _stained(colour: Colour, scale: float, amount: float, other: Colour | None = None) -> Paint:
    """The colour with cloudy patches, `scale` centimetres wide."""
    a, b = np.array(colour, np.float32), np.array(other or colour, np.float32)

    def paint(x: Array, y: Array, z: Array) -> Array:
        n = (
            space_noise(x / scale, y / scale, z / scale) * 0.6
            + space_noise(x * 3 / scale, y * 3 / scale, z * 3 / scale) * 0.4
        )
        mixed = a * (1 - n[:, None]) + b * n[:, None] if other else np.broadcast_to(a, (n.size, 3))
        return mixed * (1 + amount * (n[:, None] - 0.5) * 2)

    return paint


def grain(x: float, y: float, z: float, depth: float) -> Distance:
    """A bump whose features are x, y, z centimetres long along each axis."""
    return lambda a, b, c: space_noise(a / x, b / y, c / z) * np.float32(depth)


def steel(rough: float = 0.28, along: str = "x", colour: str = "c9ccd0") -> Material:
    """Bright steel, brushed along an axis."""
    size = {"x": (2.0, 0.03, 0.03), "y": (0.03, 2.0, 0.03), "z": (0.03, 0.03, 2.0)}[along]
    return Material(_stained(rgb(colour), 0.8, 0.06), rough, 1.0, grain(*size, 0.0012))


def zinc() -> Material:
    """Bright zinc plating, faintly yellow and blue."""
    return Material(_stained(rgb("cfd0cb"), 0.35, 0.1, rgb("bfc4cf")), 0.27, 1.0, grain(0.06, 0.06, 0.06, 0.0016))


def galvanised() -> Material:
    return Material(_stained(rgb("b4b8bb"), 0.5, 0.16, rgb("989da1")), 0.42, 1.0, grain(0.08, 0.08, 0.08, 0.003))


def brass() -> Material:
    return Material(_stained(rgb("d8b25a"), 0.6, 0.08), 0.26, 1.0, grain(0.05, 0.05, 0.05, 0.001))


def chrome() -> Material:
    return Material(rgb("dcdee2"), 0.1, 1.0)


def dark_steel() -> Material:
    return Material(_stained(rgb("4a4a4d"), 0.4, 0.12), 0.38, 1.0, grain(0.06, 0.06, 0.06, 0.002))


def plastic(code: str, rough: float = 0.35, texture: float = 0.0) -> Material:
    """`texture` (cm) is the depth of a moulded grain."""
    return Material(rgb(code), rough, 0.0, grain(0.07, 0.07, 0.07, texture) if texture else None)


def rubber(code: str = "1c1c1e") -> Material:
    return Material(_stained(rgb(code), 0.7, 0.12), 0.62, 0.0, grain(0.05, 0.05, 0.05, 0.004))


def paint(code: str, rough: float = 0.3) -> Material:
    """Sprayed enamel with a trace of orange peel."""
    return Material(rgb(code), rough, 0.0, grain(0.25, 0.25, 0.25, 0.004))


def fabric(code: str, thread: float = 0.06) -> Material:
    def weave(x: Array, y: Array, z: Array) -> Array:
        turns = np.float32(2 * np.pi / thread / 2)
        return np.sin(x * turns) * np.sin((y + z) * turns) * np.float32(thread * 0.16)

    return Material(_stained(rgb(code), 1.5, 0.12), 0.85, 0.0, weave)


def wood(light: str = "c99a5b", dark: str = "8a5a2b", along: str = "x") -> Material:
    """Turned and varnished wood with its grain along an axis."""
    a, b = np.array(rgb(light), np.float32), np.array(rgb(dark), np.float32)

    def tint(x: Array, y: Array, z: Array) -> Array:
        p, q, r = {"x": (x, y, z), "y": (y, x, z), "z": (z, x, y)}[along]
        rings = np.hypot(q + 0.7, r - 0.9) * 5 + space_noise(p * 0.3, q, r) * 2.5
        t = 0.5 + 0.5 * np.sin(rings * 2)
        t = 0.55 * t + 0.45 * space_noise(p * 1.2, q * 22, r * 22)
        return a * (1 - t[:, None]) + b * t[:, None]

    size = {"x": (1.5, 0.04, 0.04), "y": (0.04, 1.5, 0.04), "z": (0.04, 0.04, 1.5)}[along]
    return Material(tint, 0.42, 0.0, grain(*size, 0.002))


def clear(code: str, opacity: float) -> Material:
    return Material(rgb(code), 0.12, 0.0, None, opacity)


def printed(
    base: Material,
    label: Array,
    face: str,
    centre: tuple[float, float],
    size: tuple[float, float],
    beyond: float | None = None,
    turn: float = 0.0,
) -> Material:
    """A flat label on the side of a part.

    `face` is `-y`, `+z` … : the side it is on. `centre` and `size` (cm) are along the side's right and up directions;
    `turn` (degrees) rotates it there. `beyond`: only where the coordinate along the face is past this.
    """
    axis, sign = face[1], 1 if face[0] == "+" else -1

    def tint(x: Array, y: Array, z: Array) -> Array:
        across, up, depth = {
            "y": (-sign * x, z, sign * y),
            "x": (sign * y, z, sign * x),
            "z": (x, sign * y, sign * z),
        }[axis]
        p, q = across - centre[0], up - centre[1]
        co, si = np.float32(np.cos(np.radians(turn))), np.float32(np.sin(np.radians(turn)))
        texel = sample(label, (p * co + q * si) / size[0] + 0.5, 0.5 - (q * co - p * si) / size[1])
        cover = texel[:, 3:] * (depth > (0 if beyond is None else beyond))[:, None]
        return base.paint(x, y, z) * (1 - cover) + texel[:, :3] * cover

    return replace(base, colour=tint)


def wrapped(base: Material, label: Array, low: float, high: float, span: float = 360, front: float = -90) -> Material:
    """A label around z between the heights low and high (cm), `span` degrees wide, centred on the angle `front`."""

    def tint(x: Array, y: Array, z: Array) -> Array:
        angle = (np.degrees(np.arctan2(y, x)) - front + 180) % 360 - 180
        texel = sample(label, angle / span + 0.5, (high - z) / (high - low))
        return base.paint(x, y, z) * (1 - texel[:, 3:]) + texel[:, :3] * texel[:, 3:]

    return replace(base, colour=tint)


def two_tone(first: Material, second: Material, where: Distance) -> Material:
    """The first material's finish, coloured by the second where `where` is negative."""

    def tint(x: Array, y: Array, z: Array) -> Array:
        inside = (where(x, y, z) < 0)[:, None]
        return np.where(inside, second.paint(x, y, z), first.paint(x, y, z))

    return replace(first, colour=tint)
