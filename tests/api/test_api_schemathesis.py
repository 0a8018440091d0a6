"""Schemathesis over the OpenAPI, every check on: all phases against the real application on a real database."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from core.access.actors import Role
from core.access.passwords import hash_password
from tests.api.conftest import session_of
from tests.cheap_hashes import cheap_hashes as cheap_hashes
from tests.shop import articles, run_sql

pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.fixture
def shop(engine: Engine) -> None:
    """Articles that may be queued, one that may not, and jobs that failed and finished."""
    run_sql(
        engine,  # whom the example of the sign-in names
        "INSERT INTO revelado.users (email, name, password_hash, role) VALUES (:email, 'Ana', :hash, 'operador')",
        email="ana@ferreteria.com",
        hash=hash_password("tres palabras largas"),
    )
    wanted = articles(engine, 5)
    articles(engine, 1, activo=False)
    for number, estado in enumerate(("failed", "failed", "completed", "pending")):
        run_sql(
            engine,
            "INSERT INTO image_processing_queue (articulo_id, articulo_nombre, estado, intentos, error_message, completed_at)"
            " VALUES (:id, 'x', :estado, 1, 'No se pudo', CASE WHEN :estado <> 'pending' THEN now() END)",
            id=wanted[number],
            estado=estado,
        )


class SignedInAgain:
    """Signing out is called as any other: whoever called it comes back."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self._app, self._engine = app, engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        if scope.get("path", "").endswith("/auth/logout"):
            run_sql(self._engine, "UPDATE revelado.sessions SET revoked_at = NULL")


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def findings(api: FastAPI, engine: Engine, folder: Path, *more: str) -> str:
    """What Schemathesis has to say; empty: nothing."""
    schema = folder / "openapi.json"
    schema.write_text(json.dumps(api.openapi()))
    token = session_of(engine, Role.ADMIN)
    with served(SignedInAgain(Starlette(routes=[Mount("/api", api)]), engine)) as url:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(schema), "--url", f"{url}/api"),
                *("--header", f"Authorization: Bearer {token}", "--checks", "all", "--mode", "all"),
                *("--phases", "examples,coverage,fuzzing,stateful", "--no-shrink", "--no-color", *more),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
        )
    return "" if run.returncode == 0 else run.stdout + run.stderr


def test_a_short_session_finds_nothing(api: FastAPI, engine: Engine, shop: None, tmp_path: Path) -> None:
    assert not findings(api, engine, tmp_path, "--max-examples", "5")


@pytest.mark.long
def test_a_long_session_finds_nothing(api: FastAPI, engine: Engine, shop: None, tmp_path: Path) -> None:
    assert not findings(api, engine, tmp_path, "--max-examples", "300")
