"""Electricidad: bulb, switch, outlet, cable, breaker, extension, tape, torch."""

from __future__ import annotations

import numpy as np

from demo.generate.labels import Label
from demo.generate.materials import brass, chrome, dark_steel, plastic, printed, rgb, rubber, steel, wrapped
from demo.generate.outlines import lathe
from demo.generate.parts import Item, Material, item
from demo.generate.shapes import box, capsule, curve, cylinder, helix, sphere, thread, torus, tube
from demo.generate.solids import Solid


def bulb() -> Item:
    """Lying on its side."""
    lab = Label(900, 220, (240, 240, 238), limit=0.3).text(0.5, 0.3, 0.34, "LUMENA LED", (60, 60, 66), 0.03)
    lab.text(0.5, 0.7, 0.26, "9 W  220 V~  6500 K", (60, 60, 66))
    dome = sphere(3.05).move(z=8).melt(lathe([(0, 5.5), (2.5, 5.5), (2.95, 7.2), (0, 7.2)], 0.05), 0.5)
    neck = lathe([(0, 2.3), (1.35, 2.3), (1.6, 3.2), (2.55, 5.6), (0, 5.6)], 0.05)
    screw = thread(1.35, 2.2, 0.5, 0.14).move(z=1.3)
    tip = lathe([(0, -0.4), (0.5, -0.4), (1.1, 0.3), (0, 0.3)], 0.03)
    body = wrapped(plastic("ededeb", 0.4), lab.array(), 3.0, 5.4)
    return item(
        (dome, Material(rgb("fbfbf7"), 0.35)), (neck, body), (screw, steel(0.2, "z")), (tip, plastic("1a1a1c"))
    ).turn("y", 90)  # fmt: skip


def _wall_plate(w: float, h: float) -> Solid:
    return box(w, h, 0.8, 0.3).melt(box(w - 1.4, h - 1.6, 1.2, 0.2), 0.3)


def switch() -> Item:
    white = plastic("f3f1ea", 0.28)
    mark = Label(300, 90, (243, 241, 234)).text(0.5, 0.5, 0.7, "EXA", (150, 150, 150), 0.02)
    frame = _wall_plate(7.4, 11.6) - box(4.6, 6.6, 3)
    keys: list[tuple[Solid, Material]] = [
        (frame, printed(white, mark.array(), "+z", (0, -4.4), (1.6, 0.5), beyond=0.2))
    ]
    for x, tilt in ((-1.14, 7), (1.14, -7)):
        keys.append((box(2.2, 6.4, 1.2, 0.15).turn("x", tilt).move(x=x, z=0.2), white))
        keys.append((cylinder(0.1, 0.2).move(x=x, y=-2.2, z=0.9), plastic("38b24a", 0.2)))
    screws = cylinder(0.3, 0.2, 0.05).move(y=4.6, z=0.6) - box(0.6, 0.08, 0.3).move(y=4.6, z=0.75)
    return item(*keys, (screws, chrome()))


def outlet() -> Item:
    white = plastic("f4f3ee", 0.28)
    plate = _wall_plate(7.4, 11.6)
    for y in (2.2, -2.2):
        plate = plate - cylinder(1.8, 1).move(y=y, z=0.75)
    pieces: list[tuple[Solid, Material]] = [(plate, white)]
    for y in (2.2, -2.2):
        holes = (
            box(0.24, 0.9, 2).move(x=-0.7, y=y) | box(0.24, 0.9, 2).move(x=0.7, y=y) | cylinder(0.3, 2).move(y=y - 0.8)
        )
        pieces.append((cylinder(1.75, 0.7, 0.06).move(y=y, z=0.2) - holes, white))
    pieces.append((box(5, 9, 0.2).move(z=-0.3), plastic("1b1b1d")))
    screw = cylinder(0.3, 0.2, 0.05).move(z=0.62) - box(0.6, 0.08, 0.3).turn("z", 30).move(z=0.75)
    return item(*pieces, (screw, brass()))


def cable_coil(colour: str = "b51f1f") -> Item:
    lab = Label(700, 360, (250, 250, 246)).band(0, 0, 1, 0.32, (30, 60, 140))
    lab.text(0.5, 0.17, 0.26, "CONDUCTA", (255, 255, 255), 0.03).text(
        0.5, 0.5, 0.2, "Cable THHN 2,5 mm²".replace("²", "2"), bold=0.02
    )
    lab.text(0.5, 0.72, 0.15, "Rollo 50 m  ·  750 V").text(0.5, 0.9, 0.12, "No propaga la llama")
    pieces: list[tuple[Solid, Material]] = []
    skin = plastic(colour, 0.33)
    for ring, (big, turns) in enumerate(((8.8, 5), (8.1, 6), (7.4, 6), (6.8, 5))):
        pieces.append((helix(big, 0.36, 0.72, turns - 1).turn("z", ring * 75), skin))
    for a in (20, 140, 260):
        tie = (box(3.6, 0.5, 5.8, 0.3) - box(3.3, 3, 5.5, 0.3)).move(x=7.8).turn("z", a)
        pieces.append((tie, plastic("f0f0ee", 0.4)))
    end = tube(curve([(8.8, 0, 2), (10, 3, 1.6), (11, 6, 0.4), (12.5, 8, -1.6)], 5), 0.36)
    copper = capsule((12.5, 8, -1.6), (13.2, 8.8, -2.0), 0.2)
    card = printed(plastic("f4f2ea", 0.6), lab.array(), "+z", (0, -6.5), (8, 4.1), beyond=0.0)
    return item(
        *pieces,
        (end, skin),
        (copper, Material(rgb("c9774a"), 0.25, 1.0)),
        (box(8.2, 4.3, 0.08).turn("x", 4).move(y=-6.5, z=3), card),
    )


