"""Ours, through the functions that the panel and the worker call: articles are checked, deduplicated and counted."""

from __future__ import annotations

import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from run import Effects, print_drained, print_enqueued, read_order
from sqlalchemy import Engine, text

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.access.actors import SYSTEM
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.queue import claim, finish
from core.queue.enqueue import enqueue

ORDER = read_order()
LANES = 2


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
    """One by one on one connection; batches on LANES, each a thread with a connection, as a worker's lanes are."""
    effects, lanes = Effects(), LANES if ORDER.batch > 1 else 1
    started = time.perf_counter()
    with ThreadPoolExecutor(lanes) as pool:
        for lane in [pool.submit(_lane, engine, effects) for _ in range(lanes)]:
            lane.result()
    print_drained(effects, ORDER, time.perf_counter() - started, unmeasured=lanes * ORDER.batch)


def _lane(engine: Engine, effects: Effects) -> None:
    worker = uuid.uuid4()
    # Each call is one statement, hence one durable transaction by itself.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        jobs = claim.claim(connection, worker, ORDER.batch)
        while jobs:
            for job in jobs:
                effects.add(job.articulo_id)
            _, jobs = finish.end_and_claim(connection, jobs, "completed", worker, ORDER.batch)


main()
