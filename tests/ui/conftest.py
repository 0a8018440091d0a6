from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.access.actors import Role
from core.ui import guard
from tests.ui.pages_harness import Panel


@pytest.fixture
def panel(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Role], Panel]]:
    """Opens the panel as somebody of that role."""
    yield lambda role: Panel(engine, tmp_path, monkeypatch, role)
    guard.install(None)
