"""Role × call: every call of the interface, with nobody, with each role, and with the session of somebody switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from core.access.actors import Actor, Role
from tests.shop import run_sql

V, O, A = Role.VIEWER, Role.OPERATOR, Role.ADMIN  # noqa: E741 - a table of one-letter cells
ClientOf = Callable[[Role], TestClient]

#: call → the lowest role; None: open to everybody.
MATRIX: dict[tuple[str, str], Role | None] = {
    ("post", "/auth/login"): None,
    ("post", "/auth/logout"): V,
    ("get", "/articulos"): V,
    ("post", "/articulos/batch-process-images"): O,
    ("get", "/articulos/processing-queue/status"): V,
    ("get", "/articulos/processing-queue/history"): V,
    ("post", "/articulos/processing-queue/{id}/retry"): O,
    ("delete", "/articulos/processing-queue/clean"): A,
}
BODIES: dict[str, object] = {"/articulos/batch-process-images": {"articuloIds": [1]}}


def calls(api: FastAPI) -> set[tuple[str, str]]:
    return {(method, path) for path, methods in api.openapi()["paths"].items() for method in methods}


def ask(client: TestClient, method: str, path: str) -> int:
    address = "/api" + path.replace("{id}", "1")
    return client.request(method.upper(), address, json=BODIES.get(path)).status_code


def test_every_call_is_in_the_matrix(api: FastAPI) -> None:
    assert calls(api) == set(MATRIX), "say here which role a new call needs"


def test_a_stranger_gets_nothing_but_the_sign_in(stranger: TestClient) -> None:
    for token in ("", "Bearer ", "Bearer x", "Bearer rvl_x", "Basic eDp4", "Bearer ' OR 1=1 --"):
        if token:
            stranger.headers["Authorization"] = token
        for (method, path), role in MATRIX.items():
            assert ask(stranger, method, path) == (422 if role is None else 401), (method, path, token)
        for path in ("/docs", "/openapi.json"):
            assert ask(stranger, "get", path) == 401


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_what_is_its_own_and_a_clear_refusal_for_the_rest(signed_in: ClientOf, role: Role) -> None:
    client = signed_in(role)
    for (method, path), lowest in sorted(MATRIX.items(), key=lambda call: call[0][1] == "/auth/logout"):
        status = ask(client, method, path)
        if lowest is not None and not Actor(1, "", role).can(lowest):
            assert status == 403, (method, path)
        else:
            assert status not in (401, 403) and status < 500, (method, path, status)


def test_somebody_switched_off_is_refused_at_the_next_call(signed_in: ClientOf, engine: Engine) -> None:
    client = signed_in(Role.ADMIN)
    assert ask(client, "get", "/articulos") == 200
    run_sql(engine, "UPDATE revelado.users SET active = false")
    for (method, path), role in MATRIX.items():
        if role is not None:
            assert ask(client, method, path) == 401
