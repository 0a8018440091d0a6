"""The interface described, for those who are signed in, from this server alone."""

from __future__ import annotations

import re

from sqlalchemy import Engine
from starlette.testclient import TestClient

from core.access.actors import Role
from tests.api.conftest import session_of
from tests.shop import run_sql


def test_the_description_is_for_a_bearer_or_the_panels_cookie(
    viewing: TestClient, stranger: TestClient, engine: Engine
) -> None:
    stranger.cookies.set("sid", session_of(engine, Role.VIEWER, kind="panel"))
    for client in (viewing, stranger):
        assert client.get("/api/docs").status_code == 200
        assert client.get("/api/openapi.json").status_code == 200


def test_a_cookie_that_no_longer_counts_shows_no_description(stranger: TestClient, engine: Engine) -> None:
    stranger.cookies.set("sid", session_of(engine, Role.VIEWER, kind="panel"))
    run_sql(engine, "UPDATE revelado.sessions SET revoked_at = now()")
    assert stranger.get("/api/docs").status_code == 401
    stranger.cookies.set("sid", session_of(engine, Role.VIEWER, kind="panel", must_change=True))
    assert stranger.get("/api/docs").status_code == 403


def test_the_page_lists_every_call_and_loads_nothing(viewing: TestClient) -> None:
    answer = viewing.get("/api/docs")
    for path in viewing.get("/api/openapi.json").json()["paths"]:
        assert f"/api{path}" in answer.text
    assert "Tornillo hexagonal 3/8&quot;" in answer.text or "Tornillo hexagonal 3/8\\&quot;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<link|<img|src=", answer.text)


def test_openapi_describes_the_contract_with_examples_and_the_shape_of_failures(viewing: TestClient) -> None:
    schema = viewing.get("/api/openapi.json").json()
    assert schema["servers"] == [{"url": "/api"}]
    assert set(schema["paths"]) == {
        "/auth/login",
        "/auth/logout",
        "/articulos",
        "/articulos/batch-process-images",
        "/articulos/processing-queue/status",
        "/articulos/processing-queue/history",
        "/articulos/processing-queue/{id}/retry",
        "/articulos/processing-queue/clean",
    }
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    assert schema["components"]["schemas"]["BatchRequest"]["properties"]["articuloIds"]["examples"] == [[1, 2]]
