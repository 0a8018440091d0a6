"""The hands of the queue's state machine: each does something to the database and to the model, and compares the two."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.queue import claim, counts, finish
from core.queue.claimer import Claimer
from core.queue.enqueue import Lane, enqueue
from core.queue.finish import Failure
from core.queue.jobs import Job
from core.settings.change import change
from tests.integration.one_database import empty_queue
from tests.integration.queue_model import Model, Row, columns_of, snapshot
from tests.shop import run_sql

ADMIN = Actor(None, "Alicia", Role.ADMIN)
WORKERS = [uuid.UUID(int=n) for n in (1, 2)]
FAILURE = Failure("gemini_overloaded", "El servicio está sobrecargado.")
ARTICLES = 5


@dataclass(frozen=True)
class End:
    outcome: finish.Outcome
    wait: float = 0.0
    trouble: finish.TroubleMark = "over"

    @property
    def failure(self) -> Failure | None:
        return None if self.outcome == "completed" else FAILURE


class Hands(RuleBasedStateMachine):
    engine: Engine
    articles: list[int]

    @initialize(most=st.sampled_from([1, 3, 10]))
    def start(self, most: int) -> None:
        empty_queue(self.engine)
        change(self.engine, ADMIN, "max_intentos", most)
        self.model = Model(max_intentos=most)
        self.claims: list[Job] = []
        self.claimers = {worker: Claimer(worker) for worker in WORKERS}
        self.places: dict[uuid.UUID, Row] = {}
        self._enqueue(self.articles[:3], 0, "normal")

    # ── what must hold after every step ─────────────────────────────────────────────────────────────────────────────

    @invariant()
    def the_database_is_as_the_model_says(self) -> None:
        with self.engine.connect() as connection:
            rows, attempts, cancelled = snapshot(connection)
            assert rows == {row.id: columns_of(row) for row in self.model.rows.values()}
            assert attempts == self.model.attempts
            assert cancelled == self.model.cancelled
            assert counts.audit(connection) == [], "the counters are what GROUP BY says, batch by batch"
            numbers = counts.read(connection)
            states = ("pending", "processing", "completed", "failed")
            assert (numbers.pendientes, numbers.procesando, numbers.completados, numbers.fallidos) == tuple(
                len(self.model.where(estado)) for estado in states
            )

    # ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, ids: list[int], prioridad: int, lane: Lane) -> None:
        result = enqueue(self.engine, ADMIN, ids, origin="panel", prioridad=prioridad, lane=lane)
        free = {articulo_id for articulo_id in ids if not self.model.is_live(articulo_id)}
        assert {added.articulo_id for added in result.added} == free
        self.model.enqueue(result.batch_id, ids, {a.articulo_id: a.queue_id for a in result.added}, prioridad, lane)

    def _chosen(self, which: list[int], by_batch: bool) -> dict[str, Any]:
        pending = [pick(self.model.where("pending"), n) for n in which]
        return {"batch_id": pending[0].batch} if by_batch else {"job_ids": [row.id for row in pending]}

    def _waiting(self, chosen: dict[str, Any]) -> list[Row]:
        return self.model.waiting(chosen.get("job_ids", ()), chosen.get("batch_id"))

    def _stale(self) -> list[Job]:
        """Claims of jobs that somebody else holds by now."""
        held = {row.id: row.token for row in self.model.where("processing")}
        return [job for job in self.claims if held.get(job.id, job.claim_token) != job.claim_token]

    def _finished(self) -> list[Job]:
        """Claims that ended their job."""
        ended = {(row.id, row.token) for row in (*self.model.where("completed"), *self.model.where("failed"))}
        return [job for job in self.claims if (job.id, job.claim_token) in ended]

    def _claim_of(self, row: Row) -> Job:
        return next(job for job in self.claims if (job.id, job.claim_token) == (row.id, row.token))

    def _expire(self, row: Row) -> None:
        self._set(row, "lease_until = now() - interval '1 second'")
        row.expired = True

    def _rescue(self) -> None:
        with self.engine.begin() as connection:
            rescued = claim.rescue(connection, lease=0.001)
        assert sorted(rescued) == sorted(self.model.rescue())

    def _claim(self, worker: uuid.UUID, limit: int, lane: str) -> None:
        with self.engine.begin() as connection:
            jobs = claim.claim(connection, worker, limit, lane=lane)
        self._claimed(jobs, self.model.next_jobs(limit, lane), worker)

    def _claimed(self, jobs: list[Job], expected: list[Row], worker: uuid.UUID) -> None:
        self.model.claim(expected, str(worker))
        assert [(job.id, job.claim_token, job.intentos) for job in jobs] == [
            (row.id, row.token, row.intentos) for row in expected
        ]
        self.claims += jobs

    def _end(self, jobs: list[Job], end: End) -> None:
        ours = {job.id for job in jobs if self.model.holds(job.id, job.claim_token)}
        with self.engine.begin() as connection:
            ended = finish.end_many(
                connection, jobs, end.outcome, failure=end.failure, wait=end.wait, trouble=end.trouble
            )
        assert ended == ours
        for job_id in ours:
            self.model.end(job_id, end.outcome, snoozed=end.wait > 0, in_trouble=end.trouble != "over")

    def _set(self, row: Row, assignment: str) -> None:
        run_sql(self.engine, f"UPDATE image_processing_queue SET {assignment} WHERE id = :id", id=row.id)


def pick(candidates: list[Any], n: int) -> Any:
    return candidates[n % len(candidates)]
