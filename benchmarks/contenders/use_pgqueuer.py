"""pgqueuer, as its guide has it: asyncpg, uvloop (its command line's loop), durable tables, a worker in drain mode."""

from __future__ import annotations

import json
import time

import asyncpg
import uvloop
from pgqueuer import PgQueuer, Queries
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode
from run import Effects, articles, print_drained, print_enqueued, read_order

ORDER = read_order()


async def main() -> None:
    connection = await asyncpg.connect(ORDER.dsn)
    queries = Queries.from_asyncpg_connection(connection)
    if ORDER.operation == "install":
        await queries.install()
        await queries.optimize_autovacuum()
    elif ORDER.operation in ("enqueue", "enqueue-once"):
        await enqueue(queries, once=ORDER.operation == "enqueue-once")
    else:
        await drain(connection)
    await connection.close()


async def enqueue(queries: Queries, *, once: bool) -> None:
    payloads: list[bytes | None] = [json.dumps(article).encode() for article in articles(ORDER.jobs)]
    keys: list[str | None] = [f"articulo-{n}" for n in range(1, ORDER.jobs + 1)]
    started = time.perf_counter()
    if once:
        await queries.enqueue(["edit"] * ORDER.jobs, payloads, [0] * ORDER.jobs, dedupe_key=keys, on_conflict="skip")
    else:
        await queries.enqueue(["edit"] * ORDER.jobs, payloads, [0] * ORDER.jobs)
    print_enqueued(time.perf_counter() - started, ORDER.jobs)


async def drain(connection: asyncpg.Connection) -> None:
    effects = Effects()
    app = PgQueuer.from_asyncpg_connection(connection)

    @app.entrypoint("edit")
    async def edit(job: Job) -> None:
        effects.add(json.loads(job.payload or b"")["id"])

    started = time.perf_counter()
    await app.run(batch_size=ORDER.batch, mode=QueueExecutionMode.drain)
    print_drained(effects, ORDER, time.perf_counter() - started)


uvloop.run(main())