def breaker() -> Item:
    lab = Label(400, 520, (236, 236, 232)).text(0.5, 0.12, 0.12, "DISYUNTA", (20, 90, 50), 0.03)
    lab.text(0.5, 0.3, 0.16, "C20", bold=0.03).text(0.5, 0.46, 0.07, "230/400 V~  50 Hz").text(
        0.5, 0.58, 0.08, "6000 A"
    )
    lab.band(0.05, 0.66, 0.95, 0.67, (120, 120, 120)).text(0.5, 0.78, 0.07, "IEC 60898-1").text(
        0.5, 0.9, 0.06, "I ON   O OFF"
    )
    shell = plastic("e9e9e4", 0.36, 0.001)
    face = printed(shell, lab.array(), "+z", (0, -1.5), (3.1, 2.6), beyond=1.0)
    body = box(3.6, 8.4, 4.4, 0.15) | box(3.6, 4.6, 6.4, 0.15).move(z=0.9)
    body = body - box(0.05, 9, 1).move(z=4.2)
    for x in (-0.9, 0.9):
        body = body - cylinder(0.42, 2).move(x=x, y=3.3, z=2.2) - cylinder(0.42, 2).move(x=x, y=-3.3, z=2.2)
    lever = box(2.9, 0.8, 2.4, 0.15).turn("x", -24).move(y=1.3, z=4.6)
    screws = [
        ((cylinder(0.38, 0.4) - box(0.7, 0.1, 0.4).move(z=0.2)).move(x=x, y=y, z=1.7), steel())
        for x in (-0.9, 0.9) for y in (-3.3, 3.3)
    ]  # fmt: skip
    return item((body, face), (lever, plastic("15509c", 0.3)), *screws)


def power_strip() -> Item:
    lab = Label(500, 130, (242, 242, 238)).text(0.5, 0.3, 0.4, "MULTIENCHUFE", (30, 30, 34), 0.03)
    lab.text(0.5, 0.75, 0.3, "10 A  250 V~  4 tomas", (30, 30, 34))
    body = box(26, 5.4, 3.4, 0.7)
    pieces: list[tuple[Solid, Material]] = []
    for i in range(4):
        x = -9.5 + 4.9 * i
        body = body - cylinder(1.8, 1.6).move(x=x, z=1.5)
        holes = cylinder(0.27, 2).move(x=x - 0.95, z=1) | cylinder(0.27, 2).move(x=x + 0.95, z=1)
        pieces.append((cylinder(1.78, 0.6).move(x=x, z=0.5) - holes, plastic("e2e2de", 0.4)))
    rocker = box(2.0, 1.5, 1.0, 0.15).turn("y", 8).move(x=10.6, y=0.9, z=1.75)
    white = printed(plastic("f2f2ee", 0.3), lab.array(), "+z", (10.4, -1.4), (3.6, 1.0), beyond=1.0)
    cord = curve(
        [(-13, 0, 0), (-16, 0, -0.4), (-19, 3, -1.3), (-17, 8, -1.3), (-8, 9, -1.3), (0, 7.4, -1.3), (6, 9, -1.3)], 6
    )
    plug = lathe([(0, 0), (0.6, 0), (1.7, 2), (1.8, 4), (0, 4)], 0.1).turn("y", 90).move(x=6, y=9, z=-0.2)
    pins = capsule((10, 8.2, -0.2), (11.8, 8.2, -0.2), 0.22) | capsule((10, 9.8, -0.2), (11.8, 9.8, -0.2), 0.22)
    return item(
        (body, white), *pieces, (rocker, plastic("d2241c", 0.25)), (tube(cord, 0.36), plastic("ececea", 0.4)),
        (plug, plastic("ececea", 0.4)), (pins, brass()),
    )  # fmt: skip


def torch() -> Item:
    def knurl(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a = np.arctan2(y, x)
        return (0.03 * np.sin(a * 22 + z * 9) * np.sin(a * 22 - z * 9) * (np.abs(z - 4) < 2.8)).astype(np.float32)

    lab = Label(500, 100, (50, 50, 54), limit=0.5).text(0.5, 0.5, 0.7, "FAROL  300 lm", (220, 220, 222), 0.02)
    tubed = lathe(
        [
            (0, 0),
            (1.2, 0),
            (1.35, 0.3),
            (1.35, 8.6),
            (1.5, 9),
            (2.0, 10.2),
            (2.1, 12.6),
            (1.8, 12.9),
            (1.8, 12.3),
            (0, 11.4),
        ],
        0.05,
    )
    metal = wrapped(dark_steel(), lab.array(), 7.4, 8.4, span=200)
    lens = sphere(0.6).move(z=11.6)
    button = cylinder(0.45, 0.4, 0.1).turn("x", 90).move(y=-1.5, z=9.4)
    return item(
        (tubed.bent(knurl, 0.03, 0.8), metal), (lens, plastic("f6e27a", 0.08)), (cylinder(1.75, 0.1).move(z=11.3), chrome()),
        (button, rubber()), (torus(0.5, 0.08).turn("y", 90).move(z=-0.5), steel()),
    ).turn("y", 90).turn("x", 30)  # fmt: skip


def tape_label() -> Label:
    lab = Label(1400, 200, (230, 60, 40), limit=0.3)
    for x in (0.17, 0.5, 0.83):
        lab.text(x, 0.5, 0.6, "AISLA PVC 20 m", (255, 255, 255), 0.03)
    return lab
