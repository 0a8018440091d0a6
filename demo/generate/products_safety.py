"""Seguridad: helmet, goggles, gloves, ear muffs, mask, vest, padlock, extinguisher."""

from __future__ import annotations

import numpy as np

from demo.generate.labels import Label
from demo.generate.materials import (
    brass,
    chrome,
    clear,
    dark_steel,
    fabric,
    paint,
    plastic,
    printed,
    rubber,
    steel,
    two_tone,
    wrapped,
)  # fmt: skip
from demo.generate.noise import space_noise
from demo.generate.outlines import extrude, lathe, soften
from demo.generate.parts import Item, Material, item
from demo.generate.shapes import arc_tube, box, capsule, curve, cylinder, ellipsoid, sphere, torus, tube
from demo.generate.solids import Solid


def helmet(code: str = "f2bd13") -> Item:
    lab = (
        Label(400, 300, (250, 250, 248))
        .text(0.5, 0.35, 0.3, "CASQUIN", (190, 30, 30), 0.04)
        .text(0.5, 0.72, 0.2, "ANSI Z89.1")
    )
    dome = ellipsoid(10.6, 13, 12.5)
    for x in (-2.6, 0, 2.6):
        dome = dome.melt((ellipsoid(11, 12.2, 13.2) & box(1.1, 30, 30, 0.3).move(x=x)), 0.6)
    dome = (dome & box(40, 40, 14).move(z=7)) - ellipsoid(10.1, 12.5, 12).move(z=-0.3)
    brim = ((ellipsoid(12.2, 14.4, 2.2) & box(40, 40, 3).move(z=0.6)) - ellipsoid(10.2, 12.6, 12)) | (
        (ellipsoid(9.4, 7, 1.2).move(y=-11.5, z=0.3)) - ellipsoid(10.2, 12.6, 12)
    )
    shell = printed(plastic(code, 0.22), lab.array(), "-y", (0, 5), (4.6, 3.4), beyond=5)
    band = torus(9.8, 0.5).stretch(y=1.2, z=2.2).move(z=0.3)
    return item((dome.melt(brim, 0.5), shell), (band, plastic("1c1c1e", 0.6)))


def glasses() -> Item:
    pieces: list[tuple[Solid, Material]] = []
    for side in (-1, 1):
        shape = soften([(-3.1, 2.0), (3.6, 2.3), (3.7, 0.2), (2.4, -2.3), (-1.2, -2.3), (-2.9, -0.6)], 2)
        shape = [(side * u, v) for u, v in shape]
        glass = extrude([(0.95 * u, 0.95 * v) for u, v in shape], 0.2, 0.05)
        hollow = extrude([(0.9 * u, 0.87 * v) for u, v in shape], 2)
        glass, rim = (s.turn("x", 90).turn("z", -side * 12).move(x=side * 3.5, z=2.2)
                      for s in (glass, extrude(shape, 0.6, 0.15) - hollow))  # fmt: skip
        pieces.append((glass, clear("cfe3ea", 0.3)))
        arm = curve([(side * 6.9, 0.8, 2.9), (side * 7.3, 4, 2.8), (side * 7.2, 10, 2.4), (side * 6.6, 14, 0.8)], 5)
        pieces += [(rim, plastic("20242a", 0.3)), (tube(arm, 0.34), plastic("d2601a", 0.32))]
        pieces.append((box(0.5, 1.4, 1.6, 0.2).move(x=side * 6.95, y=0.5, z=2.7), plastic("20242a", 0.3)))
    bridge = capsule((-1.1, -0.5, 2.8), (1.1, -0.5, 2.8), 0.3)
    return item(*pieces, (bridge, plastic("20242a", 0.3)))


def glove(palm: str = "23262b", cuff: str = "c9d13a", flip: bool = False) -> Item:
    """Lying flat, fingers towards +y."""
    hand = box(8.4, 9.5, 2.2, 1.0).melt(capsule((-3.4, -1, 0), (-6.6, 4.4, 0.2), 1.35, 1.05), 1.6)
    for i, (x, top, spread) in enumerate(((-3.1, 10.6, -0.9), (-1.05, 12.2, -0.2), (1.05, 11.5, 0.4), (3.1, 9.2, 1.2))):
        hand = hand.melt(capsule((x, 4, 0), (x + spread, top, 0.25 + 0.1 * i), 1.15, 0.88), 0.7)
    hand = hand.bent(lambda x, y, z: 0.28 * space_noise(x * 0.55, y * 0.55, z * 0.4 + 5), 0.28, 0.85)
    wrist = box(7.4, 6.5, 2.3, 1.0).move(y=-7).bent(lambda x, _y, _z: 0.06 * np.sin(x * 9).astype(np.float32), 0.06)
    knit, coat = (
        fabric(cuff, 0.16),
        Material(plastic(palm).colour, 0.5, 0.0, lambda x, y, z: 0.02 * space_noise(x * 9, y * 9, z * 9)),
    )
    hem = box(7.6, 0.8, 2.5, 0.4).move(y=-10.2)
    skin = two_tone(coat, knit, lambda x, y, _z: y + 2.4 + 0.5 * np.sin(x * 1.3))
    one = item((hand, skin), (wrist, knit), (hem, fabric("c43a22", 0.1)))
    return one.turn("y", 180) if flip else one


