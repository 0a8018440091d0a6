"""How a busy worker claims: behind the place of its last claim, and now and then from the front."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import Connection

from core.queue import claim
from core.queue.claim import Position
from core.queue.jobs import Job

#: Seconds. A job that came before that place without a word is found at the latest after these.
SWEEP_EVERY = 2.0


class Claimer:
    """While a long transaction elsewhere keeps dead rows in the index, a claim from the front walks over all of them."""

    def __init__(self, worker: UUID) -> None:
        self._worker = worker
        self._last: Position | None = None
        self._sweep_at = 0.0

    def look_from_front(self) -> None:
        """Something came or moved."""
        self._last = None

    def claim(self, connection: Connection, limit: int) -> list[Job]:
        jobs: list[Job] = []
        if self._last is not None and time.monotonic() < self._sweep_at:
            jobs = claim.claim(connection, self._worker, limit, after=self._last)
        if len(jobs) < limit:
            jobs += claim.claim(connection, self._worker, limit - len(jobs))
            self._sweep_at = time.monotonic() + SWEEP_EVERY
        if jobs:
            self._last = Position(jobs[-1].prioridad, jobs[-1].turn, jobs[-1].id)
        return jobs
