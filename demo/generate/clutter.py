"""The things that happen to lie around a product on a shop's counter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from demo.generate.materials import plastic, rgb, wood
from demo.generate.parts import Item, Material, gather, item
from demo.generate.products_fixings import nail, wall_plug
from demo.generate.products_hand import screwdriver, wrench
from demo.generate.products_paint import brush, tape
from demo.generate.products_screws import hex_bolt, nut, washer, wood_screw
from demo.generate.shapes import box, cylinder, prism


def pencil() -> Item:
    lead = Material(rgb("2a2a2a"), 0.5)
    return item(
        (prism(6, 0.35, 13, 0.04), plastic("d9a514", 0.3)), (cylinder(0.36, 1.2).move(z=-7), plastic("c8889a", 0.7)),
        (cylinder(0.3, 0.8).move(z=6.8), wood("e0b988", "c49a66", "z")), (cylinder(0.1, 0.6).move(z=7.4), lead),
    ).turn("y", 90)  # fmt: skip


def offcut() -> Item:
    return item((box(9, 4, 1.8, 0.05), wood("d9b27c", "a8763f")))


SMALL: tuple[Callable[[], Item], ...] = (
    lambda: wood_screw(0.35, 3), lambda: washer(0.6, 1.4, 0.12), lambda: nut(0.6), nail, lambda: wall_plug(0.6, 3, "b23a2c"),
)  # fmt: skip
LARGE: tuple[Callable[[], Item], ...] = (
    pencil, lambda: screwdriver("2a7d3f"), lambda: wrench("17"), offcut, lambda: hex_bolt(1.2, 8),
    lambda: tape(4.2, 3.2, 1.8, "20365c", "c9b48c", 0.4), brush,
)  # fmt: skip


def around(product: Item, count: int, rng: np.random.Generator) -> Item:
    """`count` things on the ground beside the product, out of its way; small ones beside a small product."""
    corners = product.corners()
    lo, hi = corners.min(0)[:2], corners.max(0)[:2]
    middle, half = (lo + hi) / 2, (hi - lo) / 2
    makers = SMALL if float(half.max()) < 5.5 else LARGE
    taken: list[tuple[np.ndarray, float]] = []
    out: list[Item] = []
    for _ in range(count):
        thing = makers[int(rng.integers(len(makers)))]().turn("z", float(rng.uniform(0, 360))).rest()
        c = thing.corners()
        own = np.ptp(c[:, :2], 0) / 2
        r = float(own.max())
        for _ in range(60):
            angle = rng.uniform(0, 2 * np.pi)
            ring = half.max() * rng.uniform(0.65, 1.15) + 0.6 * r
            at = middle + np.array([np.cos(angle), np.sin(angle)]) * ring
            clear = all(np.hypot(*(at - p)) > r + q for p, q in taken)
            if clear and bool(np.any(np.abs(at - middle) > half + own)):
                break
        else:
            continue
        taken.append((at, r))
        shift = at - (c.min(0) + c.max(0))[:2] / 2
        out.append(thing.move(float(shift[0]), float(shift[1])))
    return gather(out)
