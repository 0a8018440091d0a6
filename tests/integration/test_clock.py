"""Times are the database's: workers whose clocks are an hour wrong work as any other."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.queue import claim
from tests.chaos.plant import Plant, eventually
from tests.emulators import faults
from tests.emulators.fixtures import Emulators
from tests.shop import one, rows, run_sql

pytestmark = pytest.mark.timeout(120)

#: What Python's own ways to ask for the time answer in a worker that finds this on its path.
WRONG_CLOCK = """
import datetime, os, time
shift = float(os.environ["WRONG_BY"])
right, right_ns, right_datetime = time.time, time.time_ns, datetime.datetime
class AnyDatetime(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, right_datetime)
class WrongDatetime(right_datetime, metaclass=AnyDatetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(right() + shift, tz)
    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)
datetime.datetime = WrongDatetime
time.time = lambda: right() + shift
time.time_ns = lambda: right_ns() + int(shift * 1e9)
"""
#: Seconds. Cloudinary itself refuses what was signed more than an hour ago.
AHEAD, BEHIND = 3600, -3540
#: How long a job waits for its lease or its time, and how much later a worker that is up and free may see it.
SPAN, LATE = timedelta(seconds=8), timedelta(seconds=12)
#: What may lie ahead of now.
PLANNED = ("lease_until", "run_after", "paused_until", "expires_at", "poll_after")


@pytest.fixture
def plant(engine: Engine, database_url: str, emulators: Emulators, tmp_path: Path) -> Iterator[Plant]:
    (tmp_path / "sitecustomize.py").write_text(WRONG_CLOCK)
    plant = Plant(engine, database_url, emulators, tmp_path, {"PYTHONPATH": str(tmp_path)})
    plant.tune(delay_seconds=0, poll_seconds=1)
    yield plant
    plant.stop()


def worker(plant: Plant, wrong_by: float) -> None:
    plant.environ["WRONG_BY"] = str(wrong_by)
    plant.worker(log=plant.data_dir / f"{wrong_by}.log")


@pytest.mark.parametrize("wrong_by", [AHEAD, BEHIND])
def test_a_wrong_clock_neither_hurries_nor_delays_anything(plant: Plant, wrong_by: float) -> None:
    engine = plant.engine
    start = one(engine, "SELECT now() AS at").at
    dead, later, held = plant.queue(3)
    with engine.begin() as connection:
        [taken] = claim.claim(connection, uuid.uuid4(), lease=8)
    assert taken.id == dead
    run_sql(engine, "UPDATE image_processing_queue SET run_after = now() + interval '8 seconds' WHERE id = :i", i=later)
    plant.emulators.gemini.add_faults(faults.held("after", times=1))
    worker(plant, wrong_by)

    plant.emulators.gemini.wait(held=1, timeout=40)
    lease = one(
        engine, "SELECT id, extract(epoch FROM lease_until - clock_timestamp()) AS left FROM image_processing_queue"
        " WHERE estado = 'processing' AND id <> :dead", dead=dead,
    )  # fmt: skip
    assert lease.id == held and 0 < lease.left <= claim.LEASE
    free = one(engine, "SELECT clock_timestamp() AS at").at
    plant.emulators.gemini.clear_faults()
    eventually(lambda: plant.states() == ["completed"] * 3, 40)

    # Not before its time, nor long after: a busy machine may take longer to start the worker than what was waited for.
    began = one(engine, "SELECT started_at AS at FROM revelado.attempts WHERE job_id = :i", i=later).at
    plan = start + SPAN
    assert plan <= began < max(plan, free) + LATE
    rescued = one(engine, "SELECT started_at, finished_at FROM revelado.attempts WHERE outcome = 'rescued'")
    up = one(engine, "SELECT min(started_at) AS at FROM revelado.attempts WHERE job_id = :i", i=held).at
    lost = rescued.started_at + SPAN
    assert lost <= rescued.finished_at < max(lost, up) + LATE
    assert plant.bought() == 3
    assert _times_outside(engine, start) == []


def test_the_day_of_googles_quota_ends_by_the_databases_clock(plant: Plant) -> None:
    plant.queue()
    plant.emulators.gemini.add_faults(faults.daily_quota(times=0))
    worker(plant, AHEAD)
    eventually(lambda: one(plant.engine, "SELECT paused FROM revelado.queue_control").paused)
    off = one(
        plant.engine,
        "SELECT abs(extract(epoch FROM paused_until - (date_trunc('day', now() AT TIME ZONE 'America/Los_Angeles')"
        " + interval '1 day') AT TIME ZONE 'America/Los_Angeles')) AS seconds FROM revelado.queue_control",
    )
    assert off.seconds < 600, "a few minutes of margin, no hour"


def _times_outside(engine: Engine, start: object) -> list[str]:
    """Every time that was written, and isn't a plan, lies between the test's start and now."""
    wrong = []
    for column in rows(
        engine,
        "SELECT table_schema || '.' || table_name AS name, column_name FROM information_schema.columns"
        " WHERE table_schema IN ('public', 'revelado') AND data_type = 'timestamp with time zone'"
        " AND column_name <> ALL(:planned) AND (table_name, column_name) <> ('spend', 'slot')"
        # What the migration put there is as old as the template.
        " AND table_name NOT IN ('recipes', 'recipe_versions')",
        planned=list(PLANNED),
    ):
        found = one(
            engine,
            f"SELECT count(*) AS n FROM {column.name}"
            f" WHERE {column.column_name} > clock_timestamp() OR {column.column_name} < :start - interval '5 minutes'",
            start=start,
        )
        wrong += [f"{column.name}.{column.column_name}"] * bool(found.n)
    return wrong
