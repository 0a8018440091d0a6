"""Herramientas eléctricas: drill, grinder, jigsaw, sander, cordless driver, bits, disc."""

from __future__ import annotations

import numpy as np

from demo.generate.labels import Label, Rgb
from demo.generate.materials import chrome, dark_steel, plastic, printed, rubber, steel, two_tone
from demo.generate.outlines import extrude, lathe, soften
from demo.generate.parts import Item, Material, item
from demo.generate.shapes import box, capsule, curve, cylinder, pipe, torus, tube
from demo.generate.solids import Solid


def plate(brand: str, model: str, facts: str, tone: Rgb, ink: Rgb = (255, 255, 255)) -> np.ndarray:
    lab = Label(900, 300, tone).band(0, 0.72, 1, 1, (235, 235, 232))
    lab.text(0.5, 0.26, 0.36, brand, ink, 0.035).text(0.5, 0.56, 0.2, model, ink, 0.01).text(0.5, 0.86, 0.2, facts)
    return lab.array()


def _slots(body: Solid, x: float, z: float, count: int = 5, height: float = 2.6, depth: float = 12) -> Solid:
    for i in range(count):
        body = body - box(0.3, depth, height, 0.14).turn("y", 15).move(x=x + i * 0.75, z=z)
    return body


def _cable(start: tuple[float, float, float], way: list[tuple[float, float, float]]) -> tuple[Solid, Material]:
    return tube(curve([start, *way], 5), 0.36), rubber("202022")


def chuck(r: float = 2.1) -> list[tuple[Solid, Material]]:
    """Along +x from the origin, with a bit in it."""
    collar = lathe([(0, 0), (r, 0), (r, 2.6), (r * 0.85, 3), (r * 0.5, 4.4), (0, 4.4)], 0.06)
    collar = collar.bent(lambda x, y, z: -0.06 * np.maximum(np.sin(np.arctan2(y, x) * 18), 0) * (z < 2.4), 0.01)
    return [(collar.turn("y", 90), dark_steel()), (drill_bit(0.5, 9, 5).turn("y", 90).move(x=4), steel(0.25))]


