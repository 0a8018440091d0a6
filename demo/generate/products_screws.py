"""Tornillería: bolts, screws, nuts, washers, rod."""

from __future__ import annotations

import numpy as np

from demo.generate.materials import brass, dark_steel, galvanised, zinc
from demo.generate.outlines import lathe
from demo.generate.parts import Item, Material, gather, item
from demo.generate.shapes import box, capsule, cylinder, ellipsoid, pipe, prism, sphere, thread
from demo.generate.solids import Solid


def hex_head(across: float, h: float) -> Solid:
    return prism(6, across / 2, h, 0.02) & sphere(across * 0.62).move(z=-across * 0.22)


def hex_bolt(d: float, length: float, material: Material | None = None, bare: float = 0.35) -> Item:
    """Lying along x, head at the left."""
    m = material or zinc()
    shank = cylinder(d / 2 * 0.96, length * bare).move(z=-length * bare / 2)
    threaded = length * (1 - bare)
    turns = thread(d / 2, threaded, d * 0.17, d * 0.075).move(z=-length * bare - threaded / 2)
    end = cylinder(d * 0.4, 0.1, 0.02).move(z=-length - 0.02)
    head = hex_head(d * 1.6, d * 0.66).move(z=d * 0.33) | cylinder(d * 0.85, d * 0.12, 0.01)
    return item((shank | turns | end, m), (head, m)).turn("y", -90)


def nut(d: float, material: Material | None = None) -> Item:
    body = prism(6, d * 0.8, d * 0.82, 0.01) & sphere(d * 1.06)
    hole = thread(d / 2, d * 1.2, d * 0.17, d * 0.07)
    return item((body - hole, material or galvanised()))


def washer(d: float, outer: float, h: float = 0.16, material: Material | None = None) -> Item:
    return item((pipe(outer / 2, d / 2, h, 0.03), material or zinc()))


def wood_screw(d: float, length: float, material: Material | None = None) -> Item:
    """Countersunk with a cross slot, along x, point at the left."""
    m = material or brass()
    head = lathe([(0, 0), (d, 0), (d, -d * 0.12), (d * 0.5, -d * 0.75), (0, -d * 0.75)])
    cross = (box(d * 1.15, d * 0.24, d) | box(d * 0.24, d * 1.15, d)) & sphere(d * 0.75)
    shank = cylinder(d * 0.4, length * 0.3).move(z=-length * 0.15 - d * 0.4)
    turns = thread(d / 2, length * 0.75, d * 0.55, d * 0.2, taper=d * 1.8).move(z=-length * 0.25 - length * 0.375)
    return item((head - cross, m), (shank | turns, m)).turn("y", 90)


def tek_screw(d: float, length: float) -> Item:
    """Self-drilling, with a washer head, along x."""
    m = zinc()
    head = hex_head(d * 1.7, d * 0.8).move(z=d * 0.45) | cylinder(d * 1.3, d * 0.16, 0.02)
    turns = thread(d / 2, length * 0.75, d * 0.32, d * 0.14).move(z=-length * 0.375)
    drill = (box(d * 0.72, d * 0.26, length * 0.3, 0.01).move(z=-length * 0.86)) & (
        lathe([(0, 0), (d * 0.38, -0.01), (d * 0.38, -length * 0.95), (0, -length * 1.02)])
    )
    return item((head, m), (turns | drill, m)).turn("y", 90)


def socket_screw(d: float, length: float) -> Item:
    m = dark_steel()
    knurl = cylinder(d * 0.78, d, 0.03).bent(
        lambda x, y, _z: 0.008 * np.sin(np.arctan2(y, x) * 44).astype(np.float32), 0.01
    )
    head = knurl.move(z=d / 2) - prism(6, d * 0.4, d).move(z=d * 0.8)
    turns = thread(d / 2, length, d * 0.16, d * 0.075).move(z=-length / 2)
    return item((head, m), (turns, m)).turn("y", -90)


def carriage_head(d: float) -> Solid:
    return ellipsoid(d * 1.05, d * 1.05, d * 0.55) & cylinder(d * 1.1, d * 0.6).move(z=d * 0.3)


def rod(d: float, length: float) -> Item:
    return item((thread(d / 2, length, d * 0.17, d * 0.07), zinc())).turn("y", 90)


def wing_nut(d: float) -> Item:
    m = galvanised()
    hub = lathe([(0, 0), (d * 0.95, 0), (d * 0.75, d * 1.1), (0, d * 1.1)], 0.02)
    body = hub
    for side in (-1, 1):
        wing = capsule((side * d * 0.7, 0, d * 0.7), (side * d * 1.9, 0, d * 1.75), d * 0.34, d * 0.62)
        body = body.melt(wing.stretch(y=0.42), d * 0.3)
    return item((body - thread(d / 2, d * 4, d * 0.18, d * 0.07), m))


def scatter(make: list[Item], seed: int, spread: float, gap: float) -> Item:
    """The items strewn flat around the origin, each turned at random and none nearer than `gap` to another."""
    rng = np.random.default_rng(seed)
    places: list[np.ndarray] = []
    out: list[Item] = []
    for one in make:
        for _ in range(400):
            at = rng.uniform(-spread, spread, 2)
            if all(np.hypot(*(at - p)) > gap for p in places):
                break
        places.append(at)
        out.append(one.turn("z", float(rng.uniform(0, 360))).rest().move(float(at[0]), float(at[1])))
    return gather(out)
