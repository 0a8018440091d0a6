"""Use of the embedded server: the first user starts it, the last one stops it, and a killed one harms nobody."""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from core.db.embedded import application_role, cluster, locks, place, postmaster, problems, process
from core.db.embedded.configuration import APPLICATION, DATABASE, PORT, ROLE
from core.db.embedded.place import Place


class EmbeddedServer:
    """A running embedded PostgreSQL; hold it while you use it.

    `url` is SQLAlchemy's, for psycopg2 over the unix socket, as an ordinary role that owns its database;
    `application_url`, as the one that only works on its tables.
    """

    def __init__(self, where: Place, sockets: Path, users_lock: int, *, fast: bool) -> None:
        self.data_dir = where.data_dir
        self.url = f"postgresql+psycopg2://{ROLE}@/{DATABASE}?host={sockets}&port={PORT}"
        self.application_url = self.url.replace(ROLE, APPLICATION, 1)
        self._place = where
        self._lock: int | None = users_lock
        self._fast = fast
        self._pid = os.getpid()
        atexit.register(self.close)

    def close(self) -> None:
        """Ends our use; the last user stops the server. Closing twice is fine."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        atexit.unregister(self.close)
        forked = os.getpid() != self._pid  # a child has only a copy of the lock: the parent still uses the server
        if forked or not self.data_dir.exists():  # a server whose files were deleted ends by itself
            os.close(lock)
            return
        with locks.starting_or_stopping(self.data_dir):
            _release(self._place, lock, fast=self._fast)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def ensure_running(data_dir: Path) -> EmbeddedServer:
    """The server of a DATA_DIR: made on first use, started, repaired after a crash, or joined if it runs already.

    Raises StartupError, in one line, when that can't be.
    """
    return start(data_dir, fast=False)


def start(data_dir: Path, *, fast: bool) -> EmbeddedServer:
    """As `ensure_running`; `fast` gives durability up and lets the role create databases, for tests."""
    with problems.explained(data_dir):
        folder = place.prepare(data_dir)
        with locks.starting_or_stopping(folder):
            lock = locks.open_users_lock(folder)
            where = None
            try:
                where = _existing_or_new(folder, fast=fast)
                server = postmaster.adopt_or_start(where, fast=fast)
                application_role.ensure(where, server, fast=fast)
            except BaseException:
                _release(where, lock, fast=fast)
                raise
            return EmbeddedServer(where, server.sockets, lock, fast=fast)


def is_running(data_dir: Path) -> bool:
    """Whether the server of a DATA_DIR takes connections. Raises StartupError if we may not know."""
    with problems.explained(data_dir):
        where = place.find(data_dir.resolve())
        server = process.find(where.cluster) if where else None
        return server is not None and process.is_ready(server)


def stop(data_dir: Path) -> None:
    """Stops the server of a DATA_DIR although others may use it: for maintenance. Raises StartupError if we may not."""
    folder = data_dir.resolve()
    with problems.explained(folder):
        if not folder.exists():
            return
        with locks.starting_or_stopping(folder):
            if where := place.find(folder):
                postmaster.stop(where, fast=False)


def stop_if_unused(data_dir: Path) -> bool:
    """Stops what killed users left running; False, touching nothing, while somebody uses it."""
    with locks.starting_or_stopping(data_dir):
        return _release(place.find(data_dir), locks.open_users_lock(data_dir), fast=True)


def _existing_or_new(folder: Path, *, fast: bool) -> Place:
    where = place.find(folder) or place.choose(folder)
    if where.exists and process.find(where.cluster):
        return where
    cluster.remove_unfinished(where)
    if not where.exists:
        cluster.create(where, fast=fast)
    place.record(where)
    cluster.check(where)
    return where


def _release(where: Place | None, lock: int, *, fast: bool) -> bool:
    """Ends a use; returns whether it was the last one."""
    try:
        last = locks.become_sole_user(lock)
        if last and where is not None:
            postmaster.stop(where, fast=fast)
        return last
    finally:
        os.close(lock)
