"""A server for the length of a test run."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.db.embedded import account, place
from core.db.embedded.server import EmbeddedServer, start


@contextmanager
def temporary_server(*, fast: bool = True) -> Iterator[EmbeddedServer]:
    """A new server in a temporary folder; stopped and removed at the end.

    `fast`: without durability, and the role may create databases and connect to all of them, so that
    `CREATE DATABASE … TEMPLATE …` works over `url`.
    """
    folder = place.temporary_root(account.for_new_cluster()) / f"revelado-{secrets.token_hex(8)}"
    try:
        with start(Path(folder), fast=fast) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
