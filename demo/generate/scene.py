"""One photo's scene, rendered to linear light: the product, what lies around it, the surface and the lamp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.generate.camera import Camera
from demo.generate.ground import Plane, shadows, shifted
from demo.generate.light import Light, openness, reach
from demo.generate.march import normals, trace
from demo.generate.parts import Item, Part
from demo.generate.shade import lit
from demo.generate.solids import Array


@dataclass(frozen=True)
class Scene:
    things: Item  #: everything that stands on the ground, in cm
    planes: tuple[Plane, ...]
    camera: Camera
    light: Light
    scale: float  #: the product's size in cm, for the reach of contact shadows
    seen_from: float  #: the distance from the camera to the product


def render(scene: Scene, width: int, height: int, oversample: float = 1.3) -> tuple[Array, Array]:
    """(h, w, 3) linear light and (h, w) depth in cm."""
    w, h = round(width * oversample), round(height * oversample)
    camera = scene.camera
    ray = camera.rays(w, h)
    pixel = 2 / max(w, h) / camera.focal
    depth = np.full(w * h, 1e9, np.float32)
    owner = np.full(w * h, -1, np.int32)
    clear: list[tuple[Part, Array, Array]] = []
    for index, part in enumerate(scene.things.parts):
        rows, t = _hits(part, camera, ray, (w, h), pixel)
        if part.material.opacity < 1:
            clear.append((part, rows, t))
            continue
        nearer = t < depth[rows]
        depth[rows[nearer]], owner[rows[nearer]] = t[nearer], index
    image = np.zeros((w * h, 3), np.float32)
    for index, plane in enumerate(scene.planes):
        t = plane.distance(camera.eye, ray)
        nearer = t < depth
        depth[nearer], owner[nearer] = t[nearer], -2 - index
    for index, plane in enumerate(scene.planes):
        rows = np.flatnonzero(owner == -2 - index)
        if rows.size:
            image[rows] = _plane_light(scene, plane, rows, ray, depth, (w, h), pixel)
    for index, part in enumerate(scene.things.parts):
        rows = np.flatnonzero(owner == index)
        if rows.size:
            image[rows] = _part_light(scene, part, rows, ray, depth[rows], pixel)
    for part, rows, t in sorted(clear, key=lambda c: -float(c[2].mean()) if c[2].size else 0.0):
        front = t < depth[rows]
        rows, t = rows[front], t[front]
        if rows.size:
            over = _part_light(scene, part, rows, ray, t, pixel)
            tint = part.material.paint(*(np.zeros(rows.size, np.float32),) * 3)
            through = image[rows] * (1 - part.material.opacity) * (0.35 + 0.65 * tint)
            image[rows] = through + over * (0.25 + 0.75 * part.material.opacity)
    image = np.minimum(image, 5).reshape(h, w, 3)
    small = [_shrink(np.ascontiguousarray(c), (width, height)) for c in np.moveaxis(image, -1, 0)]
    return np.stack(small, -1), _shrink(np.minimum(depth, 1e4).reshape(h, w), (width, height))


def _shrink(a: Array, size: tuple[int, int]) -> Array:
    return np.asarray(Image.fromarray(a.astype(np.float32)).resize(size, Image.Resampling.BILINEAR), np.float32)


def _hits(
    part: Part, camera: Camera, ray: tuple[Array, Array, Array], size: tuple[int, int], pixel: float
) -> tuple[Array, Array]:
    w, h = size
    seen = camera.project(part.corners()) * max(w, h) / 2
    x0, x1 = (int(np.clip(v + w / 2, 0, w)) for v in (seen[:, 0].min() - 2, seen[:, 0].max() + 2))
    y0, y1 = (int(np.clip(h / 2 - v, 0, h)) for v in (seen[:, 1].max() + 2, seen[:, 1].min() - 2))
    if x0 >= x1 or y0 >= y1:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    rows = (np.arange(y0, y1)[:, None] * w + np.arange(x0, x1)[None, :]).ravel()
    direction = tuple(v[rows] for v in ray)
    origin = part.own(*(np.full(1, v, np.float32) for v in camera.eye))
    away = float(np.linalg.norm(part.corners().mean(0) - camera.eye))
    hit, t = trace(part.solid, origin, part.own_direction(*direction), np.float32(max(away * pixel * 0.3, 2e-4)))
    return rows[hit], t


def _part_light(
    scene: Scene, part: Part, rows: Array, ray: tuple[Array, Array, Array], t: Array, pixel: float
) -> Array:
    eye, d = scene.camera.eye, tuple(v[rows] for v in ray)
    p = tuple(eye[i] + t * d[i] for i in range(3))
    own = part.own(*p)
    foot = float(t.mean()) * pixel
    n_own = normals(part.solid, own, part.material.bump, max(0.6 * foot, 0.002))
    r = part.rotation
    n = tuple(r[i, 0] * n_own[0] + r[i, 1] * n_own[1] + r[i, 2] * n_own[2] for i in range(3))
    off = tuple(a + np.float32(2.5 * foot) * b for a, b in zip(p, n, strict=True))
    away = sum(a * b for a, b in zip(n, scene.light.direction, strict=True)) <= 0
    lightness = reach(scene.things, scene.light, off, away)
    room = openness(scene.things, off, n, (0.03 * scene.scale, 0.12 * scene.scale))
    room *= np.clip(0.45 + 0.55 * (p[2] + 0.1 * scene.scale * np.maximum(n[2], 0)) / (0.16 * scene.scale), 0.45, 1)
    m = part.material
    rough, metal = np.full(t.shape, m.rough, np.float32), np.full(t.shape, m.metal, np.float32)
    colour = m.paint(*own)
    out = lit(scene.light, n, tuple(-v for v in d), colour, rough, metal, lightness, room)
    return out + colour * np.float32(m.glow)


def _plane_light(
    scene: Scene,
    plane: Plane,
    rows: Array,
    ray: tuple[Array, Array, Array],
    depth: Array,
    size: tuple[int, int],
    pixel: float,
) -> Array:
    eye, t = scene.camera.eye, np.minimum(depth[rows], np.float32(1e4))
    d = tuple(v[rows] for v in ray)
    p = tuple(eye[i] + t * d[i] for i in range(3))
    colour, height, n = plane.look_up(p, float(np.median(t)) * pixel)
    s = scene.scale
    shadow, room = shadows(plane, scene.camera, scene.light, scene.things, size, (0.05 * s, 0.15 * s, 0.4 * s))
    lean = scene.light.direction / max(float(scene.light.direction[2]), 0.15)
    base = np.array([[0, 0, 0], [-lean[0], -lean[1], 0]], np.float32)
    track = scene.camera.project(base)
    drift = (track[1] - track[0]) * max(size) / 2
    relief = height - height.mean()
    reach_here = shifted(shadow, relief, rows, drift)
    open_here = np.clip(room.ravel()[rows], 0, 1)
    dip = np.clip(1 + relief / max(2.5 * float(relief.std()), 0.02) * 0.35, 0.45, 1.15)
    rough, metal = np.full(t.shape, plane.tile.rough, np.float32), np.zeros(t.shape, np.float32)
    return lit(scene.light, n, tuple(-v for v in d), colour, rough, metal, reach_here, open_here * dip)
