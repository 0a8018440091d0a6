"""The databases of one run on one server: the big one, copies of it, and its nearly empty twin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from core.db.engine import make_engine
from core.db.migrate import migrate
from core.queue import counts
from tests.databases import run, url_of

#: What a heartbeat every 5 s finds at the pace of a fast shop.
FOLD_EVERY = 1000


class Database:
    def __init__(self, name: str, engine: Engine) -> None:
        self.name, self.engine = name, engine
        self._statements = 0

    def did(self, statements: int) -> None:
        """Folds the counts as often as the heartbeat of a worker would."""
        self._statements += statements
        if self._statements >= FOLD_EVERY:
            self._statements = 0
            counts.fold(self.engine)

    def maintain(self, statement: str = "VACUUM ANALYZE") -> None:
        with self._outside_transactions() as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text(statement))
        self.engine.dispose()

    def describe(self) -> str:
        with self.engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT pg_size_pretty(pg_table_size(relid)) AS heap, pg_size_pretty(pg_indexes_size(relid)) AS indexes,"
                    " (SELECT count(*) FROM image_processing_queue) AS live, n_dead_tup AS dead FROM pg_stat_user_tables"
                    " WHERE relname = 'image_processing_queue'"
                )
            ).one()
        return f"{row.live:,} rows, {row.dead:,} dead; table {row.heap}, indexes {row.indexes}"

    def hot_share(self) -> tuple[int, int]:
        """(updates of the queue's rows, those of them that stayed within their page)."""
        with self._outside_transactions() as connection:
            connection.execute(text("SELECT pg_stat_force_next_flush()"))
            row = connection.execute(
                text(
                    "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'image_processing_queue'"
                )
            ).one()
        return row.n_tup_upd, row.n_tup_hot_upd

    def _outside_transactions(self) -> Connection:
        return self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def database(server_url: str, name: str, copy_of: Database | None = None) -> Iterator[Database]:
    """Migrated and empty, or a copy of another that nobody else uses now; dropped at the end."""
    full_name = f"scale_{os.getpid()}_{name}"
    template = "template0"
    if copy_of is not None:
        copy_of.engine.dispose()
        template = str(copy_of.engine.url.database)
    run(server_url, f"CREATE DATABASE {full_name} TEMPLATE {template} ENCODING 'UTF8'")
    engine = make_engine(url_of(server_url, full_name), "scale")
    try:
        if copy_of is None:
            migrate(engine)
        yield Database(name, engine)
    finally:
        engine.dispose()
        run(server_url, f"DROP DATABASE {full_name} WITH (FORCE)")