def gloves() -> Item:
    return glove().turn("z", 8).rest() + glove(flip=True).turn("z", -24).rest().move(x=13, y=-2.5)


def muffs() -> Item:
    band = arc_tube(7.6, 0.5, 5, 175).stretch(z=2.6).turn("x", 90)
    pieces: list[tuple[Solid, Material]] = [
        (band, plastic("1b1b1e", 0.4)),
        (arc_tube(7.0, 0.45, 40, 140).stretch(z=3).turn("x", 90), rubber()),
    ]
    for side in (-1, 1):
        cup = (
            lathe([(0, 0), (4, 0), (4.2, 1.2), (3.2, 3.2), (0, 3.8)], 0.2).stretch(y=0.85, x=1.15).turn("y", 90 * side)
        )
        pieces.append((cup.move(x=side * 7, z=-1.5), plastic("c2281f", 0.25)))
        pad = torus(2.9, 1.05).stretch(y=0.85, x=1.15).turn("y", 90).move(x=side * 6.4, z=-1.5)
        pieces += [(pad, rubber("18181a")), (capsule((side * 7.6, 0, 0), (side * 7.9, 0, 3), 0.4), chrome())]
    return item(*pieces)


def dust_mask() -> Item:
    lab = (
        Label(500, 240, (244, 243, 239))
        .text(0.5, 0.3, 0.34, "RESPIRA", (30, 70, 150), 0.03)
        .text(0.5, 0.75, 0.26, "N95  NIOSH", (60, 60, 60))
    )
    felt = Material(plastic("f3f1ec").colour, 0.9, 0.0, lambda x, y, z: 0.03 * space_noise(x * 7, y * 7, z * 7))
    cup = (ellipsoid(6, 7, 5.4).shell(0.3) & box(20, 20, 8).move(z=4)).melt(torus(6.3, 0.3).stretch(y=1.14), 0.5)
    cup = cup.bent(lambda _x, _y, z: 0.08 * np.sin(z * 5).astype(np.float32) * (z > 1) * (z < 3.4), 0.08)
    lettering = printed(felt, lab.array(), "+z", (0, -3.0), (4.6, 2.2), beyond=1.0)
    clip = arc_tube(4.6, 0.18, 55, 125).move(y=0.8, z=2.9).stretch(z=1)
    valve = lathe([(0, 0), (1.5, 0), (1.5, 0.5), (1.1, 0.8), (0, 0.8)], 0.05).move(z=5.2, y=0.6)
    straps = tube(
        curve([(-6, 1, 0.4), (-9, 4, 0.2), (-4, 9.4, 0.2), (4, 9.8, 0.2), (9, 4.6, 0.2), (6, 1, 0.4)], 6), 0.2
    )
    return item((cup, lettering), (clip, steel()), (valve, plastic("ececea", 0.4)), (straps, rubber("e0b51e")))


