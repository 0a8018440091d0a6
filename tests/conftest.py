"""One PostgreSQL a test process, one migrated template, a fresh database a test."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator

import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from core.access.actors import Actor, Role
from core.db.embedded import temporary_server
from core.db.engine import make_engine
from core.db.migrate import migrate
from tests.browser.chromium import browser  # noqa: F401 - one for all folders

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """`DATABASE_URL` names a server to test on instead, with a role that may create databases."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg2://", 1)
        return
    with temporary_server(in_memory=True) as server:
        yield server.url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    name = f"revelado_template_{os.getpid()}"
    _run(server_url, f"CREATE DATABASE {name}")
    engine = make_engine(_url_of(server_url, name), "template")
    migrate(engine)
    engine.dispose()
    yield name
    _run(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    yield from _database(server_url, None)


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """The URL of a fresh migrated database."""
    yield from _database(server_url, template)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, "test")
    yield engine
    engine.dispose()


@pytest.fixture
def admin() -> Actor:
    return Actor(None, "Alicia", Role.ADMIN)


@pytest.fixture
def operator() -> Actor:
    return Actor(None, "Beto", Role.OPERATOR)


@pytest.fixture
def viewer() -> Actor:
    return Actor(None, "Carla", Role.VIEWER)


def _database(server_url: str, template: str | None) -> Iterator[str]:
    name = f"revelado_test_{os.getpid()}_{next(_numbers)}"
    _run(server_url, f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
    yield _url_of(server_url, name)
    _run(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _url_of(server_url: str, database: str) -> str:
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


def _run(server_url: str, statement: str) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    for left in reversed(range(20)):
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
            return
        except ProgrammingError as error:
            # An autovacuum worker is in the database, and an ordinary role may not end it; it goes by itself.
            if not isinstance(error.orig, InsufficientPrivilege) or left == 0:
                raise
            time.sleep(0.2)
