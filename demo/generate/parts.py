"""What a product is made of: parts, each a solid with a material and a place; an item is a handful of parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from demo.generate.march import trace
from demo.generate.solids import Array, Distance, Solid

Colour = tuple[float, float, float]
Paint = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True)
class Material:
    """`colour` is linear RGB, or a function of the part's own coordinates giving (n, 3).

    `bump` (cm) disturbs the normals only. `opacity` < 1 makes a clear plastic.
    """

    colour: Colour | Paint
    rough: float = 0.4
    metal: float = 0.0
    bump: Distance | None = None
    opacity: float = 1.0
    glow: float = 0.0

    def paint(self, x: Array, y: Array, z: Array) -> Array:
        if callable(self.colour):
            return self.colour(x, y, z)
        return np.broadcast_to(np.array(self.colour, np.float32), (x.size, 3))


@dataclass(frozen=True)
class Part:
    solid: Solid
    material: Material
    rotation: Array  #: (3, 3), own → world
    place: Array  #: (3,)

    def corners(self) -> Array:
        """(8, 3) world corners of the part's box."""
        local = np.array(np.meshgrid(*zip(self.solid.lo, self.solid.hi, strict=True)), np.float32).reshape(3, -1)
        return (self.rotation @ local).T + self.place

    def own(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        """World points in the part's coordinates."""
        return self.own_direction(x - self.place[0], y - self.place[1], z - self.place[2])

    def own_direction(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        r = self.rotation
        return (
            x * r[0, 0] + y * r[1, 0] + z * r[2, 0],
            x * r[0, 1] + y * r[1, 1] + z * r[2, 1],
            x * r[0, 2] + y * r[1, 2] + z * r[2, 2],
        )


def part(solid: Solid, material: Material) -> Part:
    return Part(solid, material, np.eye(3, dtype=np.float32), np.zeros(3, np.float32))


@dataclass(frozen=True)
class Item:
    parts: tuple[Part, ...]

    def turn(self, axis: str, degrees: float) -> Item:
        co, si = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        r = np.eye(3, dtype=np.float32)
        r[i, i], r[i, j], r[j, i], r[j, j] = co, -si, si, co
        return Item(tuple(replace(p, rotation=r @ p.rotation, place=r @ p.place) for p in self.parts))

    def move(self, x: float = 0, y: float = 0, z: float = 0) -> Item:
        by = np.array([x, y, z], np.float32)
        return Item(tuple(replace(p, place=p.place + by) for p in self.parts))

    def rest(self) -> Item:
        """The item lowered or lifted until its lowest point touches the ground."""
        return self.move(z=-min(_lowest(p) for p in self.parts))

    def corners(self) -> Array:
        return np.concatenate([p.corners() for p in self.parts])

    def __add__(self, other: Item) -> Item:
        return Item(self.parts + other.parts)


def item(*pieces: tuple[Solid, Material]) -> Item:
    return Item(tuple(part(s, m) for s, m in pieces))


def gather(items: Iterable[Item]) -> Item:
    return Item(tuple(p for i in items for p in i.parts))


def _lowest(p: Part, n: int = 40) -> float:
    c = p.corners()
    lo, hi = c.min(0), c.max(0)
    gx, gy = np.meshgrid(np.linspace(lo[0], hi[0], n), np.linspace(lo[1], hi[1], n))
    x, y = gx.ravel().astype(np.float32), gy.ravel().astype(np.float32)
    z = np.full_like(x, lo[2] - 1)
    up = np.zeros_like(x)
    hit, t = trace(p.solid, p.own(x, y, z), p.own_direction(up, up, up + 1), np.float32(1e-3))
    return float(lo[2] - 1 + t.min()) if hit.size else float(hi[2])
