"""Pinturas: cans, a spray can, roller, brush, tape, bucket, cartridge."""

from __future__ import annotations

import numpy as np

from demo.generate.labels import Label, Rgb
from demo.generate.materials import chrome, grain, paint, plastic, rgb, steel, wood, wrapped
from demo.generate.outlines import extrude, lathe, soften
from demo.generate.parts import Item, Material, item
from demo.generate.shapes import arc_tube, box, capsule, cylinder, pipe, torus, tube


def can(r: float, h: float, label: Label, lid: Material | None = None) -> Item:
    tin = steel(0.22, "z")
    body = lathe([(0, 0), (r, 0), (r, 0.35), (r - 0.12, 0.5), (r - 0.12, h - 0.5), (r, h - 0.35), (r, h), (0, h)], 0.04)
    body = body - cylinder(r - 0.45, 1.2).move(z=h)
    top = lathe([(0, 0), (r - 1.3, 0), (r - 1.1, -0.35), (r - 0.7, -0.35), (r - 0.6, 0.1), (r - 0.45, 0.1), (r - 0.4, -0.6),
                 (0, -0.6)], 0.03).move(z=h - 0.1)  # fmt: skip
    side = wrapped(paint("c9ccd0", 0.26), label.array(), 0.55, h - 0.55)
    rims = torus(r - 0.05, 0.2).move(z=0.25) | torus(r - 0.05, 0.22).move(z=h - 0.2)
    handle = arc_tube(r + 0.15, 0.14, 200, 340).turn("x", 90).move(y=0, z=h * 0.72)
    ears = cylinder(0.5, 2 * r + 0.5, 0.1).turn("y", 90).move(z=h * 0.72)
    return item((body, side), (rims, tin), (top, lid or chrome()), (ears, tin), (handle, steel(0.3)))


def paint_label(brand: str, kind: str, tone: Rgb, volume: str, code: str) -> Label:
    dark = tuple(int(c * 0.55) for c in tone)
    lab = Label(1800, 620, limit=0.27)
    lab.slash([(0, 0.36), (0.2, 0.36), (0.5, 0.48), (0.8, 0.36), (1, 0.36), (1, 1), (0, 1)], tone)
    lab.slash([(0.2, 0.33), (0.5, 0.45), (0.8, 0.33), (0.8, 0.37), (0.5, 0.49), (0.2, 0.37)], dark)
    lab.text(0.5, 0.2, 0.24, brand, dark, 0.035)
    lab.text(0.5, 0.6, 0.12, kind, (255, 255, 255), 0.02)
    lab.text(0.5, 0.76, 0.07, "Interior y exterior · Secado rápido", (255, 255, 255))
    lab.text(0.5, 0.9, 0.11, volume, (255, 255, 255), 0.02)
    return lab.barcode(0.8, 0.62, 0.93, 0.92, code)


def spray(cap: str, tone: Rgb, kind: str) -> Item:
    lab = Label(1500, 900, tone, limit=0.3)
    lab.band(0, 0.55, 1, 1, (240, 240, 236)).disc(0.5, 0.52, 0.12, (255, 205, 40))
    lab.text(0.5, 0.2, 0.17, "RÁPIDO", (255, 255, 255), 0.03).text(0.5, 0.36, 0.09, "AEROSOL", (255, 255, 255), 0.02)
    lab.text(0.5, 0.53, 0.08, "24 h", bold=0.02).text(0.5, 0.73, 0.09, kind, bold=0.02)
    lab.text(0.5, 0.88, 0.07, "400 ml · 250 g").barcode(0.78, 0.62, 0.93, 0.9, "7790011400025")
    body = lathe([(0, 0), (3.1, 0), (3.2, 0.3), (3.2, 15), (2.9, 15.6), (2.2, 16.6), (0, 16.6)], 0.05)
    ring = torus(3.15, 0.14).move(z=15.3)
    lid = lathe([(0, 16), (2.65, 16), (2.55, 20.2), (2.3, 20.5), (0, 20.5)], 0.06)
    return item(
        (body, wrapped(paint("d8d8d8", 0.22), lab.array(), 0.4, 15)), (ring, chrome()), (lid, plastic(cap, 0.28))
    )


def roller() -> Item:
    nap = Material(rgb("efe6c8"), 0.95, 0.0, grain(0.22, 0.22, 0.22, 0.16))
    sleeve = pipe(2.3, 1.9, 23, 0.3).bent(grain(0.5, 0.5, 0.5, 0.16), 0.16).turn("y", 90)
    cap = lathe([(0, 0), (1.95, 0), (1.95, 0.5), (0, 0.7)], 0.04).turn("y", 90).move(x=11.3)
    wire = tube([(10, 0, 0), (14.2, 0, 0), (14.2, -7, 0), (0, -9, 0), (0, -16, 0)], 0.36)
    grip = lathe([(0, 0), (1.2, 0), (1.5, 1.5), (1.1, 4.5), (1.45, 8), (1.3, 11.5), (0.8, 12.4), (0, 12.4)], 0.12)
    return item(
        (sleeve, nap), (cap, plastic("2b2b2e")), (wire, steel(0.25, "x")),
        (grip.turn("x", 90).move(y=-14.5), plastic("d9361e", 0.3)),
    )  # fmt: skip


