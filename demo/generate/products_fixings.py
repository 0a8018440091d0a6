"""Fijaciones: plugs, anchors, eye bolt, bracket, nails, chain, a printed box, hinge."""

from __future__ import annotations

import numpy as np

from demo.generate.labels import Label
from demo.generate.materials import brass, galvanised, plastic, printed, steel, zinc
from demo.generate.outlines import extrude, lathe, soften
from demo.generate.parts import Item, Material, gather, item
from demo.generate.products_screws import nut, washer, wood_screw
from demo.generate.shapes import arc_tube, box, capsule, cylinder, link, pipe, thread, torus
from demo.generate.solids import Solid


def wall_plug(d: float, length: float, code: str = "c9c9c4") -> Item:
    body = lathe(
        [
            (0, 0),
            (d * 0.62, 0),
            (d * 0.62, 0.12),
            (d * 0.5, 0.14),
            (d * 0.5, length * 0.9),
            (d * 0.3, length),
            (0, length),
        ]
    )

    def ribs(_x: np.ndarray, _y: np.ndarray, z: np.ndarray) -> np.ndarray:
        saw = (z / np.float32(d * 0.45)) % 1
        return (-d * 0.1 * saw * (z > length * 0.25) * (z < length * 0.9)).astype(np.float32)

    body = body.bent(ribs, 0.01) - cylinder(d * 0.24, length).move(z=length * 0.3)
    body = body - box(d * 2, d * 0.12, length * 0.6).move(z=length * 0.75)
    fins = box(d * 1.35, 0.06, length * 0.3).move(z=length * 0.32)
    return item((body | fins, plastic(code, 0.42))).turn("y", 90)


def wedge_anchor(d: float, length: float) -> Item:
    bar = thread(d / 2, length * 0.45, d * 0.17, d * 0.07).move(z=length * 0.25) | cylinder(
        d * 0.48, length * 0.45
    ).move(z=-length * 0.2)
    cone = lathe([(0, -length * 0.5), (d * 0.5, -length * 0.5), (d * 0.36, -length * 0.38), (0, -length * 0.38)])
    clip = (pipe(d * 0.54, d * 0.4, d * 1.5, 0.02) - box(0.12, d * 2, d * 2)).move(z=-length * 0.3)
    bits = nut(d, zinc()).move(z=length * 0.3) + washer(d * 1.02, d * 2.2, 0.18).move(z=length * 0.22)
    return (item((bar, zinc()), (cone, zinc()), (clip, steel(0.3, "z"))) + bits).turn("y", 90)


def eye_bolt() -> Item:
    eye = torus(1.35, 0.36).turn("x", 90).move(z=1.9) | cylinder(0.4, 1.2).move(z=0.2)
    return item((eye, zinc()), (thread(0.4, 5, 0.3, 0.13, taper=1.4).move(z=-2.6), zinc())).turn("y", 90)


def hook() -> Item:
    bend = arc_tube(1.6, 0.36, -90, 150).turn("x", 90).move(x=0, z=-0.2)
    stem = capsule((0, 0, 1.4), (0, 0, 2.6), 0.36)
    return item(
        (bend | stem, brass()), (thread(0.38, 3, 0.28, 0.12, taper=1.2).turn("x", 180).move(z=4), brass())
    ).turn("x", 90)


def bracket() -> Item:
    base = box(9, 3.2, 0.32, 0.06).move(x=4.4)
    up = box(0.32, 3.2, 9, 0.06).move(z=4.4)
    rib = extrude(soften([(0, 0), (3.4, 0), (0, 3.4)], 0), 0.5, 0.15).turn("x", 90)
    body = base | up
    for at in (2.9, 5.2, 7.6):
        y = 0.7 if at == 5.2 else -0.5 if at == 2.9 else -0.2
        body = body - cylinder(0.36, 3).move(x=at, y=y) - cylinder(0.36, 3).turn("y", 90).move(z=at, y=y)
    return item((body.melt(rib, 0.25), galvanised()))


