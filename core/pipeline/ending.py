"""How a run's end becomes the job's next state: one table from the class of the error to what the queue does.

| the error is | the job | attempt | the queue |
|---|---|---|---|
| LostClaim | is another worker's: nothing is written | – | – |
| BeingMade | waits for the other job's picture | not counted | – |
| PausesQueue | goes back | not counted | pauses: for a delay, to the end of a day or month, or for a person |
| … SlowDown among them | | | and from then on goes at half the pace |
| a service's | waits, the longer the trouble lasts | not counted while it answers nobody | five in a row: circuit |
| Permanent, or the last attempt | fails and says what a person can do | counted | – |
| Retryable, Ambiguous, a bug | waits for its backoff | counted | – |

"A service's" are ServiceTrouble, and what is Ambiguous because no answer came. How often an ambiguous purchase is
repeated is the ledger's rule (`purchases.open_intent`).
"""

from __future__ import annotations

import random
import traceback

from sqlalchemy import Connection

from core.errors import (
    Ambiguous,
    AppError,
    DayQuotaSpent,
    JobError,
    LostClaim,
    PausesQueue,
    Permanent,
    Retryable,
    ServiceTrouble,
    SlowDown,
)
from core.pipeline import cache
from core.queue import finish, limits, pause, services
from core.queue.finish import Failure, Outcome, TroubleMark
from core.queue.jobs import Job

#: Seconds between two tries while a service is away: as long as it has been away already, within these.
SHORTEST_WAIT, LONGEST_WAIT = 10.0, 600.0


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

    def end(outcome: Outcome, wait: float = 0.0, *, trouble: TroubleMark = "over") -> Outcome:
        finish.end(connection, job, outcome, failure=failure, wait=wait, seconds=seconds, trouble=trouble)
        return outcome

    trouble: TroubleMark = "over"
    match known:
        case LostClaim():
            raise known
        case cache.BeingMade():
            return end("snoozed", known.wait)
        case PausesQueue():
            pause_for(connection, known, failure.params)
            return end("snoozed")
        case Permanent():
            return end("failed")
        case ServiceTrouble() | Ambiguous() if known.service is not None:
            services.failed(connection, known.service)
            found = services.trouble(connection, known.service, job.trouble_since)
            if not found.counts:
                return end("snoozed", _patient(found.seconds), trouble="goes_on")
            trouble = "anew" if found.own else "goes_on"
    if job.is_last_attempt:
        return end("failed")
    return end("retry", finish.backoff(job.intentos), trouble=trouble)


def pause_for(connection: Connection, error: PausesQueue, params: dict[str, object]) -> None:
    if isinstance(error, SlowDown):
        limits.slow_down(connection)
    seconds = limits.seconds_to_new_quota(connection) if isinstance(error, DayQuotaSpent) else error.seconds
    pause.pause_for(connection, "sistema", error.code, error.text, params, seconds)


def _patient(lasting: float) -> float:
    """Doubles by itself: the wait is what has been waited so far. ± 20 %, so that jobs don't come back together."""
    return min(max(lasting, SHORTEST_WAIT), LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311 - not a secret


def explain(error: Exception) -> str:
    return error.text if isinstance(error, AppError) else Unexpected().text
