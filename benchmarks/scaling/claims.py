"""What a worker waits for: claims, beside the nearly empty twin, under snoozed jobs, and under a long transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text

from benchmarks.scaling.database import Database
from benchmarks.scaling.figures import Figure, milliseconds, p95_within, ratio_within, spread, told
from benchmarks.scaling.hands import LIMIT, WORKER, Hands
from core.access.actors import SYSTEM
from core.queue import claim, counts, finish, stats
from core.queue.claimer import Claimer
from core.queue.enqueue import enqueue
from core.queue.jobs import Job, Stage, hold
from core.queue.wakeup import Wakeup
from core.settings.values import load_tuning


def beside_twin(twin: Database, big: Database, snoozed: Database, rounds: int) -> Iterator[Figure]:
    hands = [Hands(database) for database in (twin, big, snoozed)]
    took: dict[str, list[float]] = {hand.database.name: [] for hand in hands}
    bare: list[float] = []
    for number in range(-10, rounds):
        for hand in hands if number % 2 else hands[::-1]:
            jobs: list[Job] = []
            elapsed = milliseconds(lambda: jobs.extend(hand.claim()))
            assert len(jobs) == LIMIT
            hand.finish(jobs)
            if number >= 0:
                took[hand.database.name].append(elapsed)
        bare.append(milliseconds(lambda: _bare_commit(twin)))
    yield told("for comparison: a bare durable UPDATE of one row", bare)
    yield p95_within("claim of 10, from the front", 2.5, took["big"])
    yield ratio_within("… beside the twin with 1,000 pending", 1.25, took["big"], took["twin"])
    yield ratio_within("… with as many snoozed on top", 1.25, took["snoozed"], took["big"])


def while_pinned(database: Database, jobs: int) -> Iterator[Figure]:
    """A long transaction elsewhere keeps every dead row while these are claimed and finished."""
    hand, claimer, took = Hands(database, refill=False), Claimer(WORKER), list[float]()
    before = [milliseconds(lambda: _read_counts(database)) for _ in range(50)]
    with _long_transaction(database):
        for _ in range(jobs // LIMIT):
            found: list[Job] = []
            with database.engine.begin() as connection:
                took.append(milliseconds(lambda: found.extend(claimer.claim(connection, LIMIT))))
            assert len(found) == LIMIT
            hand.finish(found)
        from_front = [milliseconds(lambda: hand.finish(hand.claim())) for _ in range(20)]
        reads = [milliseconds(lambda: _read_counts(database)) for _ in range(50)]
        pages = [milliseconds(lambda: stats.overview(database.engine, "America/Lima")) for _ in range(50)]
    tail = min(100, len(took) // 3)
    yield ratio_within(
        f"claims behind a pinned xmin: the last {tail} of {len(took):,} beside the first",
        1.3,
        took[-tail:],
        took[:tail],
    )
    yield told("… the slowest kind among them, once in 2 s: claim from the front and finish", from_front)
    yield told("… counts before the pin", before)
    yield p95_within("… counts then", 2.0, reads)
    yield p95_within("… overview then", 5.0, pages)


def enqueue_to_start(database: Database, articles: Sequence[int]) -> Figure:
    """A worker that waits, as `worker.py` does; from the call of enqueue to its committed claim."""
    hand, claimer, wakeup = Hands(database, refill=False), Claimer(WORKER), Wakeup(database.engine)
    started, stop = threading.Event(), threading.Event()
    found: list[tuple[float, Job]] = []

    def work() -> None:
        while not stop.is_set():
            if not wakeup.wait(10.0):
                continue
            claimer.look_from_front()
            with database.engine.begin() as connection:
                load_tuning(connection)
                jobs = claimer.claim(connection, 1)
            found.extend((time.perf_counter(), job) for job in jobs)
            started.set()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait(10.0)  # its first look
    took = []
    for article in articles:
        hand.finish([job for _, job in found])
        found.clear()
        started.clear()
        time.sleep(0.02)  # until it waits again
        called = time.perf_counter()
        enqueue(database.engine, SYSTEM, [article], origin="panel", prioridad=1000)
        assert started.wait(10.0)
        at, job = found[0]
        assert job.articulo_id == article
        took.append((at - called) * 1000)
    stop.set()
    wakeup.interrupt()
    thread.join()
    wakeup.close()
    hand.finish([job for _, job in found])
    took_spread = spread(took)
    return Figure("enqueue of one to its start", "p50 ≤ 10 ms", str(took_spread), took_spread.p50 <= 10, took)


def whole_life(database: Database, jobs: int) -> Iterator[Figure]:
    """What the rewriting of one row a dozen times costs, and how much of it stays within its page."""
    holds, renewals, ends = list[float](), list[float](), list[float]()
    updates, hot = database.hot_share()
    for _ in range(jobs):
        with database.engine.begin() as connection:
            [job] = claim.claim(connection, WORKER)
        for stage in Stage:
            with database.engine.begin() as connection:
                holds.append(milliseconds(lambda: hold(connection, job, stage)))
        for _ in range(2):
            with database.engine.begin() as connection:
                renewals.append(milliseconds(lambda: claim.renew(connection, WORKER, [job.id])))
        with database.engine.begin() as connection:
            ends.append(milliseconds(lambda: finish.end(connection, job, "completed")))
        database.did(9)
    updates_after, hot_after = database.hot_share()
    share = (hot_after - hot) / (updates_after - updates)
    yield told("one job's life, statements alone: each new stage", holds)
    yield told("… each renewal of the lease", renewals)
    yield told("… its end", ends)
    yield Figure(
        "… its updates that stayed within their page (HOT)", "–", f"{share:.0%} of {updates_after - updates:,}"
    )


def _read_counts(database: Database) -> None:
    with database.engine.connect() as connection:
        counts.read(connection)


def _bare_commit(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE revelado.queue_control SET id = id"))


@contextmanager
def _long_transaction(database: Database) -> Iterator[None]:
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SELECT count(*) FROM revelado.queue_control"))
        yield
