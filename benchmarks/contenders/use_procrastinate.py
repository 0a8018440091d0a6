"""procrastinate, as its guide has it: psycopg's pool, one worker that runs `batch` jobs side by side (it has no batches)."""

from __future__ import annotations

import asyncio
import time

from procrastinate import App, PsycopgConnector
from run import Effects, articles, print_drained, print_enqueued, read_order

ORDER = read_order()
EFFECTS = Effects()
#: A connection for each running job, one to listen, one for heartbeats.
app = App(connector=PsycopgConnector(conninfo=ORDER.dsn, min_size=1, max_size=ORDER.batch + 2))


@app.task(name="edit")
async def edit(article: dict[str, int]) -> None:
    EFFECTS.add(article["id"])


async def main() -> None:
    async with app.open_async():
        if ORDER.operation == "install":
            await app.schema_manager.apply_schema_async()
        elif ORDER.operation == "enqueue":
            await enqueue()
        else:
            await drain()


async def enqueue() -> None:
    kwargs = [{"article": article} for article in articles(ORDER.jobs)]
    started = time.perf_counter()
    await edit.batch_defer_async(*kwargs)
    print_enqueued(time.perf_counter() - started, ORDER.jobs)


async def drain() -> None:
    started = time.perf_counter()
    await app.run_worker_async(concurrency=ORDER.batch, wait=False, install_signal_handlers=False)
    print_drained(EFFECTS, ORDER, time.perf_counter() - started)


asyncio.run(main())
