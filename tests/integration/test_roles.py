"""The application works on the tables with a role that neither owns them nor can touch what the audit log says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from core.access import audit_chain, users
from core.access.actors import SYSTEM, Actor, Role
from core.access.sign_in import sign_in
from core.db import roles
from core.db.embedded import temporary_server
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.queue import clean, counts, manage
from core.queue.enqueue import enqueue
from core.settings.change import change
from tests.shop import articles, run_sql


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    """(the application's, the owner's) of a new embedded database."""
    with temporary_server() as server:
        owner = make_engine(server.url, "owner")
        migrate(owner)
        roles.let_work(owner, str(make_url(server.application_url).username))
        owner.dispose()
        yield server.application_url, server.url


@pytest.fixture
def application(urls: tuple[str, str]) -> Iterator[Engine]:
    engine = make_engine(urls[0], "application")
    yield engine
    engine.dispose()


def test_the_applications_role_does_the_applications_work(application: Engine, operator: Actor) -> None:
    ids = articles(application, 3)
    done = enqueue(application, operator, ids, origin="panel")
    assert manage.cancel(application, operator, job_ids=[done.added[0].queue_id]) == 1
    change(application, SYSTEM, "in_flight", 5)
    _user, password = users.create_user(application, SYSTEM, email="eva@x.co", name="Eva", role=Role.VIEWER)
    sign_in(application, "eva@x.co", password, ip="", user_agent="", kind="panel")
    counts.fold(application)
    assert clean.clean(application, SYSTEM, 0) == 0
    assert audit_chain.verify(application).problem is None
    migrate(application)  # at its newest shape there is nothing to do, and no right is missing


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revelado.audit SET user_name = 'x'",
        "DELETE FROM revelado.audit",
        "TRUNCATE revelado.audit",
        "ALTER TABLE revelado.audit DISABLE TRIGGER ALL",
        "DROP TABLE revelado.audit",
        "UPDATE revelado.audit_head SET last_id = 0",
        "INSERT INTO revelado.audit_head VALUES (1, 0, '')",
        "UPDATE revelado.alembic_version SET version_num = '0001'",
        "CREATE OR REPLACE FUNCTION revelado.audit_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE revelado.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "ALTER TABLE public.articulos ADD COLUMN mine int",
        "TRUNCATE public.image_processing_queue",
        "CREATE ROLE mine",
        "COPY revelado.audit TO PROGRAM 'cat'",
    ],
)
def test_it_can_do_nothing_else(application: Engine, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        run_sql(application, statement)


def test_granting_again_changes_nothing(urls: tuple[str, str]) -> None:
    owner = make_engine(urls[1], "owner")
    look = text("SELECT relname, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY oid")
    with owner.connect() as connection:
        before = connection.execute(look).all()
    roles.let_work(owner, "revelado_app")
    with owner.connect() as connection:
        assert connection.execute(look).all() == before
    owner.dispose()
