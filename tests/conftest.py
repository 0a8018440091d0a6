"""One PostgreSQL a test process, one migrated template, a fresh database a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import itemgetter

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.db.embedded import temporary_server
from core.db.engine import make_engine
from core.db.migrate import migrate
from tests.browser.chromium import browser  # noqa: F401 - one for all folders
from tests.databases import new_database, run, url_of

#: Seconds. What is allowed to take longer begins first.
LONG = 240


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side (`--dist worksteal`: each worker has a stretch of the list, and who is done takes from another's end)
    the few tests of minutes each stand at the heads of the stretches: whoever began one last would be waited for alone."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    dear = [item for item in items if (mark := item.get_closest_marker("timeout")) and mark.args[0] > LONG]
    if workers == 1 or not dear:
        return
    share = len(items) // workers
    rest = [item for item in items if item not in dear]
    for place, item in sorted(
        ((n % workers * share + n // workers, item) for n, item in enumerate(dear)), key=itemgetter(0)
    ):
        rest.insert(place, item)
    items[:] = rest


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
    run(server_url, f"CREATE DATABASE {name}")
    engine = make_engine(url_of(server_url, name), "template")
    migrate(engine)
    engine.dispose()
    yield name
    run(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    yield from new_database(server_url, None)


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """The URL of a fresh migrated database."""
    yield from new_database(server_url, template)


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
