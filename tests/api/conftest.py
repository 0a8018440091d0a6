"""The API over HTTP shapes, on a fresh database, with a client for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core import config
from core.access.actors import Role
from core.access.sessions import digest, new_token
from core.api.app import create_api
from core.bootstrap import App, Database
from core.providers.local_host import LocalHost
from core.providers.safe_fetch import SafeFetcher

ClientOf = Callable[[Role], TestClient]


@pytest.fixture
def api(engine: Engine, tmp_path: Path) -> FastAPI:
    local_host = LocalHost(tmp_path / "fotos", base_url="")
    settings = config.load({"DATA_DIR": str(tmp_path)}, tmp_path / "no.env")
    app = App(settings, Database(engine, None), local_host, local_host, SafeFetcher(frozenset()))
    return create_api(app)


@pytest.fixture
def stranger(api: FastAPI) -> Iterator[TestClient]:
    """Nobody signed in."""
    with TestClient(Starlette(routes=[Mount("/api", api)])) as client:
        yield client


@pytest.fixture
def signed_in(api: FastAPI, engine: Engine) -> ClientOf:
    """A client for a user of that role."""

    def client_of(role: Role) -> TestClient:
        client = TestClient(Starlette(routes=[Mount("/api", api)]))
        client.headers["Authorization"] = f"Bearer {session_of(engine, role)}"
        return client

    return client_of


@pytest.fixture
def viewing(signed_in: ClientOf) -> TestClient:
    return signed_in(Role.VIEWER)


@pytest.fixture
def operating(signed_in: ClientOf) -> TestClient:
    return signed_in(Role.OPERATOR)


@pytest.fixture
def administering(signed_in: ClientOf) -> TestClient:
    return signed_in(Role.ADMIN)


def session_of(engine: Engine, role: Role, kind: str = "api", must_change: bool = False) -> str:
    """The token of a session opened without a sign-in, which would cost a hash each time."""
    token = new_token()
    with engine.begin() as connection:
        connection.execute(
            text(
                "WITH u AS (INSERT INTO revelado.users (email, name, password_hash, role, must_change_password)"
                " VALUES (:email, 'Ana', '', :role, :must_change) RETURNING id)"
                " INSERT INTO revelado.sessions (token_hash, user_id, kind, expires_at)"
                " SELECT :hash, id, :kind, now() + interval '1 hour' FROM u"
            ),
            {
                "email": f"{digest(token).hex()[:12]}@x.test",
                "role": role,
                "hash": digest(token),
                "kind": kind,
                "must_change": must_change,
            },
        )
    return token
