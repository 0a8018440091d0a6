"""Herramientas manuales: hammer, wrench, screwdriver, pliers, tape measure, saw, scraper, level, adjustable wrench."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from demo.generate.labels import Label
from demo.generate.materials import chrome, dark_steel, plastic, printed, rubber, steel, two_tone, wood
from demo.generate.outlines import extrude, lathe, soften
from demo.generate.parts import Item, item
from demo.generate.shapes import box, capsule, curve, cylinder, prism, sphere, torus, tube


def hammer() -> Item:
    """Lying on its side, handle along x."""
    head = lathe([(0, 0), (1.45, 0), (1.5, 0.15), (1.5, 1.3), (1.1, 2.2), (1.1, 3.6), (0, 3.6)], 0.06).turn("x", 90)
    head = head.move(y=4.4).melt(box(2.5, 4.2, 2.3, 0.3), 0.5)
    for side in (-1, 1):
        path = curve([(0, -1.5, side * 0.4), (0, -4, side * 0.6), (0.8, -6, side * 0.9), (2.6, -7.6, side * 1.1)], 5)
        for i, (a, b) in enumerate(pairwise(path)):
            n = len(path)
            head = head.melt(capsule(a, b, 0.85 - 0.55 * i / n, 0.85 - 0.55 * (i + 1) / n), 0.3)
    grip = lathe(
        [(0, 0), (1.0, 0), (1.05, 4), (0.85, 9), (1.25, 15), (1.45, 22), (1.6, 27), (1.5, 28.4), (0, 28.6)], 0.1
    )
    return item((head.turn("x", 0), steel(0.3, "y", "a9adb2")), (grip.turn("y", 90).stretch(z=0.85), wood()))


def wrench(size: str = "13") -> Item:
    jaw = [(np.cos(t) * 1.7, np.sin(t) * 1.7) for t in np.linspace(0, 2 * np.pi, 28, endpoint=False)]
    opened = extrude(jaw, 0.75, 0.12) - box(2.4, 1.3, 2).turn("z", 15).move(x=-1.1, y=-0.3)
    ring = extrude([(x * 0.72, y * 0.72) for x, y in jaw], 0.95, 0.15) - prism(12, 0.66, 2)
    shaft = extrude(soften([(1, -0.55), (13.5, -0.42), (13.5, 0.42), (1, 0.55)], 1), 0.5, 0.14)
    groove = box(9, 0.5, 0.2, 0.1).move(x=7.2, z=0.28)
    stamp = Label(900, 60, (188, 190, 194)).text(0.3, 0.55, 0.9, "TORKEN", (70, 70, 74), 0.02)
    stamp.text(0.7, 0.55, 0.9, f"{size} mm   Cr-V", (70, 70, 74), 0.02)
    metal = printed(chrome(), stamp.array(), "+z", (7.2, 0), (8, 0.42), beyond=0.05)
    return item((opened.melt(shaft - groove, 0.5).melt(ring.move(x=14.3), 0.4), metal))


def screwdriver(tone: str = "d8301f") -> Item:
    ribs = lathe(
        [(0, 0), (1.1, 0), (1.5, 0.8), (1.6, 3.5), (1.25, 7.2), (1.0, 8.3), (1.25, 9.4), (0.9, 10.2), (0, 10.2)], 0.1
    )
    ribs = ribs.bent(lambda x, y, _z: -0.14 * np.maximum(np.cos(np.arctan2(y, x) * 6), 0).astype(np.float32), 0.02)
    grip = two_tone(plastic(tone, 0.22), plastic("18181a", 0.5), lambda _x, _y, z: np.abs(z - 4.6) - 2.6)
    shaft = cylinder(0.32, 13.6, 0.02).move(z=16.6)
    tip = lathe([(0, 23.2), (0.33, 23.2), (0.12, 24.4), (0, 24.4)]) - (
        box(0.22, 0.22, 3).move(x=0.24, y=0.24, z=24.4) | box(0.22, 0.22, 3).move(x=-0.24, y=-0.24, z=24.4)
        | box(0.22, 0.22, 3).move(x=0.24, y=-0.24, z=24.4) | box(0.22, 0.22, 3).move(x=-0.24, y=0.24, z=24.4)
    )  # fmt: skip
    return item((ribs, grip), (shaft, chrome()), (tip, dark_steel())).turn("y", 90)


def pliers() -> Item:
    pieces = []
    for side in (1, -1):
        jaw = extrude(soften([(-0.2, 0.05), (5.2, 0.05), (5.4, 0.5), (3.5, 1.3), (0.6, 1.7), (-1, 1.2)], 1), 1.0, 0.12)
        teeth = jaw.bent(
            lambda x, y, _z: 0.05 * np.sin(x * 18).astype(np.float32) * (np.abs(y) < 0.3) * (x > 2.2), 0.05
        )
        arm = curve([(0, 0, 0), (-2, -1.2, 0), (-6, -2.6, 0), (-11, -2.3, 0), (-15.5, -2.7, 0)], 5)
        sleeve = tube(arm[5:], 0.78).stretch(z=0.85) if side else None
        metal = teeth.melt(tube(arm[:8], 0.6), 0.4)
        for solid, material in ((metal, steel(0.28, "y", "8f9297")), (sleeve, plastic("1b4fa8", 0.38))):
            assert solid is not None
            pieces.append((solid if side > 0 else solid.turn("x", 180), material))
    pivot = cylinder(1.0, 1.5, 0.12)
    return item(*pieces, (pivot, chrome()), (cylinder(0.5, 1.7, 0.1), dark_steel()))


def tape_measure() -> Item:
    outline = soften([(-3.4, -3.2), (3.3, -3.2), (3.3, 1.2), (1.4, 3.3), (-2, 3.3), (-3.4, 1.8)], 2)
    lab = Label(500, 500, (20, 20, 22)).disc(0.5, 0.5, 0.48, (250, 196, 20)).disc(0.5, 0.5, 0.4, (25, 25, 28))
    lab.text(0.5, 0.36, 0.17, "MEDIX", (250, 196, 20), 0.03).text(0.5, 0.58, 0.26, "5 m", (255, 255, 255), 0.03)
    lab.text(0.5, 0.76, 0.09, "19 mm", (255, 255, 255))
    body = extrude(outline, 3.6, 0.5).turn("x", 90)
    case = printed(plastic("f2b411", 0.32), lab.array(), "-y", (-0.1, 0.1), (4.6, 4.6), beyond=0.5)
    rim = (extrude([(x * 1.03, y * 1.03) for x, y in outline], 2.2, 0.4) - box(9, 3.2, 4).move(y=1.2)).turn("x", 90)
    scale = Label(1200, 120, (246, 220, 60))
    for mm in range(60):
        scale.band(mm / 60, 0, mm / 60 + 0.003, 0.6 if mm % 10 == 0 else 0.3, (20, 20, 20))
    for cm in range(1, 6):
        scale.text(cm / 6 - 0.03, 0.7, 0.5, str(7 - cm), (190, 20, 20) if cm == 3 else (20, 20, 20), 0.02)
    blade = printed(plastic("f3da45", 0.3), scale.array(), "+z", (6.2, 0), (6, 1.9))
    strip = box(6.4, 1.9, 0.06, 0.02).move(x=6.2, z=-2.75)
    hook = box(0.12, 2.0, 1.1, 0.03).move(x=9.4, z=-3.05)
    return item((body, case), (rim, rubber()), (strip, blade), (hook, chrome()))


def handsaw() -> Item:
    teeth: list[tuple[float, float]] = []
    for i in range(70):
        x = 14 + i * 0.58
        teeth += [(x, -4.2 + 0.03 * i), (x + 0.5, -4.62 + 0.03 * i)]
    blade = extrude([(12, 5.2), (12, -4.2), *teeth, (55, -2), (55, 0.5)], 0.14, 0.0)
    lab = Label(1000, 260, (190, 193, 197)).text(0.5, 0.35, 0.5, "SIERRAFIRME", (160, 20, 20), 0.04)
    lab.text(0.5, 0.75, 0.25, 'Serrucho 20"  ·  8 dpp  ·  acero SK5', (40, 40, 44))
    metal = printed(steel(0.25), lab.array(), "+z", (30, 0.6), (18, 4.6), beyond=0.0)
    hand = extrude(
        soften([(0, -6.5), (3, -7), (5, -4.5), (14, -5), (15.5, 0), (14, 5.6), (8, 6), (4, 8), (1, 7), (0.6, 2)], 2),
        2.4,
        0.8,
    )
    hole = extrude(soften([(4, -3), (7, -3), (9.5, 0), (8, 4), (5, 4.5), (3.8, 1)], 2), 5)
    rivets = cylinder(0.6, 2.7, 0.1).move(x=12, y=2.8) | cylinder(0.6, 2.7, 0.1).move(x=11.6, y=-2.2)
    return item((blade, metal), (hand - hole, wood("b97a45", "6e3f1e")), (rivets, chrome()))


def scraper() -> Item:
    plate = extrude([(0, -1.3), (4, -2.2), (9.5, -5), (11.5, -5), (11.5, 5), (9.5, 5), (4, 2.2), (0, 1.3)], 0.16, 0.05)
    ferrule = lathe([(0, -1), (1.2, -1), (1.4, 1.2), (0, 1.2)], 0.05).turn("y", 90).stretch(z=0.8)
    grip = lathe([(0, 0), (1.3, 0), (1.1, 3), (1.5, 7), (1.7, 10), (1.3, 11.5), (0, 11.5)], 0.1).turn("y", -90)
    mark = Label(400, 120, (188, 190, 194)).text(0.5, 0.5, 0.6, 'ALISA 4"', (60, 60, 64), 0.03)
    metal = printed(steel(0.3), mark.array(), "+z", (7.6, 0), (3.6, 1.1), beyond=0.0)
    return item((plate, metal), (ferrule, chrome()), (grip.stretch(z=0.75).move(x=-1), wood("c9853f", "84481c")))


def level() -> Item:
    lab = Label(900, 150, (196, 30, 36)).text(0.5, 0.5, 0.7, "NIVELMAX  600 mm", (255, 255, 255), 0.03)
    frame = box(60, 2.2, 5.4, 0.15) - box(52, 4, 3.6, 0.4).move(y=-2.6) - box(52, 4, 3.6, 0.4).move(y=2.6)
    body = printed(plastic("b81f24", 0.32), lab.array(), "-y", (-11, 0), (20, 2.8))
    pieces = [(frame, body), (box(51.6, 0.9, 3.4), body)]
    for x in (-25, 0, 25):
        pieces.append((box(5.4, 2.3, 4.2, 0.3).move(x=x), plastic("222226", 0.4)))
        vial = capsule((x - 1.5, -1.0, 0), (x + 1.5, -1.0, 0), 0.75).turn("y", 0)
        pieces.append((vial, plastic("c9ee3a", 0.1)))
        pieces.append((torus(0.76, 0.06).turn("y", 90).move(x=x - 0.6, y=-1.0), plastic("101010")))
        pieces.append((torus(0.76, 0.06).turn("y", 90).move(x=x + 0.6, y=-1.0), plastic("101010")))
        pieces.append((sphere(0.45).stretch(x=1.3).move(x=x + 0.1, y=-1.4, z=0.3), plastic("eefab0", 0.08)))
    ends = box(1.2, 2.6, 5.8, 0.3)
    return item(*pieces, (ends.move(x=-30), rubber()), (ends.move(x=30), rubber()))
