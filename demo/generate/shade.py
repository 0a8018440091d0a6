"""How a lit point looks: diffuse, GGX highlight of the key light, and the mirrored room."""

from __future__ import annotations

import numpy as np

from demo.generate.light import Light, room
from demo.generate.march import Triple
from demo.generate.solids import Array

#: Dry stone, cloth and plaster have no highlight worth working out.
MATT = 0.7


def lit(
    light: Light, n: Triple, view: Triple, albedo: Array, rough: Array, metal: Array, reach: Array, openness: Array
) -> Array:
    """(n, 3) linear colour. `view` points from the surface to the camera; `reach` and `openness` are 0 … 1."""
    nl = np.maximum(sum(a * b for a, b in zip(n, light.direction, strict=True)), 0)
    key = (nl * reach * light.strength)[:, None] * light.colour
    up = (n[2] * 0.5 + 0.5)[:, None]
    fill = (light.ground * 0.55 * (1 - up) + np.float32(0.85) * up) * np.float32(light.ambient)
    diffuse = (
        albedo * (1 - metal[:, None]) * 0.96 * (key * np.float32(0.32) + fill * openness[:, None] * np.float32(0.8))
    )
    if float(metal.max()) == 0 and float(rough.min()) >= MATT:
        return diffuse * np.float32(1.05)

    nv = np.maximum(sum(a * b for a, b in zip(n, view, strict=True)), 0.04)
    half = [v + light.direction[i] for i, v in enumerate(view)]
    size = np.maximum(np.sqrt(sum(h * h for h in half)), 1e-6)
    nh = np.clip(sum(a * b for a, b in zip(n, half, strict=True)) / size, 0, 1)
    vh = np.clip(sum(a * b for a, b in zip(view, half, strict=True)) / size, 0, 1)

    base = albedo * metal[:, None] + np.float32(0.045) * (1 - metal[:, None])
    fresnel = base + (1 - base) * ((1 - vh) ** 5)[:, None]
    a2 = np.maximum(rough, 0.06) ** 4
    spread = a2 / (np.pi * (nh * nh * (a2 - 1) + 1) ** 2)
    shield = 0.25 / (nl * 0.6 + nv * 0.6 + 0.1)
    gloss = fresnel * np.minimum(spread * shield, 6)[:, None] * key

    mirror = tuple(2 * nv * a - b for a, b in zip(n, view, strict=True))
    around = base + (np.maximum(1 - rough[:, None], base) - base) * ((1 - nv) ** 5)[:, None]
    shaded = 0.35 + 0.65 * reach * (1 - rough) + 0.65 * rough
    mirrored = room(light, mirror, rough) * around * (openness * np.minimum(shaded, 1))[:, None]
    return diffuse + gloss + mirrored
