"""Connections that died in the pool."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from core.db import liveness
from core.db.engine import make_engine

PID = text("SELECT pg_backend_pid()")


def pid_of(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(PID).scalar_one())


def kill(engine: Engine, *pids: int) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(:pids) pid"), {"pids": list(pids)})


def pooled(database_url: str) -> Engine:
    return make_engine(database_url, "test")


def test_one_that_died_while_it_rested_is_replaced_unseen(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "TRUSTED", 0.0)
    other = pooled(database_url)
    died = pid_of(other)
    kill(engine, died)
    assert pid_of(other) != died
    other.dispose()


def test_one_that_dies_right_after_its_use_is_met_once_and_takes_the_others_along(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "TRUSTED", 3600.0)
    other = pooled(database_url)
    with other.connect() as one, other.connect() as two:
        died = [connection.execute(PID).scalar_one() for connection in (one, two)]
    kill(engine, *died)
    with pytest.raises(OperationalError) as met:
        pid_of(other)
    assert met.value.connection_invalidated
    assert pid_of(other) not in died, "the second of them is not met as well"
    other.dispose()


def test_one_used_a_moment_ago_is_not_asked(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = pooled(database_url)
    asked = []
    monkeypatch.setattr(other.dialect, "do_ping", lambda _connection: asked.append(1) or True)
    pid_of(other)
    pid_of(other)
    assert not asked
    monkeypatch.setattr(liveness, "TRUSTED", 0.0)
    pid_of(other)
    assert asked
    other.dispose()
