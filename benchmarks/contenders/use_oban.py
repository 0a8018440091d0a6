"""oban, as its guide has it: psycopg's pool, uvloop (its command line's loop), a queue with `batch` slots."""

from __future__ import annotations

import asyncio
import time

import uvloop
from oban import Job, Oban, worker
from oban.schema import install
from run import Effects, articles, print_drained, print_enqueued, read_order

ORDER = read_order()
EFFECTS = Effects()
done = asyncio.Event()


@worker(queue="default")
class Edit:
    async def process(self, job: Job) -> None:
        EFFECTS.add(job.args["id"])
        if len(EFFECTS.seen) >= ORDER.jobs:
            done.set()


async def main() -> None:
    pool = await Oban.create_pool(ORDER.dsn)
    if ORDER.operation == "install":
        await install(pool)
    elif ORDER.operation == "enqueue":
        await enqueue(pool)
    else:
        await drain(pool)
    await pool.close()


async def enqueue(pool: object) -> None:
    oban = Oban(pool=pool)
    jobs = [Edit.new(article) for article in articles(ORDER.jobs)]
    started = time.perf_counter()
    await oban.enqueue_many(jobs)
    print_enqueued(time.perf_counter() - started, ORDER.jobs)


async def drain(pool: object) -> None:
    started = time.perf_counter()
    async with Oban(pool=pool, queues={"default": ORDER.batch}):
        await done.wait()
    print_drained(EFFECTS, ORDER, time.perf_counter() - started)


uvloop.run(main())
