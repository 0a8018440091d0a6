"""Ours, through the functions that the panel and the worker call: articles are checked, deduplicated and counted."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path

from run import Effects, print_drained, print_enqueued, read_order
from sqlalchemy import Engine, text

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.access.actors import SYSTEM
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.queue import claim, finish
from core.queue.enqueue import enqueue
from core.queue.jobs import Job

ORDER = read_order()


def main() -> None:
    engine = make_engine(ORDER.dsn.replace("postgresql://", "postgresql+psycopg2://", 1), "peers")
    if ORDER.operation == "install":
        install(engine)
    elif ORDER.operation in ("enqueue", "enqueue-once"):
        engine.connect().close()  # as the others, which are connected when their clock starts
        started = time.perf_counter()
        enqueue(engine, SYSTEM, list(range(1, ORDER.jobs + 1)), origin="cli")
        print_enqueued(time.perf_counter() - started, ORDER.jobs)
    else:
        drain(engine)
    engine.dispose()


def install(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO articulos (nombre, imagen_url) SELECT 'Artículo ' || n, 'http://x/' || n"
                " FROM generate_series(1, :n) n"
            ),
            {"n": ORDER.jobs},
        )


def drain(engine: Engine) -> None:
    effects, worker = Effects(), uuid.uuid4()

    def edit(jobs: list[Job]) -> None:
        for job in jobs:
            effects.add(job.articulo_id)

    started = time.perf_counter()
    # Each call is one statement, hence one durable transaction by itself.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        jobs = claim.claim(connection, worker, ORDER.batch)
        while jobs:
            edit(jobs)
            _, jobs = finish.end_and_claim(connection, jobs, "completed", worker, ORDER.batch)
    print_drained(effects, ORDER, time.perf_counter() - started)


main()
