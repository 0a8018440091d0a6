"""How a run's end becomes the job's next state: one table from the class of the error to what the queue does."""

from __future__ import annotations

import logging
import traceback

from sqlalchemy import Connection

from core.errors import AppError, JobError, LostClaim, PausesQueue, Permanent, Retryable
from core.queue import finish, pause
from core.queue.finish import Failure, Outcome
from core.queue.jobs import Job

log = logging.getLogger("revelado.worker")


class Unexpected(Retryable):
    """A bug, ours or a library's: tried again like anything else, with the stack kept for the technician."""

    code = "unexpected"
    message = "Ocurrió un error inesperado. Si se repite, avise al administrador: el detalle técnico está guardado."


def end_with_error(connection: Connection, job: Job, error: Exception, seconds: dict[str, float]) -> Outcome:
    """Raises LostClaim when the job is another worker's by now."""
    known = error if isinstance(error, JobError) else Unexpected()
    failure = Failure(
        code=known.code,
        message=known.text,
        stack="".join(traceback.format_exception(error)),
        params={name: value for name, value in known.params.items() if name != "usage"},
    )
    if isinstance(known, LostClaim):
        raise known
    if isinstance(known, PausesQueue):
        pause.pause_for(connection, "sistema", known.code, known.text, failure.params, known.seconds)
        finish.end(connection, job, "snoozed", failure=failure, seconds=seconds)
        return "snoozed"
    if isinstance(known, Permanent) or job.is_last_attempt:
        finish.end(connection, job, "failed", failure=failure, seconds=seconds)
        return "failed"
    # Retryable or Ambiguous; how often an ambiguous purchase is repeated is the ledger's rule.
    finish.end(connection, job, "retry", failure=failure, seconds=seconds, wait=finish.backoff(job.intentos))
    return "retry"


def explain(error: Exception) -> str:
    return error.text if isinstance(error, AppError) else Unexpected().text
