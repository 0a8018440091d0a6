"""Pinturas: cans, a spray can, roller, brush, tape, bucket, cartridge."""

from __future__ import annotations

from demo.generate.labels import Label, Rgb
from demo.generate.materials import chrome, paint, plastic, rgb, steel, wrapped
from demo.generate.outlines import lathe
from demo.generate.parts import Item, Material, item
from demo.generate.shapes import arc_tube, cylinder, torus


def can(r: float, h: float, label: Label, lid: Material | None = None) -> Item:
    tin = steel(0.22, "z")
    body = lathe([(0, 0), (r, 0), (r, 0.35), (r - 0.12, 0.5), (r - 0.12, h - 0.5), (r, h - 0.35), (r, h), (0, h)], 0.04)
    body = body - cylinder(r - 0.45, 1.2).move(z=h)
    top = lathe([(0, 0), (r - 1.3, 0), (r - 1.1, -0.35), (r - 0.7, -0.35), (r - 0.6, 0.1), (r - 0.45, 0.1), (r - 0.4, -0.6),
                 (0, -0.6)], 0.03).move(z=h - 0.1)  # fmt: skip
    side = wrapped(tin, label.array(), 0.6, h - 0.6)
    handle = arc_tube(r + 0.15, 0.14, 200, 340).turn("x", 90).move(y=0, z=h * 0.72)
    ears = cylinder(0.5, 2 * r + 0.5, 0.1).turn("y", 90).move(z=h * 0.72)
    return item((body, side), (top, lid or chrome()), (ears, tin), (handle, steel(0.3)))


def paint_label(brand: str, kind: str, tone: Rgb, volume: str, code: str) -> Label:
    dark = tuple(int(c * 0.55) for c in tone)
    lab = Label(1800, 620)
    for x in (0.0, 0.5):
        lab.band(x, 0, x + 0.5, 1, (248, 247, 243))
        lab.slash([(x, 0.52), (x + 0.5, 0.38), (x + 0.5, 1), (x, 1)], tone)
        lab.slash([(x, 0.49), (x + 0.5, 0.35), (x + 0.5, 0.39), (x, 0.53)], dark)
    lab.text(0.5, 0.2, 0.24, brand, dark, 0.035)
    lab.text(0.5, 0.6, 0.12, kind, (255, 255, 255), 0.02)
    lab.text(0.5, 0.76, 0.07, "Interior y exterior · Secado rápido", (255, 255, 255))
    lab.text(0.5, 0.9, 0.11, volume, (255, 255, 255), 0.02)
    return lab.barcode(0.8, 0.62, 0.93, 0.92, code)
