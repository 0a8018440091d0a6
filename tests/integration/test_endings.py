"""One row of `pipeline/ending.py` each: what an error's class makes of the job, its attempt and the queue."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from core.errors import Ambiguous, JobError, LostClaim, Permanent
from core.pipeline import ending
from core.pipeline.cache import BeingMade
from core.pipeline.ending import end_with_error
from core.providers.gemini_errors import DayLimit, NoCredit, Overloaded, RateLimited
from tests.integration.counter import held_jobs
from tests.shop import one


@dataclass(frozen=True)
class Row:
    error: Exception
    estado: str = "pending"
    counted: bool = False
    waits: bool = True
    paused: bool = False
    until_a_person: bool = False
    slower: bool = False
    last: bool = False  #: it was the job's last attempt


class Unclear(Ambiguous):
    code = "unclear"
    message = "No se sabe."


ROWS = {
    "made by another job": Row(BeingMade()),
    "too many calls": Row(RateLimited(30, wait=30), waits=False, paused=True, slower=True),
    "the day's quota": Row(DayLimit(), waits=False, paused=True),
    "no credit": Row(NoCredit(), waits=False, paused=True, until_a_person=True),
    "a service is away": Row(Overloaded()),
    "permanent": Row(Permanent(), "failed", counted=True, waits=False),
    "ambiguous": Row(Unclear(), counted=True),
    "a bug": Row(ZeroDivisionError(), counted=True),
    "the last attempt": Row(ZeroDivisionError(), "failed", counted=True, waits=False, last=True),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_each_class_of_error_has_its_ending(engine: Engine, row: Row) -> None:
    [job] = held_jobs(engine, 1)
    if row.last:
        job = job.__class__(**{**vars(job), "max_intentos": job.intentos})
    with engine.begin() as connection:
        end_with_error(connection, job, row.error, {})
    found = one(
        engine,
        "SELECT q.estado, q.intentos, q.run_after > now() AS waits, q.error_code, c.paused, c.paused_until, c.rate_share"
        " FROM image_processing_queue q, revelado.queue_control c",
    )
    assert (found.estado, found.intentos, bool(found.waits)) == (row.estado, int(row.counted), row.waits)
    assert found.paused == row.paused and (found.paused_until is None) == (row.until_a_person or not row.paused)
    assert found.rate_share == (0.5 if row.slower else 1)
    expected = row.error.code if isinstance(row.error, JobError) else ending.Unexpected.code
    assert found.error_code == expected


def test_who_lost_the_job_writes_nothing(engine: Engine) -> None:
    [job] = held_jobs(engine, 1)
    with pytest.raises(LostClaim), engine.begin() as connection:
        end_with_error(connection, job, LostClaim(), {})
    assert tuple(one(engine, "SELECT estado, error_code FROM image_processing_queue")) == ("processing", None)
