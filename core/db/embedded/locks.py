"""Two lock files per DATA_DIR: who uses the server (shared), and who is starting or stopping it (exclusive).

The kernel drops a dead process's locks, so that a killed user never counts. Python opens files close-on-exec, hence
PostgreSQL never inherits a lock on itself.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.db.embedded import problems

log = logging.getLogger(__name__)

#: Longer than the longest recovery we wait for while holding the lock.
PATIENCE_SECONDS = 300
NEWS_SECONDS = 5.0


def open_users_lock(data_dir: Path) -> int:
    """A new descriptor that counts as one more user. Call it only while `starting_or_stopping`."""
    fd = _open(data_dir / "postgres.users.lock")
    fcntl.flock(fd, fcntl.LOCK_SH)
    return fd


def become_sole_user(fd: int) -> bool:
    """Whether nobody else uses the server. Call it only while `starting_or_stopping`; afterwards close `fd`."""
    return _try(fd)


@contextmanager
def starting_or_stopping(data_dir: Path) -> Iterator[None]:
    """The exclusive right to start, stop or make the server. Raises StartupError after PATIENCE_SECONDS."""
    fd = _open(data_dir / "postgres.start.lock")
    try:
        begun = news = time.monotonic()
        while not _try(fd):
            now = time.monotonic()
            if now - begun > PATIENCE_SECONDS:
                raise problems.busy(PATIENCE_SECONDS)
            if now - news > NEWS_SECONDS:
                news = now
                log.info("⏳ [BD] Otro proceso está iniciando o deteniendo la base de datos; esperando…")
            time.sleep(0.02)
        yield
    finally:
        os.close(fd)


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    folder = path.parent.stat()
    if os.geteuid() == 0 and os.fstat(fd).st_uid != folder.st_uid:
        os.fchown(fd, folder.st_uid, folder.st_gid)  # one start as root must not lock the folder's owner out
    return fd
