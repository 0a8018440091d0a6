"""A migrated database for many cases: emptied between them, not made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from core.db.engine import make_engine
from tests.databases import new_database
from tests.shop import run_sql


@contextmanager
def one_database(server_url: str, template: str) -> Iterator[Engine]:
    with contextmanager(new_database)(server_url, template) as url:
        engine = make_engine(url, "test", pool_size=20)
        yield engine
        engine.dispose()


#: In an order in which nothing refers to what is gone, and the counters after what feeds them.
_TABLES = (
    "image_processing_queue", "revelado.attempts", "revelado.cancelled_jobs", "revelado.batches", "revelado.settings",
    "revelado.services", "revelado.checkpoints", "revelado.purchases", "revelado.spend", "revelado.outbox",
    "revelado.pictures", "revelado.blobs", "revelado.counts", "revelado.count_deltas", "revelado.total_deltas",
    "revelado.finished", "revelado.notices",
)  # fmt: skip


def empty_queue(engine: Engine) -> None:
    """As after the migrations, with the articles left in place. Deleted, as TRUNCATE of so many takes long."""
    run_sql(
        engine,
        "; ".join(f"DELETE FROM {table}" for table in _TABLES)
        + "; UPDATE revelado.queue_control SET paused = false, paused_until = NULL, reason_code = NULL, probing = NULL,"
        " rate_share = 1, rate_cut_at = NULL, schedule_off_until = NULL",
    )