def brush() -> Item:
    outline = soften([(-1.2, 0), (1.2, 0), (1.0, 3), (0.7, 6), (0.9, 10), (1.7, 12.6), (2.4, 14), (-2.4, 14), (-1.7, 12.6),
                      (-0.9, 10), (-0.7, 6), (-1.0, 3)])  # fmt: skip
    handle = extrude(outline, 1.3, 0.5) - cylinder(0.35, 4).move(y=1.4)
    ferrule = box(5.3, 3.6, 1.7, 0.15).move(y=15.4)
    rivets = cylinder(0.16, 1.8).move(x=-2, y=15) | cylinder(0.16, 1.8).move(x=2, y=15)
    hair = Material(_hair, 0.6, 0.0, grain(0.05, 1.8, 0.12, 0.03))
    bristles = extrude([(-2.45, 17), (2.45, 17), (2.6, 21), (2.3, 22.6), (-2.3, 22.6), (-2.6, 21)], 1.35, 0.3)
    return item(
        (handle, wood("c4502a", "8f2f16", "y")), (ferrule | rivets, steel(0.2, "x")),
        (bristles.bent(grain(0.07, 2.5, 0.2, 0.06), 0.06), hair),
    )  # fmt: skip


def _hair(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    t = grain(0.05, 2.2, 0.1, 1.0)(x, y, z)[:, None]
    return np.array(rgb("d8b98a"), np.float32) * t + np.array(rgb("4a3220"), np.float32) * (1 - t)


def tape(
    outer: float, inner: float, width: float, colour: str, core: str, rough: float, label: Label | None = None
) -> Item:
    """A roll lying flat: its edge shows the layers."""
    layers = Material(rgb(colour), rough, 0.0, lambda x, y, _z: 0.006 * np.sin(np.hypot(x, y) * 70).astype(np.float32))
    inside = pipe(inner, inner - 0.25, width, 0.03)
    faced = plastic(core, 0.7)
    if label:
        faced = wrapped(faced, label.array(), -width * 0.45, width * 0.45)
    return item((pipe(outer, inner, width * 0.98, 0.05), layers), (inside, faced))


def bucket() -> Item:
    skin = [(0, 0), (10.2, 0), (12.6, 24), (13.4, 24), (13.4, 25), (12.2, 25), (9.7, 0.5), (0, 0.5)]
    body = lathe(skin, 0.06)
    ribs = torus(12.25, 0.3).move(z=21.5) | torus(12.0, 0.25).move(z=19.6)
    wire = arc_tube(13.6, 0.22, 184, 356).turn("x", 20).move(z=23)
    grip = capsule((-3, -12.8, 18.2), (3, -12.8, 18.2), 0.95)
    ears = cylinder(1.1, 1.4, 0.2).turn("y", 90).move(x=13, z=23) | cylinder(1.1, 1.4, 0.2).turn("y", 90).move(
        x=-13, z=23
    )
    return item(
        (body | ribs | ears, plastic("1f1f22", 0.42, 0.004)), (wire, steel(0.3)),
        (grip, plastic("c8c8c4", 0.4)),
    )  # fmt: skip


def cartridge() -> Item:
    lab = Label(1400, 1100, (250, 250, 250), limit=0.4)
    lab.band(0, 0.0, 1, 0.32, (18, 96, 60)).band(0, 0.32, 1, 0.36, (250, 190, 30)).band(0, 0.86, 1, 1, (18, 96, 60))
    lab.text(0.5, 0.17, 0.16, "SELLATODO", (255, 255, 255), 0.03).text(0.5, 0.48, 0.1, "SILICONA", bold=0.03)
    lab.text(0.5, 0.6, 0.07, "ACÉTICA · TRANSPARENTE").text(0.5, 0.73, 0.06, "Baños y cocinas · Antihongos")
    lab.text(0.5, 0.93, 0.08, "280 ml", (255, 255, 255), 0.02).barcode(0.8, 0.42, 0.96, 0.8, "7793344280011")
    tubed = lathe([(0, 0), (2.4, 0), (2.4, 21.5), (0, 21.5)], 0.05)
    neck = lathe([(0, 21.5), (2.3, 21.5), (1.0, 22.1), (0.9, 23.4), (0, 23.4)], 0.03)
    nozzle = lathe([(0, 23), (1.0, 23), (0.95, 24.2), (0.35, 32), (0, 32)], 0.04)
    return item(
        (tubed, wrapped(plastic("f2f2f0", 0.3), lab.array(), 0.6, 21)), (neck, plastic("f0f0ee")),
        (nozzle, plastic("e9e9e2", 0.3)),
    ).turn("y", 90)  # fmt: skip


def thinner_bottle() -> Item:
    lab = Label(1400, 900, (250, 226, 60), limit=0.3)
    lab.band(0, 0, 1, 0.3, (190, 30, 30)).text(0.5, 0.16, 0.19, "DILUX", (255, 255, 255), 0.03)
    lab.text(0.5, 0.47, 0.13, "AGUARRÁS", bold=0.03).text(0.5, 0.63, 0.07, "Diluyente mineral · INFLAMABLE")
    lab.text(0.5, 0.84, 0.12, "900 ml", bold=0.02).barcode(0.78, 0.4, 0.94, 0.8, "7790902000018")
    body = lathe([(0, 0), (3.9, 0), (4.1, 0.4), (4.1, 14.5), (3.6, 16.6), (1.6, 18.6), (1.5, 20), (0, 20)], 0.1)
    cap = cylinder(1.9, 2.2, 0.15).bent(
        lambda x, y, _z: 0.05 * np.sin(np.arctan2(y, x) * 40).astype(np.float32), 0.05
    ).move(z=20.4)  # fmt: skip
    return item((body, wrapped(plastic("e8e6dc", 0.32), lab.array(), 2, 13.5)), (cap, plastic("c42222")))
