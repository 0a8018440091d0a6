"""Databases made and dropped on a server, for tests and benchmarks."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

_numbers = itertools.count()


def new_database(server_url: str, template: str | None) -> Iterator[str]:
    """The URL of a database that is empty, or a copy of the template; dropped at the end."""
    name = f"revelado_test_{os.getpid()}_{next(_numbers)}"
    run(server_url, f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
    yield url_of(server_url, name)
    run(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def url_of(server_url: str, database: str) -> str:
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


def run(url: str, statement: str) -> None:
    """In no transaction, as CREATE DATABASE and VACUUM want it."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    for left in reversed(range(50)):
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
            return
        except ProgrammingError as error:
            # An autovacuum worker is in the database, and an ordinary role may not end it; it goes by itself.
            if not isinstance(error.orig, InsufficientPrivilege) or left == 0:
                raise
            time.sleep(0.2)
