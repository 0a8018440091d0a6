"""How a run ends. Every statement shows the claim token; none touches a job that another worker holds by now."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, text

from core.db.text import storable, to_json
from core.errors import LostClaim
from core.queue.jobs import Job

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


_END = text("""
    WITH ended AS (
        UPDATE public.image_processing_queue SET estado = :estado, lease_until = NULL, worker_id = NULL, stage = NULL,
            claim_token = claim_token + CASE WHEN :estado = 'pending' THEN 1 ELSE 0 END,
            run_after = CASE WHEN CAST(:wait AS float) > 0 THEN now() + make_interval(secs => :wait) END,
            intentos = greatest(intentos - :refund, 0),
            started_at = CASE WHEN :refund = 1 THEN NULL ELSE started_at END,
            completed_at = CASE WHEN :estado IN ('completed', 'failed') THEN now() END,
            error_code = :code, error_params = CAST(:params AS jsonb), error_message = :message, error_stack = :stack,
            updated_at = now()
        WHERE id = :id AND claim_token = :token AND lease_until IS NOT NULL RETURNING id
    ), closed AS (
        UPDATE revelado.attempts SET outcome = :outcome, finished_at = now(), error_code = :code,
            error_params = CAST(:params AS jsonb), error_message = :message, error_stack = :stack,
            seconds = CAST(:seconds AS jsonb)
        WHERE job_id = :id AND claim_token = :token AND EXISTS (SELECT FROM ended)
    )
    SELECT id FROM ended
""")


def end(
    connection: Connection,
    job: Job,
    outcome: Outcome,
    *,
    failure: Failure | None = None,
    wait: float = 0.0,
    seconds: dict[str, float] | None = None,
) -> None:
    """Ends this run. `released` and `snoozed` give the attempt back; `wait` is seconds until it may be claimed again.

    Raises LostClaim when another worker holds the job by now.
    """
    estado = {"completed": "completed", "failed": "failed"}.get(outcome, "pending")
    ended = connection.execute(
        _END,
        {
            "id": job.id,
            "token": job.claim_token,
            "estado": estado,
            "outcome": outcome,
            "refund": 1 if outcome in ("released", "snoozed") else 0,
            "wait": wait,
            "code": failure.code if failure else None,
            "params": to_json(failure.params) if failure else None,
            "message": storable(failure.message) if failure else None,
            "stack": storable(failure.stack) if failure else None,
            "seconds": json.dumps(seconds or {}),
        },
    ).all()
    if not ended:
        raise LostClaim


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
