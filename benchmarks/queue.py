"""The queue's own speed, beside a bare round trip to the same server in the same run."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable, Iterator

from sqlalchemy import Engine, text

from core.access.actors import SYSTEM
from core.db.embedded import temporary_server
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.queue import claim, finish
from core.queue.enqueue import enqueue

ARTICLES = 10_000
CLAIMS = 500


def measure() -> Iterator[tuple[str, str]]:
    with temporary_server(fast=False) as server:
        engine = make_engine(server.url, "bench")
        migrate(engine)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO articulos (nombre, imagen_url) SELECT 'Artículo ' || n, 'http://x/' || n"
                    " FROM generate_series(1, :n) n"
                ),
                {"n": ARTICLES},
            )
        started = time.perf_counter()
        enqueue(engine, SYSTEM, list(range(1, ARTICLES + 1)), origin="cli")
        yield f"enqueue {ARTICLES:,} articles, one statement, durable", f"{time.perf_counter() - started:.2f} s"
        trip = _median_ms(lambda: _bare_commit(engine), CLAIMS)
        both = _median_ms(lambda: _claim_and_finish(engine), CLAIMS)
        yield "a bare durable UPDATE of one row, p50", f"{trip:.2f} ms"
        yield "claim + finish of one article, two durable transactions, p50", f"{both:.2f} ms = {both / trip:.1f}× bare"
        engine.dispose()


def _median_ms(work: Callable[[], None], times: int) -> float:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000


def _bare_commit(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE revelado.queue_control SET id = id"))


def _claim_and_finish(engine: Engine) -> None:
    with engine.begin() as connection:
        [job] = claim.claim(connection, uuid.UUID(int=1))
    with engine.begin() as connection:
        finish.end(connection, job, "completed")
