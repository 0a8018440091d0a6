"""What the queue should do, in plain Python: the model that the state machine compares the database with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

MOST_CRASHES = 3


@dataclass
class Row:
    id: int
    articulo_id: int
    batch: int
    prioridad: int
    turn: int
    lane: str
    max_intentos: int
    estado: str = "pending"
    intentos: int = 0
    token: int = 0
    crashes: int = 0
    worker: str | None = None
    expired: bool = False
    snoozed: bool = False
    in_trouble: bool = False  #: a service outside keeps it back
    old: bool = False  #: finished more than a week ago

    @property
    def place(self) -> tuple[int, int, int]:
        return -self.prioridad, self.turn, self.id

    def is_ready(self, lane: str) -> bool:
        return self.estado == "pending" and not self.snoozed and self.lane == lane


@dataclass
class Model:
    max_intentos: int = 3
    paused: bool = False
    rows: dict[int, Row] = field(default_factory=dict)
    attempts: dict[tuple[int, int], tuple[int, str | None]] = field(
        default_factory=dict
    )  #: (job, token): number, outcome
    cancelled: dict[int, int] = field(default_factory=dict)  #: job: token

    def where(self, estado: str) -> list[Row]:
        return [row for row in self.rows.values() if row.estado == estado]

    def is_live(self, articulo_id: int) -> bool:
        return any(
            row.articulo_id == articulo_id and row.estado in ("pending", "processing") for row in self.rows.values()
        )

    def _turn_in_front(self, prioridad: int, lane: str) -> int:
        ready = [row for row in self.rows.values() if row.is_ready(lane) and row.prioridad == prioridad]
        return min(ready, key=lambda row: row.place).turn if ready else 0

    # ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def enqueue(
        self, batch: int, articulo_ids: Sequence[int], queue_ids: dict[int, int], prioridad: int, lane: str
    ) -> None:
        """`queue_ids`: the ids that the database gave; the caller has checked whose they are."""
        front = self._turn_in_front(prioridad, lane)
        for place, articulo_id in enumerate((a for a in dict.fromkeys(articulo_ids) if a in queue_ids), start=1):
            job_id = queue_ids[articulo_id]
            self.rows[job_id] = Row(job_id, articulo_id, batch, prioridad, front + place, lane, self.max_intentos)

    def waiting(self, job_ids: Iterable[int], batch: int | None) -> list[Row]:
        chosen = set(job_ids)
        return sorted(
            (row for row in self.where("pending") if row.id in chosen or row.batch == batch), key=lambda row: row.place
        )

    def reprioritise(self, prioridad: int, waiting: list[Row]) -> int:
        front, moved = self._turn_in_front(prioridad, "normal"), 0
        for place, row in enumerate(waiting, start=1):
            if row.prioridad != prioridad:
                row.prioridad, row.turn = prioridad, front + place
                moved += 1
        return moved

    def move_to_front(self, waiting: list[Row]) -> int:
        ready = [row.prioridad for row in self.rows.values() if row.is_ready("normal")]
        top = max([*ready, *(row.prioridad for row in waiting)])
        front = self._turn_in_front(top, "normal")
        for place, row in enumerate(waiting, start=1):
            row.prioridad, row.turn = top, front - len(waiting) + place - 1
        return len(waiting)

    def cancel(self, waiting: list[Row]) -> int:
        for row in waiting:
            self.cancelled[row.id] = row.token + 1
            del self.rows[row.id]
        return len(waiting)

    def retry(self, job_ids: Iterable[int]) -> set[int]:
        again = set()
        fronts = {row.prioridad: row for row in reversed(self._ready("normal"))}
        for row in (self.rows[job_id] for job_id in job_ids if job_id in self.rows):
            if row.estado == "failed" and not self.is_live(row.articulo_id):
                row.estado, row.intentos, row.crashes, row.lane, row.old = "pending", 0, 0, "normal", False
                row.token += 1
                row.in_trouble = False
                if row.prioridad in fronts:
                    row.turn = max(row.turn, fronts[row.prioridad].turn)
                again.add(row.id)
        return again

    def standing(self) -> list[int]:
        """Failed, and nothing came of the article since."""
        ended = {
            row.articulo_id: row for _id, row in sorted(self.rows.items()) if row.estado in ("completed", "failed")
        }
        return [row.id for row in ended.values() if row.estado == "failed" and not self.is_live(row.articulo_id)]

    def clean(self) -> int:
        gone = [row.id for row in self.rows.values() if row.old]
        for job_id in gone:
            del self.rows[job_id]
        return len(gone)

    # ── workers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ready(self, lane: str) -> list[Row]:
        return sorted((row for row in self.rows.values() if row.is_ready(lane)), key=lambda row: row.place)

    def next_jobs(self, limit: int, lane: str = "normal", after: Row | None = None) -> list[Row]:
        """`after`: only behind that place, within its priority."""
        if self.paused:
            return []
        ready = self._ready(lane)
        if after is not None:
            ready = [row for row in ready if row.prioridad == after.prioridad and row.place > after.place]
        return ready[:limit]

    def claim(self, jobs: list[Row], worker: str) -> None:
        for row in jobs:
            row.estado, row.worker, row.expired = "processing", worker, False
            row.token += 1
            row.intentos = min(row.intentos + 1, row.max_intentos)
            self.attempts[row.id, row.token] = (row.intentos, None)

    def holds(self, job_id: int, token: int) -> bool:
        row = self.rows.get(job_id)
        return row is not None and row.estado == "processing" and row.token == token

    def end(self, job_id: int, outcome: str, snoozed: bool = False, in_trouble: bool = False) -> None:
        row = self.rows[job_id]
        self._close(row, outcome)
        row.worker, row.in_trouble = None, in_trouble
        if outcome in ("completed", "failed"):
            row.estado = outcome
            return
        row.estado, row.snoozed = "pending", snoozed
        row.token += 1
        if outcome != "retry":
            row.intentos = max(row.intentos - 1, 0)

    def rescue(self) -> list[tuple[int, str]]:
        rescued = []
        for row in [row for row in self.where("processing") if row.expired]:
            self._close(row, "rescued")
            row.crashes += 1
            spent = row.crashes >= MOST_CRASHES or row.intentos >= row.max_intentos
            row.estado, row.worker = "failed" if spent else "pending", None
            row.token += 1
            rescued.append((row.id, row.estado))
        return rescued

    def _close(self, row: Row, outcome: str) -> None:
        number, open_so_far = self.attempts[row.id, row.token]
        assert open_so_far is None, "one outcome a claim"
        self.attempts[row.id, row.token] = (number, outcome)


def columns_of(row: Row) -> list[object]:
    """As `snapshot` gives them."""
    return [
        row.articulo_id, row.batch, row.prioridad, row.turn, row.lane, row.estado, row.intentos, row.max_intentos,
        row.token, row.crashes, row.worker, row.snoozed, row.in_trouble, row.estado == "processing",
        row.estado in ("completed", "failed"),
    ]  # fmt: skip


_SNAPSHOT = text("""
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(id, jsonb_build_array(articulo_id, batch_id, prioridad, turn, lane,
            estado, intentos, max_intentos, claim_token, crashes, worker_id, run_after IS NOT NULL,
            trouble_since IS NOT NULL, lease_until IS NOT NULL, completed_at IS NOT NULL))), '[]')
        FROM image_processing_queue) AS queue,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(job_id, claim_token, number, outcome)), '[]')
        FROM revelado.attempts) AS attempts,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(job_id, claim_token)), '[]') FROM revelado.cancelled_jobs) AS cancelled
""")


def snapshot(connection: Connection) -> tuple[dict[int, Any], dict[tuple[int, int], Any], dict[int, int]]:
    """All there is, in one look: jobs, attempts, cancelled jobs."""
    seen = connection.execute(_SNAPSHOT).one()
    return (
        dict(seen.queue),
        {(job_id, token): (number, outcome) for job_id, token, number, outcome in seen.attempts},
        dict(seen.cancelled),
    )
