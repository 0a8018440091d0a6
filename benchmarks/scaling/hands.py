"""Claims and finishes as a worker does, and keeps the queue as full as it was."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from benchmarks.scaling.database import Database
from core.access.actors import SYSTEM
from core.queue import claim, finish
from core.queue.enqueue import enqueue
from core.queue.jobs import Job

WORKER = UUID(int=1)
LIMIT = 10
REFILL_AT = 500


class Hands:
    def __init__(self, database: Database, *, refill: bool = True) -> None:
        self.database, self._refill = database, refill
        self._free: list[int] = []

    def claim(self, limit: int = LIMIT) -> list[Job]:
        with self.database.engine.begin() as connection:
            return claim.claim(connection, WORKER, limit)

    def finish(self, jobs: Sequence[Job]) -> None:
        with self.database.engine.begin() as connection:
            assert len(finish.end_many(connection, jobs, "completed")) == len(jobs)
        self.database.did(2)
        self._free += [job.articulo_id for job in jobs]
        if self._refill and len(self._free) >= REFILL_AT:
            enqueue(self.database.engine, SYSTEM, self._free, origin="panel")
            self._free.clear()
