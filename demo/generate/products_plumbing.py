"""Plomería: PVC fittings, brass taps and valves, tape, hose, clamp, glue."""

from __future__ import annotations

import numpy as np

from demo.generate.labels import Label
from demo.generate.materials import brass, chrome, galvanised, paint, plastic, printed, rgb, steel
from demo.generate.outlines import extrude, lathe, soften
from demo.generate.parts import Item, Material, item
from demo.generate.products_paint import can
from demo.generate.shapes import arc_tube, box, capsule, curve, cylinder, pipe, prism, sphere, thread, torus, tube
from demo.generate.solids import Solid

PVC = "f1f1ec"


def _socket(r: float, inner: float, h: float) -> Solid:
    return pipe(r, inner, h, 0.05).melt(pipe(r + 0.18, inner, 0.7, 0.08).move(z=h / 2 - 0.35), 0.15)


def elbow() -> Item:
    bend = arc_tube(1.9, 1.35, 180, 270).move(x=1.9, y=1.9)
    one = _socket(1.5, 1.15, 2.6).turn("x", -90).move(y=2.9)
    two = _socket(1.5, 1.15, 2.6).turn("y", 90).move(x=2.9)
    hollow = cylinder(1.15, 3).turn("x", 90).move(y=3.2) | cylinder(1.15, 3).turn("y", 90).move(x=3.2)
    body = bend.melt(one, 0.2).melt(two, 0.2) - hollow
    lab = Label(300, 100, (238, 238, 232)).text(0.5, 0.5, 0.7, "PN 10", (150, 150, 148), 0.02)
    return item((body, printed(plastic(PVC, 0.3), lab.array(), "+z", (2.9, 0), (1.4, 0.5), beyond=0.3)))


def tee() -> Item:
    run = cylinder(1.5, 7, 0.05).turn("y", 90).melt(cylinder(1.5, 4).turn("x", 90).move(y=1.8), 0.3)
    rims = pipe(1.7, 1.15, 0.8, 0.1)
    run = run | rims.turn("y", 90).move(x=3.1) | rims.turn("y", 90).move(x=-3.1) | rims.turn("x", 90).move(y=3.5)
    hollow = cylinder(1.15, 9).turn("y", 90) | cylinder(1.15, 5).turn("x", 90).move(y=3)
    return item((run - hollow, plastic("e9e6dc", 0.3)))


def bib_tap() -> Item:
    """A garden tap, lying as if screwed to a wall at the left."""
    spout = tube(curve([(0, 0, 0), (2.5, 0, 0.2), (5, 0, 0.2), (6.6, 0, -0.8), (7, 0, -3.2)], 6), 0.95)
    body = spout.melt(sphere(1.7).move(x=2.4), 0.8).melt(cylinder(1.1, 3.4).move(x=2.4, z=2), 0.4)
    inlet = thread(1.15, 2.2, 0.24, 0.1).turn("y", 90).move(x=-1.6)
    nuts = prism(6, 1.4, 1.0, 0.06).turn("y", 90).move(x=0.1) | prism(6, 1.25, 1.0, 0.06).move(x=2.4, z=3.4)
    mouth = pipe(1.25, 0.85, 1.4, 0.05).move(x=7, z=-3.7) | torus(1.2, 0.14).move(x=7, z=-3.4)
    handle = capsule((-2.6, 0, 0), (2.6, 0, 0), 0.62).stretch(z=0.6).melt(cylinder(1.0, 1, 0.1), 0.5).move(x=2.4, z=5.6)
    stem = cylinder(0.5, 2.4).move(x=2.4, z=4.6)
    return item(
        (body, brass()), (inlet, brass()), (nuts, brass()), (mouth, brass()), (stem, steel()), (handle, paint("b3201c"))
    )


def ball_valve() -> Item:
    body = sphere(2.0).melt(cylinder(1.5, 6.4, 0.1).turn("y", 90), 0.6) - cylinder(1.1, 9).turn("y", 90)
    ends = (
        prism(8, 1.95, 1.5, 0.08).turn("y", 90).move(x=3) | prism(8, 1.95, 1.5, 0.08).turn("y", 90).move(x=-3)
    ) - cylinder(1.15, 9).turn("y", 90)
    neck = cylinder(0.85, 1.8, 0.05).move(z=2.2) | prism(6, 0.6, 0.6, 0.03).move(z=3.5)
    lever = extrude(
        soften([(-1, -0.9), (1.2, -0.9), (3, -0.6), (9.5, -0.85), (9.5, 0.85), (3, 0.6), (1.2, 0.9), (-1, 0.9)], 1),
        0.5,
        0.12,
    )
    mark = Label(500, 90, (196, 32, 28)).text(0.5, 0.5, 0.75, 'AGUA  3/4"  PN 25', (255, 240, 235), 0.02)
    red = printed(paint("bd2019", 0.28), mark.array(), "+z", (6.2, 0), (5, 0.8), beyond=0.1)
    return item((body, brass()), (ends, brass()), (neck, steel()), (lever.turn("z", 25).move(z=3.2), red))


