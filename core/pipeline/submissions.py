"""The rows of the economy lane: which jobs wait in which batch at Google, and how far that has come.

preparing, without a file: jobs are being gathered → preparing, with a file: the batch may have been ordered, until
`poll_after` by whoever wrote the file's name → submitted: its name is known, looked at from `poll_after` on → done | failed.
A job in a submission is `processing`, its lease endless and nobody's: only the submission's end gives it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from core.db.text import storable
from core.errors import JobError, LostClaim
from core.queue import finish
from core.queue.finish import Failure, Outcome
from core.queue.jobs import Job, from_row

#: Pictures of a batch. The results of far bigger ones could not be fetched any more.
MOST = 100


@dataclass(frozen=True)
class Submission:
    id: int
    display_name: str
    model: str
    state: str
    file_name: str | None
    remote_name: str | None
    items: int
    age: float  #: seconds since it was submitted, or begun
    cancelled: bool


@dataclass(frozen=True)
class Order:
    purchase_id: int
    model: str
    prompt: str
    source_sha256: bytes


@dataclass(frozen=True)
class Item:
    """A picture that was ordered and has not come. `job` is None when it left the queue meanwhile."""

    purchase_id: int
    job: Job | None


def begin(connection: Connection, model: str) -> Submission:
    row = connection.execute(
        text(
            f"INSERT INTO revelado.submissions (display_name, model, items) VALUES (:name, :model, 0) RETURNING {_COLUMNS}"
        ),
        {"name": f"revelado-{uuid4().hex}", "model": model},
    ).one()
    return _from_row(row)


def gathering(connection: Connection) -> Submission | None:
    row = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM revelado.submissions WHERE finished_at IS NULL AND state = 'preparing'"
            " AND file_name IS NULL ORDER BY id LIMIT 1"
        )
    ).one_or_none()
    return None if row is None else _from_row(row)


def due(connection: Connection) -> Submission | None:
    """One whose order may have got lost, or which it is time to look at."""
    row = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM revelado.submissions WHERE finished_at IS NULL AND poll_after <= now()"
            " AND (state = 'submitted' OR file_name IS NOT NULL) ORDER BY poll_after LIMIT 1"
        )
    ).one_or_none()
    return None if row is None else _from_row(row)


def add(connection: Connection, submission: Submission, job: Job) -> None:
    """Gives the job's lease to the submission; its purchase is recorded in the same transaction.

    Raises LostClaim when the job is another worker's, or the submission was closed meanwhile.
    """
    held = connection.execute(
        text(
            "UPDATE public.image_processing_queue SET lease_until = 'infinity', worker_id = NULL, stage = 'economy',"
            " updated_at = now() WHERE id = :id AND claim_token = :token AND lease_until IS NOT NULL"
        ),
        {"id": job.id, "token": job.claim_token},
    )
    # Counted, not added up: after a connection lost in COMMIT all of this runs twice.
    open_still = connection.execute(
        text(
            "UPDATE revelado.submissions SET items = (SELECT count(*) FROM revelado.purchases WHERE submission_id = :id)"
            " WHERE id = :id AND state = 'preparing' AND file_name IS NULL"
        ),
        {"id": submission.id},
    )
    if held.rowcount == 0 or open_still.rowcount == 0:
        raise LostClaim


def orders(connection: Connection, submission: Submission) -> list[Order]:
    """What its file must hold."""
    rows: Any = connection.execute(
        text(
            "SELECT id, model, prompt, source_sha256 FROM revelado.purchases WHERE submission_id = :id"
            " AND state = 'open' ORDER BY id"
        ),
        {"id": submission.id},
    )
    return [Order(row.id, row.model, row.prompt, bytes(row.source_sha256)) for row in rows]


def close_file(connection: Connection, submission: Submission, file_name: str, items: int, lease: float) -> bool:
    """From here on the batch may exist. False when the file is not of all its items, or another worker was faster."""
    closed = connection.execute(
        text(
            "UPDATE revelado.submissions SET file_name = :file, poll_after = now() + make_interval(secs => :lease)"
            " WHERE id = :id AND state = 'preparing' AND file_name IS NULL AND items = :items"
        ),
        {"id": submission.id, "file": file_name, "items": items, "lease": lease},
    )
    return closed.rowcount == 1


def submitted(connection: Connection, submission: Submission, remote_name: str, look_in: float) -> bool:
    """False when it was given up meanwhile."""
    stored = connection.execute(
        text(
            "UPDATE revelado.submissions SET state = 'submitted', remote_name = :name, submitted_at = now(),"
            " poll_after = now() + make_interval(secs => :look_in) WHERE id = :id AND state IN ('preparing', 'submitted')"
        ),
        {"id": submission.id, "name": remote_name, "look_in": look_in},
    )
    return stored.rowcount == 1


def postpone(connection: Connection, submission: Submission, seconds: float, *, cancelled: bool = False) -> None:
    connection.execute(
        text(
            "UPDATE revelado.submissions SET poll_after = now() + make_interval(secs => :seconds),"
            " cancelled_at = CASE WHEN :cancelled THEN coalesce(cancelled_at, now()) ELSE cancelled_at END WHERE id = :id"
        ),
        {"id": submission.id, "seconds": seconds, "cancelled": cancelled},
    )


def open_items(connection: Connection, submission: Submission) -> list[Item]:
    rows: Any = connection.execute(
        text(
            "SELECT p.id AS purchase_id, p.claim_token AS token, q.* FROM revelado.purchases p"
            " LEFT JOIN public.image_processing_queue q ON q.id = p.job_id"
            " WHERE p.submission_id = :id AND p.state = 'open' ORDER BY p.id"
        ),
        {"id": submission.id},
    )
    # With the token of its own claim: a job that is elsewhere by now is not touched.
    return [
        Item(row.purchase_id, None if row.id is None else replace(from_row(row), claim_token=row.token)) for row in rows
    ]


def give_back(
    connection: Connection, jobs: Sequence[Job], outcome: Outcome, *, failure: Failure | None = None, wait: float = 0.0
) -> None:
    finish.end_many(connection, jobs, outcome, failure=failure, wait=wait)
    wake(connection)


def to_normal_lane(connection: Connection, job: Job) -> None:
    """No attempt counted: what is left to do costs nothing, and an ordinary run does it."""
    finish.end(connection, job, "released")
    connection.execute(text("UPDATE public.image_processing_queue SET lane = 'normal' WHERE id = :id"), {"id": job.id})


def wake(connection: Connection) -> None:
    connection.execute(text("SELECT pg_notify('revelado_queue', '')"))


def end(connection: Connection, submission: Submission, error: JobError | None = None) -> None:
    connection.execute(
        text(
            "UPDATE revelado.submissions SET state = :state, finished_at = now(), error_code = :code,"
            " error_message = :message WHERE id = :id AND finished_at IS NULL"
        ),
        {
            "id": submission.id,
            "state": "failed" if error else "done",
            "code": error.code if error else None,
            "message": storable(error.text) if error else None,
        },
    )


def drop_empty(connection: Connection, submission: Submission) -> None:
    connection.execute(
        text("DELETE FROM revelado.submissions WHERE id = :id AND items = 0 AND file_name IS NULL"),
        {"id": submission.id},
    )


_COLUMNS = """id, display_name, model, state, file_name, remote_name, items, cancelled_at IS NOT NULL AS cancelled,
    extract(epoch FROM now() - coalesce(submitted_at, created_at)) AS age"""


def _from_row(row: Any) -> Submission:
    return Submission(
        id=row.id,
        display_name=row.display_name,
        model=row.model,
        state=row.state,
        file_name=row.file_name,
        remote_name=row.remote_name,
        items=row.items,
        age=float(row.age),
        cancelled=row.cancelled,
    )
