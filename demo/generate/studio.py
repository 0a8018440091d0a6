"""From a shot to a finished photo."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.generate import bad
from demo.generate.camera import frame
from demo.generate.clutter import around
from demo.generate.ground import Plane
from demo.generate.lens import Lens, develop
from demo.generate.light import lamp
from demo.generate.parts import Item
from demo.generate.scene import Scene, render
from demo.generate.shots import Shot
from demo.generate.surfaces import SURFACES

SEED = 2025


@dataclass(frozen=True)
class Staged:
    """A scene ready to be photographed; `product` is the item alone, as it stands in `scene.things`."""

    scene: Scene
    product: Item
    lens: Lens
    size: tuple[int, int]  #: pixels, width and height
    rng: np.random.Generator


def photograph(code: str, shot: Shot, seed: int = SEED, longer_side: int | None = None) -> Image.Image:
    """The upright photo of one article. The same code, seed and size give the same pixels."""
    staged = stage(code, shot, seed, longer_side)
    scene = staged.scene
    image, depth = render(scene, *staged.size)
    return develop(image, depth, scene.seen_from, scene.scale, staged.lens, staged.rng)


def stage(code: str, shot: Shot, seed: int = SEED, longer_side: int | None = None) -> Staged:
    rng = np.random.default_rng([seed, zlib.crc32(code.encode())])
    width, height = shot.size
    if longer_side:
        shrink = longer_side / max(width, height)
        width, height = round(width * shrink), round(height * shrink)
    product = shot.make().rest()
    corners = product.corners()
    extent = float(np.ptp(corners, 0).max())
    tile = SURFACES[shot.surface](rng)
    coarse = max(1.0, extent / 22) * shot.grain * float(rng.uniform(0.85, 1.1))
    planes = [Plane(tile, spin=float(rng.uniform(-35, 35)), scale=coarse)]
    if shot.wall:
        behind = float(corners[:, 1].max()) + extent * float(rng.uniform(0.5, 0.9))
        planes.append(Plane(SURFACES[shot.wall](rng), wall_at=behind, scale=min(coarse, 1.4)))
    camera = frame(
        corners,
        width / height,
        azimuth=shot.azimuth,
        elevation=shot.elevation,
        roll=shot.roll + float(rng.uniform(-4, 4)),
        fill=shot.fill,
        offset=(float(rng.uniform(-0.1, 0.1)), float(rng.uniform(-0.08, 0.04))),
    )
    light = lamp(
        shot.lamp[0] + float(rng.uniform(-15, 15)),
        shot.lamp[1],
        tile.colour.mean((0, 1)),
        strength=float(rng.uniform(1.9, 2.6)),
        hardness=float(rng.uniform(5, 13)),
        ambient=float(rng.uniform(0.68, 0.85)),
        warmth=float(rng.uniform(-0.4, 0.8)),
    )
    things = product + around(product, shot.clutter, rng)
    seen_from = float(np.linalg.norm(corners.mean(0) - camera.eye))
    scene = Scene(things, tuple(planes), camera, light, extent, seen_from)
    lens = Lens(
        exposure=shot.exposure * float(rng.uniform(0.92, 1.1)),
        warmth=float(rng.uniform(-0.35, 0.6)),
        vignette=float(rng.uniform(0.12, 0.35)),
        noise=float(rng.uniform(0.004, 0.009)),
        softness=float(rng.uniform(0.1, 0.5)),
    )
    if shot.dark:
        lens = bad.dark(lens)
    return Staged(scene, product, lens, (width, height), rng)