def drill_bit(r: float, length: float, flute: float) -> Solid:
    """Twisted, along z upwards, flutes at the top."""

    def fluted(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a = np.arctan2(y, x) - z * np.float32(1.5 / r / 2)
        on = np.clip((z - (length - flute)) * 3, 0, 1)
        return -np.float32(r * 0.55) * on * (0.5 + 0.5 * np.cos(2 * a)).astype(np.float32) ** 2

    return lathe([(0, 0), (r, 0), (r, length - r), (0, length)]).bent(fluted, 0.01, 0.55)


def drill(tone: str = "1d6f8c", cordless: bool = False) -> Item:
    """Standing as if held: body along x, pistol grip downwards; lies on its side after turn."""
    body = lathe([(0, -8), (3.2, -8), (3.7, -7), (3.7, 3), (3.2, 6.5), (2.6, 8.5), (0, 8.5)], 0.25).turn("y", 90)
    grip = extrude(soften([(-6.5, 1), (-2, 1), (-1.8, -4), (-3, -11.5), (-7.5, -11.5), (-6.4, -4)], 2), 3.8, 1.1).turn(
        "x", 90
    )
    body = _slots(body.stretch(y=0.9).melt(grip, 1.2), -6.5, 1.2, 5)
    facts = "12 V Li-Ion  1,5 Ah" if cordless else "220 V~ 50 Hz   750 W"
    lab = plate("VOLTRA", "AT-12 Atornillador" if cordless else 'TP-750 Percutor 1/2"', facts, (24, 24, 27))
    shell = printed(plastic(tone, 0.36, 0.002), lab, "-y", (0.8, 0.3), (7.6, 2.6), beyond=0.5)
    soft = two_tone(shell, rubber(), lambda _x, _y, z: z + 3.6)
    trigger = box(1.2, 1.6, 3, 0.5).move(x=-1.4, z=-5)
    pieces = [(body, soft), (trigger, plastic("b3201c" if not cordless else "111111", 0.3))]
    pieces += [(s.move(x=8.5), m) for s, m in chuck()]
    pieces.append((torus(2.75, 0.32).turn("y", 90).move(x=7.6), rubber()))
    if cordless:
        pieces.append((box(9, 5.4, 3.4, 0.6).move(x=-4.6, z=-13), plastic("1c1c1f", 0.4, 0.002)))
    else:
        pieces.append(
            (lathe([(0, 0), (0.8, 0), (0.5, 3.4), (0, 3.4)], 0.05).turn("x", 180).move(x=-5.2, z=-11.2), rubber())
        )
        pieces.append(
            _cable((-5.2, 0, -14), [(-5.6, 0, -17), (-9, 0.4, -19), (-13, 0.5, -16), (-16, 0.4, -10), (-14, 0, -4)])
        )
        pieces.append((capsule((5.6, 0, -2.6), (5.6, 0, -12), 1.0, 1.35), rubber()))
    return item(*pieces).turn("x", -90)


def grinder() -> Item:
    """Lying, motor along x, disc facing up."""
    body = lathe([(0, 0), (3.2, 0), (3.3, 6), (2.7, 9), (2.4, 16), (2.8, 20), (2.2, 21.5), (0, 21.5)], 0.25).turn(
        "y", -90
    )
    body = _slots(body, -19.5, 0, 5, 3)
    lab = plate("VOLTRA", 'AM-115 Amoladora 4 1/2"', "220 V~  11.000 rpm  850 W", (24, 24, 27))
    shell = printed(plastic("d8571a", 0.36, 0.002), lab, "+z", (-6.4, 0), (8, 2.7), beyond=0.5)
    gear = box(7, 5.4, 5.6, 1.4).move(x=2.6).melt(cylinder(2.9, 3, 0.4).move(x=3.2, z=2.4), 0.8)
    guard = (pipe(6.6, 6.35, 2.4, 0.05) | cylinder(6.6, 0.2).move(z=-1.1)) & box(20, 20, 9).move(x=-6.8 + 4)
    wheel = cylinder(5.75, 0.35, 0.1) - cylinder(1.1, 2)
    side = (
        lathe([(0, 0), (1.0, 0), (1.3, 2), (1.5, 8), (1.2, 10.5), (0, 10.5)], 0.15)
        .turn("x", 90)
        .move(x=3, y=-2.5, z=0.6)
    )
    return item(
        (body, shell), (gear, steel(0.4, "y", "a5a8ac")), (guard.move(x=3.4, z=4.6), dark_steel()),
        (wheel.move(x=3.4, z=4.9), Material((0.045, 0.04, 0.038), 0.85, 0.0, disc_grit)),
        (cylinder(1.5, 0.8, 0.1).move(x=3.4, z=5.2), chrome()), (side, rubber()),
        _cable((-21, 0, 0), [(-24, 0.5, -1.5), (-27, 4, -2.6), (-24, 9, -2.8), (-16, 10, -2.8)]),
    )  # fmt: skip


def disc_grit(x: np.ndarray, y: np.ndarray, _z: np.ndarray) -> np.ndarray:
    return (
        0.02
        * np.sin(x * 31 + 3 * np.sin(y * 17)).astype(np.float32)
        * np.sin(y * 29 + 2 * np.sin(x * 23)).astype(np.float32)
    )


def jigsaw() -> Item:
    outline = soften(
        [(-11, 3), (-11, 8), (-6, 11.5), (4, 11.5), (8.5, 9), (9, 0.8), (4.5, 0.8), (2, 2.4), (-5, 2.6)], 2
    )
    hole = extrude(soften([(-7.4, 6), (-6, 8.6), (2.6, 8.8), (3.4, 6.4)], 2), 9).turn("x", 90)
    body = _slots(extrude(outline, 6, 1.5).turn("x", 90) - hole, 5.1, 4.6, 4, 3)
    lab = plate("VOLTRA", "SC-600 Caladora", "220 V~  600 W  0-3000 rpm", (24, 24, 27))
    shell = printed(plastic("1f7a4d", 0.36, 0.002), lab, "-y", (-2.4, 4.2), (8, 2.4), beyond=0.5)
    sole = box(20, 7, 0.4, 0.15).move(x=1, z=-1.2) - box(4, 1.2, 2, 0.2).move(x=10, z=-1.2)
    neck = box(9, 4, 2.6, 0.5).move(x=2.5, z=0)
    blade = box(0.8, 0.14, 8).move(x=8.4, z=-2.2).bent(lambda _x, _y, z: 0.1 * np.sin(z * 14).astype(np.float32), 0.1)
    return item(
        (body, shell), (sole, steel(0.35)), (neck, plastic("26262a", 0.4)), (blade, steel(0.25, "z")),
        (cylinder(0.9, 6.8, 0.2).turn("x", 90).move(x=-8.2, z=5.4), rubber()),
        _cable((-11, 0, 6), [(-14, 0, 5), (-17, 1, 0), (-18, 3, -4.5), (-14, 7, -5.4)]),
    ).turn("x", -78)  # fmt: skip


def sander() -> Item:
    body = lathe([(0, 0), (6, 0), (6.4, 1.4), (5.4, 3.2), (4.6, 6), (4.8, 9), (4.0, 11), (0, 11.6)], 0.3)
    body = body.melt(capsule((4, 0, 5), (10.5, 0, 4.6), 1.9, 2.1), 1.2)
    lab = plate("VOLTRA", "LO-300 Lijadora orbital", "220 V~  300 W  Ø 125 mm", (24, 24, 27))
    shell = printed(plastic("c8a415", 0.36, 0.002), lab, "-y", (0, 7.4), (6.6, 2.3), beyond=0.5)
    shell = two_tone(shell, rubber(), lambda _x, _y, z: 9.6 - z)
    pad = cylinder(6.2, 1.0, 0.25).move(z=-1)
    paper = Material((0.16, 0.06, 0.03), 0.95, 0.0, disc_grit)
    bag = capsule((11, 0, 4.6), (16, 0, 4.8), 2.4, 2.8)
    return item(
        (body, shell), (pad, rubber("2b2b2e")), (cylinder(6.2, 0.25).move(z=-1.6), paper),
        (bag, plastic("2a2a2d", 0.7, 0.01)),
        (torus(2.1, 0.4).turn("y", 90).move(x=10.4, z=4.6), plastic("1b1b1d")),
        _cable((-4.5, 0, 8), [(-8, 0, 9), (-12, -1, 5), (-14, -3, -0.6), (-8, -8, -1.4)]),
    )  # fmt: skip


def bit_set() -> Item:
    """Seven bits in an open tray."""
    tray = box(13, 15, 1.8, 0.3) - box(12, 11, 1.6, 0.2).move(y=-1.2, z=0.7)
    lab = Label(900, 170, (190, 24, 30)).text(0.5, 0.4, 0.6, "PUNTARECIA", (255, 255, 255), 0.03)
    lab.text(0.5, 0.82, 0.28, "7 brocas HSS  2-8 mm", (255, 255, 255))
    case = printed(plastic("25262a", 0.4, 0.002), lab.array(), "+z", (0, 5.9), (11, 2), beyond=0.5)
    pieces: list[tuple[Solid, Material]] = [(tray, case)]
    for i in range(7):
        r = 0.16 + 0.055 * i
        bit = drill_bit(r, 5.5 + 0.7 * i, 3.4 + 0.5 * i).turn("x", -90).move(x=-5 + 1.65 * i, y=-6.2, z=0.45)
        pieces.append((bit, steel(0.28, "y", "b99a55" if i % 2 else "b8bbc0")))
    pieces.append((box(11.6, 1.0, 0.9, 0.15).move(y=-4.6, z=0.3), plastic("3a3b40", 0.5)))
    return item(*pieces)


def cutting_disc() -> Item:
    lab = Label(800, 800, (22, 22, 24)).disc(0.5, 0.5, 0.5, (28, 28, 30)).disc(0.5, 0.5, 0.36, (228, 160, 20))
    lab.disc(0.5, 0.5, 0.15, (240, 240, 236)).text(0.5, 0.24, 0.09, "CORTAFINO", bold=0.03)
    lab.text(0.5, 0.72, 0.06, "METAL · INOX", bold=0.02).text(0.5, 0.79, 0.05, "115 x 1,0 x 22,2 mm")
    lab.text(0.29, 0.5, 0.05, "13.300", bold=0.02).text(0.71, 0.5, 0.05, "rpm máx")
    grit = Material((0.03, 0.03, 0.032), 0.9, 0.0, disc_grit)
    face = printed(grit, lab.array(), "+z", (0, 0), (11.4, 11.4), beyond=0.0)
    hub = pipe(1.45, 1.1, 0.24, 0.05)
    return item((cylinder(5.75, 0.16, 0.03) - cylinder(1.12, 1), face), (hub, steel(0.2)))


def sds_bit() -> Item:
    tip = box(1.0, 0.3, 0.8, 0.04).move(z=15.7)
    shank = (
        cylinder(0.5, 5, 0.05)
        - box(0.3, 0.36, 2.4, 0.1).move(x=0.5, z=-0.4)
        - box(0.3, 0.36, 2.4, 0.1).move(x=-0.5, z=-0.4)
    )
    bit = drill_bit(0.46, 13.4, 11).move(z=2.3)
    return item((shank, steel(0.35, "z")), (bit, steel(0.4, "z", "96989c")), (tip, dark_steel())).turn("y", 90)