def vest() -> Item:
    """Spread flat, with two reflecting bands."""
    outline = soften(
        [
            (-13, -17),
            (13, -17),
            (13.5, 4),
            (12, 9),
            (11.5, 17),
            (5, 19),
            (0.4, 6),
            (-0.4, 6),
            (-5, 19),
            (-11.5, 17),
            (-12, 9),
            (-13.5, 4),
        ],
        1,
    )

    def folds(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return 0.5 * space_noise(x * 0.16, y * 0.3, z * 0) + 0.22 * space_noise(x * 0.7 + 9, y * 0.25, z * 0)

    body = extrude(outline, 0.8, 0.3).bent(folds, 0.75, 0.85)
    cloth = fabric("d8f01c", 0.14)
    grey = two_tone(
        cloth,
        plastic("d4d8da"),
        lambda x, y, _z: np.minimum(np.abs(y + 9) - 1.6, np.abs(np.abs(x) - 7.4) - 1.5 + 50 * (y < -7)),
    )
    orange = two_tone(
        grey,
        plastic("f0651a"),
        lambda x, y, _z: np.minimum(np.abs(np.abs(y + 9) - 2.1) - 0.45, np.abs(x) - 0.35 + 0 * y),
    )
    zipper = (
        box(0.5, 22, 0.4, 0.15)
        .move(y=-5.6, z=0.85)
        .bent(lambda _x, y, _z: 0.05 * np.sin(y * 14).astype(np.float32), 0.05)
    )
    return item((body, orange), (zipper.bent(folds, 0.75, 0.85), plastic("222222")))


def padlock() -> Item:
    lab = (
        Label(400, 360, (206, 168, 84))
        .text(0.5, 0.35, 0.24, "CERROJA", (70, 50, 10), 0.03)
        .text(0.5, 0.68, 0.28, "40", (70, 50, 10), 0.04)
    )
    body = box(4, 3.7, 1.5, 0.3)
    metal = printed(brass(), lab.array(), "+z", (0, 0), (2.6, 2.2), beyond=0.2)
    shackle = (
        arc_tube(1.15, 0.32, 0, 180).move(y=3)
        | capsule((1.15, 3, 0), (1.15, 1, 0), 0.32)
        | capsule((-1.15, 3, 0), (-1.15, 1, 0), 0.32)
    )
    bow = (cylinder(1.0, 0.2, 0.04) - cylinder(0.3, 1).move(x=-0.45)) | (box(2.4, 0.6, 0.18, 0.03).move(x=1.9)).bent(
        lambda x, y, _z: 0.08 * np.sin(x * 9).astype(np.float32) * (y > 0), 0.08
    )
    keys = item((bow, steel())).turn("z", 40).move(x=3.6, y=-2.2, z=-0.6) + item((bow, steel())).turn("z", 75).move(
        x=3.4, y=-2.4, z=-0.35
    )
    return item((body, metal), (shackle, chrome())) + keys


def extinguisher() -> Item:
    lab = Label(1400, 900, (246, 246, 242), limit=0.27)
    lab.band(0, 0, 1, 0.24, (30, 60, 140)).text(0.5, 0.13, 0.16, "EXTINTOR PQS", (255, 255, 255), 0.03)
    lab.text(0.5, 0.4, 0.22, "ABC", (190, 20, 20), 0.05).text(0.5, 0.58, 0.08, "1. Tire del seguro").text(
        0.5, 0.68, 0.08, "2. Apunte a la base"
    )
    lab.text(0.5, 0.78, 0.08, "3. Apriete la palanca").text(0.5, 0.91, 0.1, "6 kg", bold=0.03)
    body = lathe(
        [(0, 0), (7.2, 0), (7.6, 0.8), (7.6, 31), (6.8, 34.6), (4.2, 37.4), (1.8, 38.4), (1.8, 40), (0, 40)], 0.2
    )
    foot = cylinder(7.7, 2.2, 0.2).move(z=0.6)
    valve = cylinder(1.7, 3.4, 0.2).move(z=41.4) | box(5.4, 2, 1.4, 0.3).move(x=1, z=42.6)
    levers = capsule((0, 0, 43.6), (9.5, 0, 46.6), 0.6).stretch(y=1.6) | capsule(
        (0, 0, 42.6), (9, 0, 41.6), 0.55
    ).stretch(y=1.6)
    hose = tube(curve([(-1.6, 0, 42.4), (-6, -1, 42.6), (-9.4, -2, 36), (-9.2, -3, 24), (-8.7, -3, 14)], 6), 0.85)
    horn = lathe([(0, 0), (1.0, 0), (1.5, -5.4), (0, -5.4)], 0.1).move(x=-8.7, y=-3, z=14)
    gauge = cylinder(1.4, 0.9, 0.1).turn("x", 90).move(x=0.6, y=-1.8, z=41.2)
    face = (
        Label(200, 200, (245, 245, 245))
        .slash([(0.5, 0.6), (0.25, 0.1), (0.75, 0.1)], (40, 160, 60))
        .disc(0.5, 0.6, 0.07, (20, 20, 20))
    )
    dial = printed(chrome(), face.array(), "-y", (0.6, 41.2), (2.1, 2.1), beyond=2.1)
    return item(
        (body, wrapped(paint("c4161a", 0.2), lab.array(), 10, 28)), (foot, rubber()), (valve, brass()),
        (levers, dark_steel()),
        (hose, rubber()), (horn, rubber("262628")), (gauge, dial),
        (sphere(0.35).move(x=3.4, y=-1.2, z=43.8), plastic("e3b912")),
    )  # fmt: skip