def ptfe() -> Item:
    lab = (
        Label(600, 600, (20, 80, 170))
        .disc(0.5, 0.5, 0.2, (240, 240, 240))
        .text(0.5, 0.16, 0.13, "TEFLÓN", (255, 255, 255), 0.03)
    )
    lab.text(0.5, 0.87, 0.1, '3/4" x 10 m', (255, 255, 255), 0.02)
    flange = cylinder(2.7, 0.2, 0.05) - cylinder(0.8, 1)
    face = printed(plastic("1a52ad", 0.3), lab.array(), "+z", (0, 0), (5.2, 5.2), beyond=0.02)
    wound = Material(rgb("f4f4f1"), 0.6, 0.0, lambda _x, _y, z: 0.006 * np.sin(z * 40).astype(np.float32))
    tail = box(4.2, 1.5, 0.04).turn("x", 90).move(x=2.2, y=2.25, z=0)
    return item((flange.move(z=0.95), face), (flange.move(z=-0.95), face), (pipe(2.25, 0.8, 1.7), wound), (tail, wound))


def braided_hose() -> Item:
    path = curve([(-15, 2, 0), (-8, 3.6, 0), (-2, -2.6, 0), (5, -4, 0), (10, 1, 0), (15, 3, 0)], 6)

    def weave(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a = np.sin((x + z * 1.4) * 13) * np.sin((x - z * 1.4 + y * 0.6) * 13)
        return (0.03 * a).astype(np.float32)

    def tint(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a = np.sin((x + z * 1.4) * 13) * np.sin((x - z * 1.4 + y * 0.6) * 13)
        return np.array(rgb("c7cacd"), np.float32) * (0.65 + 0.35 * a[:, None]).astype(np.float32)

    braid = Material(tint, 0.3, 1.0, weave)
    pieces: list[tuple[Solid, Material]] = [(tube(path[i : i + 7], 0.62), braid) for i in range(0, len(path) - 1, 6)]
    for x, y, turn in ((-16, 1.8, 8), (16, 3.4, 12)):
        ferrule = cylinder(0.82, 2, 0.1).turn("y", 90).turn("z", turn)
        hexed = (prism(6, 1.15, 1.6, 0.06) - cylinder(0.8, 3)).turn("y", 90).turn("z", turn)
        pieces += [
            (ferrule.move(x=x + (0.6 if x < 0 else -0.6), y=y), chrome()),
            (hexed.move(x=x * 1.09, y=y), brass()),
        ]
    return item(*pieces)


def pvc_glue() -> Item:
    lab = Label(1500, 620, (30, 70, 150), limit=0.29)
    lab.band(0, 0.3, 1, 0.62, (245, 245, 240)).text(0.5, 0.17, 0.2, "UNIFIX", (255, 255, 255), 0.04)
    lab.text(0.5, 0.42, 0.15, "ADHESIVO PVC", (180, 20, 20), 0.03).text(0.5, 0.55, 0.08, "Presión y desagüe")
    lab.text(0.5, 0.8, 0.14, "250 cc", (255, 255, 255), 0.02).barcode(0.8, 0.66, 0.95, 0.94, "7798112502504")
    tin = can(3.4, 8, lab)
    cap = cylinder(1.7, 1.5, 0.12).move(z=8.3)
    return Item(tin.parts[:2]) + item(
        (cap, plastic("d8b21c", 0.35)), (lathe([(0, 0), (3, 0), (0, 0.3)]).move(z=7.4), chrome())
    )


def hose_clamp() -> Item:
    band = pipe(3.2, 3.08, 1.2, 0.02)
    slots = Material(_slotted, 0.24, 1.0)
    house = box(2.0, 1.4, 1.3, 0.2).move(y=-3.7)
    screw = thread(0.5, 2.6, 0.3, 0.1).turn("y", 90).move(x=0.2, y=-3.95)
    head = (prism(6, 0.5, 0.7, 0.04) - box(0.16, 2, 0.6).move(z=0.4)).turn("y", 90).move(x=1.7, y=-3.95)
    return item((band, slots), (house, steel(0.25)), (screw, galvanised()), (head, galvanised()))


def _slotted(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    a = np.arctan2(y, x) * 26
    dark = ((np.sin(a + z * 1.2) > 0.35) & (np.abs(z) < 0.36) & (y < 1.5))[:, None]
    return np.where(dark, np.float32(0.06), np.array(rgb("c9ccd0"), np.float32))
