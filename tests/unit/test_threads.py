"""A thread that repeats at another pitch is found, and one that was only lit otherwise isn't: on drawn waves."""

from __future__ import annotations

import numpy as np
import pytest

from core.inspect.threads import rethreaded
from core.pixels import Floats

SHAPE = (120, 300)
PRODUCT = np.ones(SHAPE, bool)


def thread(pitch: float, depth: float = 30.0, light: float = 0.0) -> Floats:
    """Waves across a rod, `pitch` cells long, under a light that falls off along it."""
    x = np.arange(SHAPE[1]) * np.ones((SHAPE[0], 1))
    return np.asarray(120 + depth * np.sin(2 * np.pi * x / pitch) + light * x / SHAPE[1], np.float32)


@pytest.mark.parametrize("pitch", [4.5, 16.0, 20.0])
def test_a_finer_or_much_coarser_thread_is_another(pitch: float) -> None:
    assert (rethreaded(thread(7), thread(pitch), PRODUCT) or 0) > 0.9


def test_the_same_thread_in_another_light_is_the_same() -> None:
    assert rethreaded(thread(7), thread(7.4, depth=18, light=60), PRODUCT) == 0


def test_a_second_pattern_over_the_first_takes_nothing_away() -> None:
    both = (thread(7) + thread(4.5, depth=36)) / 2
    assert rethreaded(thread(7), np.asarray(both, np.float32), PRODUCT) == 0


def test_a_product_without_a_pattern_has_no_thread() -> None:
    assert rethreaded(thread(7, depth=0), thread(7, depth=0), PRODUCT) is None
