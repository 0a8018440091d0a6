"""A venv for each contender under `.bench/`, made once for its pinned versions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".bench"
NEWEST_MINOR = 14


class NoPython(Exception):
    """No interpreter here is new enough."""


def ensure(name: str, pins: Sequence[str], oldest: tuple[int, int]) -> Path:
    """The venv's interpreter. Raises NoPython, CalledProcessError when pip fails."""
    venv = FOLDER / name
    python, made_for = venv / "bin" / "python", venv / "pins.txt"
    if made_for.is_file() and made_for.read_text() == "\n".join(pins):
        return python
    base = next(_interpreters(oldest), None)
    if base is None:
        raise NoPython(f"needs Python ≥ {oldest[0]}.{oldest[1]}, none found")
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([base, "-m", "venv", venv], check=True)
    subprocess.run([python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *pins], check=True)
    made_for.write_text("\n".join(pins))
    return python


def _interpreters(oldest: tuple[int, int]) -> Iterator[str]:
    """Ours first, so that contenders differ in as little as possible; then the oldest that will do."""
    minors = [f"python3.{minor}" for minor in range(oldest[1], NEWEST_MINOR + 1)]
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))
    for candidate in (sys.executable, *minors, *map(str, pyenv)):
        if _version(candidate) >= oldest:
            yield candidate


def _version(interpreter: str) -> tuple[int, int]:
    """(0, 0) for what doesn't run, such as a version manager's placeholder."""
    show = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        shown = subprocess.run([interpreter, "-c", show], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    major, minor = shown.stdout.split()
    return (int(major), int(minor))
