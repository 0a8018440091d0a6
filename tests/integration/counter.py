"""The shop's counter where pictures are bought, without a provider: held jobs, intents, and time that can be moved."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.pipeline import purchases
from core.pipeline.checkpoints import Checkpoint
from core.pipeline.ending import end_with_error
from core.providers.ports import EditRequest
from core.queue import claim, limits, outlook
from core.queue.enqueue import enqueue
from core.queue.jobs import Job
from core.settings.change import change
from core.settings.values import Value
from tests.shop import articles, one, run_sql

ADMIN = Actor(None, "Alicia", Role.ADMIN)
ZONE = "America/Bogota"
PRICE = Decimal("0.04")
MODEL = "gemini-2.5-flash-image"

T = TypeVar("T")


def queue_of(engine: Engine, count: int) -> list[int]:
    """The ids of that many new jobs."""
    return [added.queue_id for added in enqueue(engine, ADMIN, articles(engine, count), origin="panel").added]


def take(engine: Engine, limit: int = 1, lease: float = 3600) -> list[Job]:
    with engine.begin() as connection:
        return claim.claim(connection, uuid.uuid4(), limit, lease)


def held_jobs(engine: Engine, count: int) -> list[Job]:
    queue_of(engine, count)
    return take(engine, count)


def tune(engine: Engine, **values: Value) -> None:
    for name, value in values.items():
        change(engine, ADMIN, name, value)


def checkpoint_of(job: Job, generation: int = 1) -> Checkpoint:
    source = sha256(b"%d" % job.id).digest()
    return Checkpoint(job.id, generation, None, "http://shop/a.jpg", "Tornillería", source, None, None, None, 1)


def intend(engine: Engine, job: Job, *, estimate: Decimal = PRICE, rebuys: int = 1) -> int:
    """Passes the gate as the pipeline does. Raises whatever it raises."""
    with engine.begin() as connection:
        purchases.close_stale(connection, job)
    with engine.begin() as connection:
        limits.lock(connection)
        return purchases.open_intent(
            connection,
            job,
            checkpoint_of(job),
            EditRequest(b"", "image/jpeg", "prompt", MODEL),
            editor="gemini",
            prompt_version="v1",
            estimate=estimate,
            rebuys=rebuys,
            timezone=ZONE,
            cache_key=sha256(b"key %d" % job.id).digest(),
        )


def close(engine: Engine, purchase_id: int, state: str = "free") -> None:
    with engine.begin() as connection:
        purchases.close(connection, purchase_id, state)


def fails(engine: Engine, job: Job, error: Exception) -> str:
    """What becomes of the job."""
    with engine.begin() as connection:
        return end_with_error(connection, job, error, {})


def at_once(work: Callable[[int], T], threads: int = 16) -> list[T]:
    """Runs `work(0)` … together, each from the same moment on; raises what any of them raised."""
    start = threading.Barrier(threads)

    def run(number: int) -> T:
        start.wait(10)
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def time_passes(engine: Engine, seconds: float) -> None:
    """For all that waits, and for what the services and the pace remember; then what fell due is made ready."""
    run_sql(
        engine,
        "UPDATE image_processing_queue SET run_after = run_after - make_interval(secs => :s),"
        " trouble_since = trouble_since - make_interval(secs => :s) WHERE run_after IS NOT NULL OR trouble_since IS NOT NULL;"
        " UPDATE revelado.services SET last_success_at = last_success_at - make_interval(secs => :s),"
        " last_failure_at = last_failure_at - make_interval(secs => :s);"
        " UPDATE revelado.purchases SET opened_at = opened_at - make_interval(secs => :s);"
        " UPDATE revelado.queue_control SET paused_until = paused_until - make_interval(secs => :s),"
        " rate_cut_at = rate_cut_at - make_interval(secs => :s)",
        s=seconds,
    )
    with engine.begin() as connection:
        outlook.make_ready(connection)


def until_blocked(engine: Engine, thread: threading.Thread) -> None:
    """Returns once somebody in this database waits for a lock, or the thread is done without."""
    while thread.is_alive():
        waiting = one(
            engine,
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        if waiting.n:
            return
        thread.join(0.005)
