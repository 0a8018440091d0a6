"""What is reached from the border of a picture, whatever way leads there."""

from __future__ import annotations

import numpy as np

from core.pixels import Mask, border, flood


def drawn(*rows: str) -> Mask:
    return np.array([[sign != "#" for sign in row] for row in rows])


def test_a_flood_follows_every_turn_and_stops_at_corners() -> None:
    maze = drawn(
        "#.#####",
        "#.....#",
        "#####.#",
        "#...#.#",
        "#.#...#",
        "#.#####",
        "##..###",
        "#######",
    )
    reached = flood(border(maze.shape), maze)
    assert reached.sum() == maze.sum() - 2, "the last two touch at a corner only"
    assert not reached[6].any()


def test_nothing_is_reached_where_nothing_is_allowed() -> None:
    shut = np.zeros((5, 7), bool)
    assert not flood(border(shut.shape), shut).any()
    assert not flood(shut, ~shut).any()


def test_noise_is_flooded_as_fast_as_a_product() -> None:
    noise = np.random.default_rng(1).random((400, 400)) < 0.6
    reached = flood(border(noise.shape), noise)
    beside = np.zeros_like(noise)
    beside[1:] |= reached[:-1]
    beside[:-1] |= reached[1:]
    beside[:, 1:] |= reached[:, :-1]
    beside[:, :-1] |= reached[:, 1:]
    assert not (beside & noise & ~reached).any()
