"""The worker's pulse, on its own thread and connection: a blocking call can't starve it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextvars import copy_context
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.queue import claim, counts, pause, schedule

log = logging.getLogger("revelado.worker")

#: Seconds between two looks at what has fallen due.
TEND_EVERY = 1.0


class Heartbeat:
    """Reports the worker alive, renews its leases, rescues the jobs of dead workers, wakes jobs whose hour has
    come, folds the counts.
    """

    def __init__(
        self,
        engine: Engine,
        worker: UUID,
        editor: str,
        model: str,
        every: float = claim.HEARTBEAT,
        timezone: str = "UTC",
    ) -> None:
        """`timezone`: the shop's, by which its hours are."""
        self._engine, self._worker, self._every, self._timezone = engine, worker, every, timezone
        self._editor, self._model = editor, model
        self._held: set[int] = set()
        self._last_beat = self._rescue_from = self._beat_at = time.monotonic()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        # In a copy of this context, so that its lines in the log carry the worker's name.
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    text("UPDATE revelado.workers SET stopped_at = now() WHERE id = :id"), {"id": self._worker}
                )
        except DBAPIError:
            log.warning("⚠️ [Cola] Sin base de datos al detenerse; este trabajador se verá apagado en unos segundos")

    def hold(self, job_id: int) -> None:
        with self._lock:
            self._held.add(job_id)

    def drop(self, job_id: int) -> None:
        with self._lock:
            self._held.discard(job_id)

    def beat(self) -> None:
        """Alive, and still at work on these."""
        with self._lock:
            held = sorted(self._held)
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO revelado.workers (id, host, pid, editor, model) VALUES (:id, :host, :pid, :editor, :model)"
                    " ON CONFLICT (id) DO UPDATE SET seen_at = now()"
                ),
                {
                    "id": self._worker,
                    "host": socket.gethostname(),
                    "pid": os.getpid(),
                    "editor": self._editor,
                    "model": self._model,
                },
            )
            if held:
                claim.renew(connection, self._worker, held)
        now = time.monotonic()
        if now - self._last_beat > claim.LEASE:
            # We were cut off, so others may have been: they get one lease to come back before their jobs are taken.
            self._rescue_from = now + claim.LEASE
        self._last_beat = now

    def tend(self) -> None:
        """What any worker does for all: a dead worker's jobs are running again within a lease and a second."""
        with self._engine.begin() as connection:
            rescued = claim.rescue(connection) if time.monotonic() >= self._rescue_from else []
            woken = claim.wake_snoozed(connection)
            resumed = pause.resume_when_due(connection)
            closed = schedule.close(connection, self._timezone)  # in the same moment as another pause may end
            if rescued or woken:
                connection.execute(text("SELECT pg_notify('revelado_queue', '')"))
        counts.fold(self._engine)
        for job_id, estado in rescued:
            log.warning(
                "🛟 [Cola] Trabajo %s rescatado de un trabajador que se detuvo: queda %s", job_id, _STATES[estado]
            )
        if closed:
            log.info("🌙 [Cola] Fuera de horario: los artículos esperan")
        elif resumed:
            log.info("▶️ [Cola] Terminó la pausa")

    def _run(self) -> None:
        while True:
            try:
                if time.monotonic() >= self._beat_at:
                    self.beat()
                    self._beat_at = time.monotonic() + self._every
                self.tend()
            except DBAPIError as error:
                log.warning("⚠️ [Base] Latido sin respuesta de la base de datos (%s)", type(error.orig).__name__)
            if self._stop.wait(min(TEND_EVERY, self._every)):
                return


_STATES = {"pending": "pendiente", "failed": "fallido"}
