"""What products lie on, as periodic tiles: colour, height and finish of wood, gravel, cloth, walls, concrete, a bench."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from demo.generate.materials import rgb
from demo.generate.noise import cells, tile_noise
from demo.generate.solids import Array

N = 1024


@dataclass(frozen=True)
class Tile:
    colour: Array  #: (N, N, 3) linear
    height: Array  #: (N, N) cm
    rough: float
    size: float  #: cm across


def _mix(a: str, b: str, t: Array) -> Array:
    first, second = (np.array(rgb(c), np.float32) for c in (a, b))
    t = np.clip(t, 0, 1)[..., None]
    return first * (1 - t) + second * t


def _planks(rng: np.random.Generator, light: str, dark: str, rows: int, rough: float, size: float) -> Tile:
    y, x = np.mgrid[0:N, 0:N].astype(np.float32)
    row = (y * rows / N).astype(int)
    within = y * rows / N - row
    slow = tile_noise(rng, N, 700, 60, 2.6)
    fibre = tile_noise(rng, N, 240, 3, 1.6)
    pores = tile_noise(rng, N, 40, 1.5, 1.2)
    shift = rng.random(rows).astype(np.float32)[row] * 7
    rings = np.sin((within + shift) * 11 + slow * 2.6 + np.sin(x * 2 * np.pi / N + shift) * 1.2)
    t = 0.45 + 0.2 * rings + 0.14 * fibre + 0.16 * (rng.random(rows).astype(np.float32)[row] - 0.5)
    colour = _mix(light, dark, t)
    gap = np.minimum(within, 1 - within) * N / rows
    joint = np.clip(gap / 3.5, 0, 1)
    colour *= (0.25 + 0.75 * joint)[..., None] * (1 - 0.35 * np.clip(pores - 1.3, 0, 1))[..., None]
    height = 0.006 * fibre + 0.004 * rings - 0.12 * (1 - joint) - 0.01 * np.clip(pores - 1.2, 0, 1)
    return Tile(colour, height, rough, size)


def light_wood(rng: np.random.Generator) -> Tile:
    return _planks(rng, "d8b98c", "9c7244", 4, 0.5, 44)


def dark_wood(rng: np.random.Generator) -> Tile:
    return _planks(rng, "8a5c3a", "3f2717", 5, 0.42, 50)


def old_planks(rng: np.random.Generator) -> Tile:
    return _planks(rng, "b5aca0", "6f655a", 5, 0.8, 60)


def plywood(rng: np.random.Generator) -> Tile:
    return _planks(rng, "e0c79d", "bb9560", 1, 0.62, 60)


def gravel(rng: np.random.Generator) -> Tile:
    colour = np.zeros((N, N, 3), np.float32)
    colour += np.array(rgb("4c463f"), np.float32)
    height = np.zeros((N, N), np.float32)
    tones = np.array(
        [rgb(c) for c in ("a39a8c", "8b857c", "b9ad98", "6d6a66", "94806a", "c4beb2", "7d7468")], np.float32
    )
    speckle = tile_noise(rng, N, 6, 6, 1.0)
    for count, size, keep in ((52, 0.5, 1.0), (30, 1.0, 0.75), (17, 1.7, 0.5)):
        near, second, which = cells(rng, N, count)
        kept = (rng.random(count * count) < keep)[which]
        dome = np.clip(second - near - 0.06, 0, 1)
        rise = size * 0.42 * np.sqrt(np.clip(dome * 2.2, 0, 1)) + 0.01 * speckle
        rise += size * 0.2 * rng.random(count * count).astype(np.float32)[which]
        over = kept & (dome > 0) & (rise > height)
        tone = tones[rng.integers(0, len(tones), count * count)[which]]
        tone = tone * (0.8 + 0.4 * rng.random(count * count).astype(np.float32)[which])[..., None]
        edge = (0.45 + 0.55 * np.clip(dome * 5, 0, 1))[..., None]
        colour = np.where(over[..., None], tone * edge * (1 + 0.1 * speckle[..., None]), colour)
        height = np.where(over, rise, height)
    return Tile(colour, height, 0.8, 30)


def _woven(rng: np.random.Generator, one: str, two: str, threads: int, size: float, folds: float) -> Tile:
    y, x = (np.mgrid[0:N, 0:N] * (threads / N)).astype(np.float32)
    wobble = tile_noise(rng, N, 120, 120, 2.0) * 0.12
    over = (np.floor(x + wobble) + np.floor(y + wobble)) % 2 == 0
    warp, weft = np.abs(np.sin((x + wobble) * np.pi)), np.abs(np.sin((y + wobble) * np.pi))
    bulge = np.where(over, warp * (0.6 + 0.4 * weft), weft * (0.6 + 0.4 * warp))
    slub = tile_noise(rng, N, 90, 3, 1.3) * over + tile_noise(rng, N, 3, 90, 1.3) * ~over
    colour = _mix(one, two, 0.5 + 0.5 * np.where(over, -0.7, 0.7) + 0.18 * slub) * (0.55 + 0.45 * bulge)[..., None]
    height = 0.03 * bulge + folds * tile_noise(rng, N, 420, 300, 3.4)
    return Tile(colour, height, 0.95, size)


def denim(rng: np.random.Generator) -> Tile:
    return _woven(rng, "31456b", "7f93b5", 200, 34, 0.22)


def canvas(rng: np.random.Generator) -> Tile:
    return _woven(rng, "b8aa8e", "d6cab0", 150, 36, 0.16)


def red_cloth(rng: np.random.Generator) -> Tile:
    return _woven(rng, "7d1f22", "a8383a", 170, 38, 0.26)


def _plaster(rng: np.random.Generator, code: str, lump: float, size: float, dirt: float) -> Tile:
    lumps = tile_noise(rng, N, 22, 22, 2.2)
    sweep = tile_noise(rng, N, 380, 300, 2.4)
    colour = np.array(rgb(code), np.float32) * (1 + 0.02 * lumps + dirt * sweep)[..., None]
    return Tile(colour.astype(np.float32), lump * lumps + 0.02 * sweep, 0.7, size)


def white_wall(rng: np.random.Generator) -> Tile:
    return _plaster(rng, "eeece6", 0.007, 30, 0.015)


def green_wall(rng: np.random.Generator) -> Tile:
    return _plaster(rng, "a9c6ad", 0.012, 34, 0.03)


def ochre_wall(rng: np.random.Generator) -> Tile:
    return _plaster(rng, "d9aa6c", 0.016, 36, 0.04)


def concrete(rng: np.random.Generator) -> Tile:
    stain, fine = tile_noise(rng, N, 260, 260, 1.9), tile_noise(rng, N, 5, 5, 1.1)
    pit = np.clip(tile_noise(rng, N, 16, 16, 2.4) - 1.7, 0, 1)
    colour = _mix("a6a39d", "77746f", 0.45 + 0.2 * stain + 0.1 * fine) * (1 - 0.5 * pit)[..., None]
    return Tile(colour, 0.006 * fine - 0.12 * pit, 0.85, 46)


def bench(rng: np.random.Generator) -> Tile:
    """Painted steel of a workbench, scratched down to the primer, with oil stains."""
    scratch = tile_noise(rng, N, 300, 2, 1.5) + tile_noise(rng, N, 2, 260, 1.5)
    worn = np.clip((tile_noise(rng, N, 140, 140, 1.9) - 1.1) * 2.2, 0, 1)
    oil = np.clip(tile_noise(rng, N, 300, 300, 2.6) - 0.7, 0, 1)
    colour = _mix("4d6a66", "8c8f8d", worn * 0.8 + 0.12 * np.clip(scratch - 2.2, 0, 1.5))
    return Tile(colour * (1 - 0.45 * oil)[..., None], 0.003 * np.clip(scratch - 1.5, 0, 2) - 0.01 * worn, 0.36, 60)


def cardboard(rng: np.random.Generator) -> Tile:
    y = np.arange(N, dtype=np.float32)[:, None] * np.ones((1, N), np.float32)
    flute = np.sin(y * 2 * np.pi * 44 / N)
    pulp = tile_noise(rng, N, 10, 5, 1.2)
    colour = _mix("c39a68", "a37a4c", 0.4 + 0.1 * flute + 0.12 * pulp + 0.15 * tile_noise(rng, N, 300, 300, 2.4))
    return Tile(colour, 0.012 * flute + 0.004 * pulp, 0.85, 36)


def floor_tiles(rng: np.random.Generator) -> Tile:
    y, x = (np.mgrid[0:N, 0:N] * (3 / N)).astype(np.float32)
    edge = np.minimum(np.minimum(x % 1, 1 - x % 1), np.minimum(y % 1, 1 - y % 1)) * 20
    glaze = np.clip((edge - 0.28) * 5, 0, 1)
    cloud = tile_noise(rng, N, 200, 200, 1.8)
    tint = rng.random((3, 3)).astype(np.float32)[y.astype(int), x.astype(int)]
    colour = _mix("d9d2c4", "bfb5a3", 0.3 + 0.16 * cloud + 0.3 * tint)
    grout = _mix("8d877d", "6f695f", 0.5 + 0.2 * tile_noise(rng, N, 8, 8, 1.2))
    colour = grout * (1 - glaze)[..., None] + colour * glaze[..., None]
    return Tile(colour, 0.12 * glaze + 0.004 * cloud, 0.3, 60)


SURFACES: dict[str, Callable[[np.random.Generator], Tile]] = {
    f.__name__: f
    for f in (
        light_wood, dark_wood, old_planks, plywood, gravel, denim, canvas, red_cloth, white_wall, green_wall, ochre_wall,
        concrete, bench, cardboard, floor_tiles,
    )
}  # fmt: skip
