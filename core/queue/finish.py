"""How a run ends. Every statement shows the claim token; none touches a job that another worker holds by now."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, text

from core.db.prepared import Prepared
from core.db.text import storable, to_json
from core.errors import LostClaim
from core.queue import claim
from core.queue.jobs import Job, from_values

TroubleMark = Literal["over", "goes_on", "anew"]
Outcome = Literal["completed", "retry", "failed", "released", "snoozed"]

#: Seconds: 15 · 2ⁿ, capped at 15 minutes, ± 20 % so that jobs which failed together don't come back together.
BACKOFF_BASE, BACKOFF_CAP, JITTER = 15.0, 900.0, 0.2


@dataclass(frozen=True)
class Failure:
    """What is stored of an error: a stable code with its parameters, the sentence for staff, the stack for technicians."""

    code: str
    message: str
    stack: str = ""
    params: dict[str, object] = field(default_factory=dict)


def backoff(attempt: int, spread: float | None = None) -> float:
    """Seconds before the try after attempt 1, 2, …; `spread` in -1…1 replaces the random jitter."""
    wait = min(BACKOFF_BASE * 2.0 ** (attempt - 1), BACKOFF_CAP)
    return wait * (1 + JITTER * (random.uniform(-1, 1) if spread is None else spread))  # noqa: S311 - not a secret


#: No `estado = 'processing'` here: it would lead the planner to an index of states, whose dead entries cost
#: more than the whole statement by primary key.
_ENDED = """
    ended AS (
        UPDATE public.image_processing_queue q SET estado = :estado, lease_until = NULL, worker_id = NULL, stage = NULL,
            claim_token = q.claim_token + CASE WHEN :estado = 'pending' THEN 1 ELSE 0 END,
            run_after = CASE WHEN CAST(:wait AS float) > 0 THEN now() + make_interval(secs => :wait) END,
            intentos = greatest(intentos - :refund, 0),
            started_at = CASE WHEN :refund = 1 THEN NULL ELSE started_at END,
            completed_at = CASE WHEN :estado IN ('completed', 'failed') THEN now() END,
            trouble_since = CASE :trouble WHEN 'goes_on' THEN coalesce(trouble_since, now()) WHEN 'anew' THEN now() END,
            error_code = :code, error_params = CAST(:params AS jsonb), error_message = :message, error_stack = :stack,
            updated_at = now()
        FROM unnest(CAST(:ids AS integer[]), CAST(:tokens AS bigint[])) AS mine(id, token)
        WHERE q.id = mine.id AND q.claim_token = mine.token AND q.lease_until IS NOT NULL RETURNING q.id, mine.token
    ), closed AS (
        UPDATE revelado.attempts t SET outcome = :outcome, finished_at = now(), error_code = :code,
            error_params = CAST(:params AS jsonb), error_message = :message, error_stack = :stack,
            seconds = CAST(:seconds AS jsonb)
        FROM ended WHERE t.job_id = ended.id AND t.claim_token = ended.token
    )
"""
#: Columns of two types take them.
_TYPES = {"estado": "text", "code": "text"}
_END = Prepared("end_jobs", f"WITH {_ENDED} SELECT id FROM ended", _TYPES)
_END_AND_CLAIM = Prepared(
    "end_and_claim",
    f"WITH {_ENDED}, {claim.best('normal', claim.OPEN)}, {claim.CLAIMED}"
    f" SELECT (SELECT array_agg(id) FROM ended) AS ended_ids, {claim.SELECTED} FROM (SELECT) one"
    " LEFT JOIN claimed c ON true ORDER BY c.prioridad DESC NULLS LAST, c.turn, c.id",
    _TYPES,
)


def end(
    connection: Connection,
    job: Job,
    outcome: Outcome,
    *,
    failure: Failure | None = None,
    wait: float = 0.0,
    seconds: dict[str, float] | None = None,
    trouble: TroubleMark = "over",
) -> None:
    """Ends this run. `released` and `snoozed` give the attempt back; `wait` is seconds until it may be claimed again.

    `trouble`: whether the job goes on remembering since when a service fails it, or begins anew. Raises LostClaim when
    another worker holds the job by now.
    """
    if not end_many(connection, [job], outcome, failure=failure, wait=wait, seconds=seconds, trouble=trouble):
        raise LostClaim


def end_many(
    connection: Connection,
    jobs: Sequence[Job],
    outcome: Outcome,
    *,
    failure: Failure | None = None,
    wait: float = 0.0,
    seconds: dict[str, float] | None = None,
    trouble: TroubleMark = "over",
) -> set[int]:
    """Ends many runs alike in one statement. Gives the ids of those that were still ours."""
    said = _said(jobs, outcome, failure, wait, seconds, trouble)
    return {row.id for row in _END.all(connection, said)}


def end_and_claim(
    connection: Connection,
    jobs: Sequence[Job],
    outcome: Outcome,
    worker: UUID,
    limit: int,
    *,
    seconds: dict[str, float] | None = None,
    lease: float = claim.LEASE,
) -> tuple[set[int], list[Job]]:
    """Ends runs and takes the next jobs in one statement: (ids that were still ours, claimed jobs)."""
    said = _said(jobs, outcome, None, 0.0, seconds, "over")
    rows = _END_AND_CLAIM.all(connection, {**said, "worker": worker, "limit": limit, "lease": lease})
    return set(rows[0].ended_ids or ()), [from_values(row[1:]) for row in rows if row.id is not None]


def _said(
    jobs: Sequence[Job],
    outcome: Outcome,
    failure: Failure | None,
    wait: float,
    seconds: dict[str, float] | None,
    trouble: TroubleMark,
) -> dict[str, object]:
    return {
        "ids": [job.id for job in jobs],
        "tokens": [job.claim_token for job in jobs],
        "estado": {"completed": "completed", "failed": "failed"}.get(outcome, "pending"),
        "outcome": outcome,
        "refund": 1 if outcome in ("released", "snoozed") else 0,
        "wait": wait,
        "trouble": trouble,
        "code": failure.code if failure else None,
        "params": to_json(failure.params) if failure else None,
        "message": storable(failure.message) if failure else None,
        "stack": storable(failure.stack) if failure else None,
        "seconds": json.dumps(seconds or {}),
    }


def is_finished_by(connection: Connection, job: Job) -> bool:
    """Whether this very claim ended the job: a connection lost during COMMIT leaves that unknown to the worker."""
    return bool(
        connection.scalar(
            text(
                "SELECT EXISTS (SELECT FROM revelado.attempts WHERE job_id = :id AND claim_token = :token"
                " AND outcome IN ('completed', 'retry', 'failed', 'released', 'snoozed'))"
            ),
            {"id": job.id, "token": job.claim_token},
        )
    )
