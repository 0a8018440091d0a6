"""The emulators, once a test process; each test starts with them as new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.fixtures import Emulators, in_this_process


@pytest.fixture(scope="session")
def running_emulators() -> Iterator[Emulators]:
    with in_this_process() as emulators:
        yield emulators


@pytest.fixture
def emulators(running_emulators: Emulators) -> Emulators:
    running_emulators.reset()
    return running_emulators
