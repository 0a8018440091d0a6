from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.ui import guard
from tests.ui.pages_harness import Panel


@pytest.fixture
def panel(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Panel]]:
    """Opens the panel as somebody of that role; more settings as in `.env`."""
    yield lambda role, **more: Panel(engine, tmp_path, monkeypatch, role, **more)
    guard.install(None)
