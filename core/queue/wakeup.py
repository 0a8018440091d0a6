"""LISTEN on a connection of its own: new work wakes the worker at once; polling is only the net."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Any

import psycopg2
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError


class Wakeup:
    """`wait` returns at a notification, at `interrupt()` (safe in a signal handler) or when time is up."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._pipe_out, self._pipe_in = os.pipe()
        os.set_blocking(self._pipe_out, False)

    def interrupt(self) -> None:
        if self._pipe_in >= 0:
            os.write(self._pipe_in, b"x")

    def wait(self, seconds: float) -> bool:
        """True when jobs may have come or moved."""
        deadline = time.monotonic() + seconds
        told = False
        try:
            if self._listen():
                return True  # what came before listening began may have been missed: look at once
            if self._connection.notifies:
                self._connection.notifies.clear()
                return True
            ready, _, _ = select.select([self._connection, self._pipe_out], [], [], seconds)
            if self._connection in ready:
                self._connection.poll()
                told = bool(self._connection.notifies)
                self._connection.notifies.clear()
        except (psycopg2.Error, DBAPIError, OSError):
            self._drop()
            select.select([self._pipe_out], [], [], max(0.0, min(1.0, deadline - time.monotonic())))
        with contextlib.suppress(BlockingIOError):
            os.read(self._pipe_out, 1024)
        return told

    def close(self) -> None:
        self._drop()
        pipe_in, self._pipe_in = self._pipe_in, -1  # a late signal must not write to whatever reuses the number
        os.close(pipe_in)
        os.close(self._pipe_out)

    def _listen(self) -> bool:
        if self._connection is not None:
            return False
        # Detached from the pool: it lives as long as the worker.
        fairy = self._engine.raw_connection()
        fairy.detach()
        connection: Any = fairy.dbapi_connection
        connection.rollback()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("LISTEN revelado_queue")
        self._connection = connection
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None