def nail(length: float = 5.0, d: float = 0.28) -> Item:
    head = cylinder(d * 1.15, 0.12, 0.03)
    shank = lathe([(0, 0), (d / 2, 0), (d / 2, -length * 0.92), (0, -length)])
    return item((head | shank, steel(0.34, "z", "a2a4a6"))).turn("y", 90)


def nail_heap(count: int, seed: int) -> Item:
    """Nails thrown on a heap, the higher the nearer to its middle."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(count):
        a, away = rng.uniform(0, 6.28), abs(rng.normal(0, 2.2))
        tilt = float(rng.uniform(-14, 14))
        lift = max(0.0, 1.5 - 0.5 * away) * i / count
        one = nail().move(x=-2.5).turn("y", tilt * (lift > 0.2)).turn("z", float(rng.uniform(0, 360))).rest()
        out.append(one.move(float(np.cos(a) * away), float(np.sin(a) * away), lift))
    return gather(out)


def chain(count: int = 13) -> Item:
    metal, out = galvanised(), []
    where, heading = np.array([0.0, 0.0]), 0.0
    for i in range(count):
        heading += 17 * np.sin(i * 0.8) + 14
        step = np.array([np.cos(np.radians(heading)), np.sin(np.radians(heading))]) * 2.35
        one = item((link(4.0, 0.9, 0.36), metal)).turn("x", 80 if i % 2 else 8).turn("z", float(heading))
        out.append(one.move(float(where[0]), float(where[1]), 0.95))
        where = where + step
    return gather(out)


def carton() -> Item:
    front = Label(900, 560, (26, 92, 160)).slash([(0, 0.62), (1, 0.45), (1, 1), (0, 1)], (244, 244, 240))
    front.text(0.36, 0.18, 0.2, "FIJAMAX", (255, 220, 40), 0.04).text(
        0.45, 0.4, 0.1, "TORNILLO DRYWALL", (255, 255, 255), 0.03
    )
    front.text(0.3, 0.74, 0.16, '6 x 1 1/4"', bold=0.03).text(0.3, 0.9, 0.09, "Caja x 200 u · punta aguja")
    front.barcode(0.62, 0.64, 0.94, 0.94, "7795566001209").disc(0.86, 0.22, 0.14, (210, 30, 30))
    front.text(0.86, 0.23, 0.12, "200", (255, 255, 255), 0.02)
    top = Label(900, 420, (26, 92, 160)).text(0.5, 0.35, 0.3, "FIJAMAX", (255, 220, 40), 0.04)
    top.text(0.5, 0.7, 0.15, "Tornillo fosfatado punta aguja", (255, 255, 255), 0.02)
    card = plastic("1f5fa6", 0.5)
    faces = printed(
        printed(card, front.array(), "-y", (0, 0), (11, 6.8), beyond=2.4),
        top.array(),
        "+z",
        (0, 0),
        (11, 5),
        beyond=3.2,
    )
    body = box(11, 5, 6.8, 0.08) - box(12, 0.03, 0.03).move(y=0, z=3.4)
    strewn = [wood_screw(0.36, 3.4, Material((0.03, 0.03, 0.034), 0.5, 0.4)).turn("z", a).rest().move(x, y)
              for a, x, y in ((20, 4.5, -5), (150, -3, -5.4), (75, 7.5, -2.6))]  # fmt: skip
    return item((body, faces)).rest() + gather(strewn)


def hinge() -> Item:
    leaf: Solid = box(4, 8, 0.24, 0.05).move(x=2.3)
    for y, x in ((2.8, 1.6), (-2.8, 1.6), (0, 3.0)):
        leaf = leaf - lathe([(0, -0.3), (0.28, -0.3), (0.3, -0.02), (0.56, 0.2), (0, 0.2)]).move(x=x, y=y)
    barrel = cylinder(0.44, 8, 0.05).turn("x", 90)
    for y in (-2.4, -0.8, 0.8, 2.4):
        barrel = barrel - pipe(0.6, 0.38, 0.07).turn("x", 90).move(y=y)
    tips = cylinder(0.36, 8.6, 0.1).turn("x", 90)
    return item((leaf, brass()), (leaf.turn("y", 180).turn("y", 22), brass()), (barrel, brass()), (tips, brass()))
