"""One durable PostgreSQL for all contenders, and a new database for each run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import NullPool, create_engine, make_url, text

from core.db.embedded import EmbeddedServer, temporary_server
from core.db.embedded.place import find
from tests.databases import run

DURABLE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@dataclass(frozen=True)
class Server:
    url: str
    version: str
    settings: Mapping[str, str]

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The libpq DSN of an empty database, dropped at the end."""
        name = f"peers_{os.getpid()}_{name}"
        run(self.url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            url = make_url(self.url).set(drivername="postgresql", database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            run(self.url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def durable_server() -> Iterator[Server]:
    """The server of DATABASE_URL, whose role may create databases, or our own. Raises SystemExit when not durable."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield _checked(given.replace("postgresql://", "postgresql+psycopg2://", 1))
        return
    with temporary_server(fast=True) as server:
        _make_durable(server)
        yield _checked(server.url)


def _make_durable(server: EmbeddedServer) -> None:
    """The tests' server lets its role create databases, as the durable one does not; its file may be added to."""
    place = find(server.data_dir)
    assert place is not None
    with (place.cluster / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = on\n" for name in DURABLE)
    os.sync()  # it was made without
    os.kill(int((place.cluster / "postmaster.pid").read_text().split()[0]), signal.SIGHUP)
    deadline = time.monotonic() + 10
    while any(value != "on" for value in _show(server.url).values()) and time.monotonic() < deadline:
        time.sleep(0.05)


def _checked(url: str) -> Server:
    settings = _show(url)
    if off := [name for name, value in settings.items() if value != "on"]:
        raise SystemExit(f"not durable by default, nothing to compare: {', '.join(off)}")
    return Server(url, _query(url, "SHOW server_version")[0][0], settings)


def _show(url: str) -> dict[str, str]:
    return {name: _query(url, f"SHOW {name}")[0][0] for name in DURABLE}


def count_states(dsn: str, statement: str) -> dict[str, int]:
    rows = _query(dsn.replace("postgresql://", "postgresql+psycopg2://", 1), statement)
    return {state: int(count) for state, count in rows}


def vacuum(dsn: str) -> None:
    run(dsn.replace("postgresql://", "postgresql+psycopg2://", 1), "VACUUM ANALYZE")


def _query(url: str, statement: str) -> list[tuple[str, ...]]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
