"""Emulators in a process of their own, which no killed worker takes along, and a shop that works with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.chaos.plant import Plant
from tests.emulators.fixtures import Emulators, in_own_process


@pytest.fixture(scope="session")
def running_emulators() -> Iterator[Emulators]:
    with in_own_process() as emulators:
        yield emulators


@pytest.fixture
def emulators(running_emulators: Emulators) -> Emulators:
    running_emulators.reset()
    return running_emulators


@pytest.fixture
def plant(engine: Engine, database_url: str, emulators: Emulators, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(engine, database_url, emulators, tmp_path)
    yield plant
    plant.stop()
