"""A server for the length of a test run."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.db.embedded import account, place
from core.db.embedded.server import EmbeddedServer, start, stop_if_unused
from core.errors import StartupError

_PREFIX = "revelado-test-"
#: Linux keeps what lies here in memory.
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - files of tests, in folders of random names


@contextmanager
def temporary_server(*, fast: bool = True, in_memory: bool = False) -> Iterator[EmbeddedServer]:
    """A new server in a temporary folder; stopped and removed at the end, or by the next one if we are killed.

    `fast`: without durability, and the role may create databases and connect to all of them, so that
    `CREATE DATABASE … TEMPLATE …` works over `url`. `in_memory`: its files too, where the machine has room for them;
    copying a template there takes a third of the time.
    """
    root = place.temporary_root(account.for_new_cluster())
    if in_memory and _has_room(MEMORY):
        root = MEMORY
    _remove_abandoned(root)
    folder = root / f"{_PREFIX}{secrets.token_hex(8)}"
    try:
        with start(folder, fast=fast) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= ROOM and account.for_new_cluster().reaches(folder)
    except OSError:
        return False


def _remove_abandoned(root: Path) -> None:
    for folder in root.glob(f"{_PREFIX}*"):
        with suppress(OSError, StartupError):  # another user's, or being removed right now
            # One without a cluster is being made: its user holds no lock yet.
            if (folder / "postgres" / "PG_VERSION").exists() and stop_if_unused(folder):
                shutil.rmtree(folder, ignore_errors=True)
