"""A row of the queue as its worker holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, text

from core.errors import LostClaim


class Estado(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Stage(StrEnum):
    """The stages of an article's way that staff see while it is worked on."""

    FETCH = "fetch"
    BUY = "buy"
    INSPECT = "inspect"
    HOST = "host"
    PUBLISH = "publish"


@dataclass(frozen=True)
class Job:
    """A claimed job. `claim_token` is the fencing token: every write must show it."""

    id: int
    articulo_id: int
    articulo_nombre: str
    articulo_descripcion: str
    articulo_unidad: str
    intentos: int
    max_intentos: int
    imagen_url_original: str
    claim_token: int
    prioridad: int = 0
    turn: int = 0
    lane: str = "normal"
    fresh: bool = False  #: *Rehacer*: a new picture even where one was bought for the very same
    trouble_since: datetime | None = None  #: since when failures of a service, not counted, keep it back

    @property
    def is_last_attempt(self) -> bool:
        return self.intentos >= self.max_intentos


def hold(connection: Connection, job: Job, stage: Stage | None = None) -> None:
    """Locks the job's row for this transaction if this run still holds it; LostClaim otherwise.

    `lease_until IS NOT NULL`, not `estado = 'processing'`: a status predicate flips the plan to an index of states.
    """
    held = connection.execute(
        text(
            "UPDATE image_processing_queue SET stage = coalesce(:stage, stage), updated_at = now()"
            " WHERE id = :id AND claim_token = :token AND lease_until IS NOT NULL"
        ),
        {"id": job.id, "token": job.claim_token, "stage": stage},
    )
    if held.rowcount == 0:
        raise LostClaim


def of_batch(batch: str = ":batch", jobs: str = "q") -> str:
    """The condition that a job is of a batch, which lies together in the primary key."""
    its = "(SELECT {} FROM revelado.batches WHERE id = " + batch + ")"
    return f"({jobs}.batch_id = {batch} AND {jobs}.id BETWEEN {its.format('first_id')} AND {its.format('last_id')})"


#: Of the queue, in the order of Job's fields.
COLUMNS = (
    "id", "articulo_id", "articulo_nombre", "articulo_descripcion", "articulo_unidad", "intentos", "max_intentos",
    "imagen_url_original", "claim_token", "prioridad", "turn", "lane", "fresh", "trouble_since",
)  # fmt: skip
_values_of = attrgetter(*COLUMNS)


def from_row(row: Any) -> Job:
    return from_values(_values_of(row))


def from_values(values: Sequence[Any]) -> Job:
    """`values` of COLUMNS. Old rows may hold NULL anywhere."""
    (job_id, articulo, nombre, descripcion, unidad, intentos, most, original, token, prioridad, turn, *rest) = values
    return Job(
        job_id, articulo or 0, nombre or "", descripcion or "", unidad or "", intentos, most or 3, original or "", token,
        prioridad or 0, turn, *rest,
    )  # fmt: skip
