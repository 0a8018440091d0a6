"""What a worker does beside the articles: effects outside the database, and what has had its time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core.notify import notices, webhook
from core.pipeline import blobs, originals, outbox
from core.providers.ports import Host

log = logging.getLogger("revelado.worker")

#: Seconds.
EVERY, ORIGINALS_EVERY = 10.0, 3600.0


class Tidier:
    """One round at a time: what is outside may take long to answer, and must not take the hands' places."""

    def __init__(self, engine: Engine, host: Host, stopping: Callable[[], bool]) -> None:
        self._engine, self._host, self._stopping = engine, host, stopping
        self._next_at = self._originals_at = 0.0
        self._round: Future[None] | None = None

    def tidy_beside(self, pool: ThreadPoolExecutor) -> None:
        """Begins a round when it is time for one."""
        if time.monotonic() >= self._next_at and (self._round is None or self._round.done()):
            self._next_at = time.monotonic() + EVERY
            self._round = pool.submit(copy_context().run, self._tidy)

    def _tidy(self) -> None:
        try:
            if time.monotonic() >= self._originals_at:
                self._originals_at = time.monotonic() + ORIGINALS_EVERY
                originals.promise(self._engine)
            effects = {
                "delete_superseded": outbox.deletion(self._host),
                "delete_original": originals.deletion(self._host),
                "webhook": webhook.send,
            }
            outbox.work_off(self._engine, effects, self._stopping)
            with self._engine.begin() as connection:
                blobs.purge(connection)
                notices.purge(connection)
        except DBAPIError as error:
            log.warning("⚠️ [Base] La limpieza queda para después (%s)", type(error.orig).__name__)
