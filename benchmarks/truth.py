"""Where the product of a demo photo really is, traced from the scene that the photo was rendered from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.providers.local_cutout import Cutout
from demo.generate.scene import _hits
from demo.generate.shots import SHOTS
from demo.generate.studio import stage

#: Intersection over union with the real product from which a cut-out is good enough for a catalogue.
USABLE = 0.9


def overlap(code: str, size: tuple[int, int], found: Cutout, longer_side: int = 640) -> float:
    """Intersection over union of a cut-out of the photo, (width, height) large, and the product it was rendered from."""
    real = coverage(code, longer_side) > 0.5
    cut = Image.new("L", size, 0)
    if found.alpha is not None:
        left, top, right, bottom = found.box
        part = Image.fromarray((found.alpha * 255).round().astype(np.uint8))
        cut.paste(part.resize((right - left, bottom - top)), (left, top))
    shown = np.asarray(cut.resize(real.shape[::-1])) > 127
    return float((shown & real).sum() / max(1, (shown | real).sum()))


def coverage(code: str, longer_side: int) -> npt.NDArray[np.float32]:
    """Which share of each pixel of the upright photo the product of article `code` covers, (h, w), 0–1."""
    staged = stage(code, SHOTS[code], longer_side=longer_side)
    scene, (width, height) = staged.scene, staged.size
    w, h = 2 * width, 2 * height
    ray = scene.camera.rays(w, h)
    pixel = 2 / max(w, h) / scene.camera.focal
    depth = np.minimum.reduce([plane.distance(scene.camera.eye, ray) for plane in scene.planes])
    product = np.zeros(w * h, bool)
    for index, part in enumerate(scene.things.parts):
        rows, t = _hits(part, scene.camera, ray, (w, h), pixel)
        nearer = t < depth[rows]
        depth[rows[nearer]], product[rows[nearer]] = t[nearer], index < len(staged.product.parts)
    return product.reshape(height, 2, width, 2).mean(axis=(1, 3), dtype=np.float32)
