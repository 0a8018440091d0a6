"""Failures: one shape, Spanish, the right status."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from core.api.body_limit import MAX_BODY
from core.bootstrap import Database
from core.db.engine import make_engine

BATCH = "/api/articulos/batch-process-images"
QUEUE = "/api/articulos/processing-queue"


BODIES: list[tuple[object, str]] = [
    ({}, "articuloIds: falta."),
    ({"articuloIds": []}, "articuloIds: debe tener al menos 1 elemento(s)."),
    ({"articuloIds": "1"}, "articuloIds: debe ser una lista."),
    ({"articuloIds": [1, "x"]}, "articuloIds[1]: debe ser un número entero."),
    ({"articuloIds": [1.5]}, "articuloIds[0]: debe ser un número entero."),
    ({"articuloIds": [None]}, "articuloIds[0]: debe ser un número entero."),
    ({"articuloIds": [1], "prioridad": "alta"}, "prioridad: debe ser un número entero."),
    ({"articuloIds": [1], "prioridad": 5000}, "prioridad: use un número entero entre -1000 y 1000."),
    ([1], "cuerpo: debe ser un objeto JSON (con Content-Type: application/json)."),
    ({"articuloIds": [1] * 100_001}, "articuloIds: debe tener como mucho 100000 elementos."),
]


def test_a_body_that_is_not_as_agreed_is_refused_by_name(operating: TestClient) -> None:
    for body, message in BODIES:
        answer = operating.post(BATCH, json=body)
        assert (answer.status_code, answer.json()) == (422, {"success": False, "message": message})


QUERIES = [
    (f"{QUEUE}/history?limit=0", "limit: debe ser 1 o más."),
    (f"{QUEUE}/history?limit=100001", "limit: debe ser 100000 o menos."),
    (f"{QUEUE}/history?offset=-1", "offset: debe ser 0 o más."),
    (f"{QUEUE}/history?limit=muchos", "limit: debe ser un número entero."),
    ("/api/articulos?activo=quizá", "activo: debe ser true o false."),
    ("/api/articulos?categoria_id=x", "categoria_id: debe ser un número entero."),
    ("/api/articulos?limit=0", "limit: debe ser 1 o más."),
]


def test_a_query_that_is_not_as_agreed_is_refused_by_name(viewing: TestClient) -> None:
    for query, message in QUERIES:
        answer = viewing.get(query)
        assert (answer.status_code, answer.json()) == (422, {"success": False, "message": message})


def test_days_without_sense_are_refused(administering: TestClient) -> None:
    for days in ("-1", "x", "99999999999"):
        answer = administering.delete(f"{QUEUE}/clean?dias={days}")
        assert answer.status_code == 422
        assert answer.json()["message"].startswith("dias: ")


def test_a_body_that_is_no_json_is_the_callers_fault(operating: TestClient) -> None:
    for body in (b"{", b"\xff\xfe", b"[" * 100_000, b'{"articuloIds": [' + b"9" * 5000 + b"]}"):
        answer = operating.post(BATCH, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), body[:20]
        assert answer.json()["success"] is False


def test_an_unknown_address_and_a_wrong_method_answer_in_the_same_shape(viewing: TestClient) -> None:
    unknown = viewing.get("/api/nada")
    assert unknown.status_code == 404
    assert unknown.json() == {"success": False, "message": "No existe esta dirección de la API."}
    wrong = viewing.put(BATCH)
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"
    assert wrong.json() == {"success": False, "message": "Esta dirección de la API no admite este método."}


def test_a_body_above_the_limit_is_refused_announced_or_not(stranger: TestClient) -> None:
    def in_pieces() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * (MAX_BODY // 2)

    for content in (b" " * (MAX_BODY + 1), in_pieces()):
        answer = stranger.post("/api/auth/login", content=content)
        assert answer.status_code == 413
        assert answer.json() == {"success": False, "message": "La solicitud supera 2 MB."}


def test_the_largest_batch_fits(operating: TestClient) -> None:
    body = json.dumps({"articuloIds": list(range(10**8, 10**8 + 100_000))})
    assert len(body) < MAX_BODY
    answer = operating.post(BATCH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["data"]["omitidos"] == 100_000


def test_what_nobody_foresaw_gives_a_reference_that_the_log_explains(
    api: FastAPI, viewing: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    @api.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    with caplog.at_level(logging.ERROR, "revelado.api"):
        answer = viewing.get("/api/broken")
    assert answer.status_code == 500
    assert answer.json()["success"] is False
    assert "secret" not in answer.text
    (reference,) = re.findall(r"\b[0-9a-f]{8}\b", answer.json()["message"])
    (record,) = caplog.records
    assert reference in record.getMessage()
    assert record.exc_info is not None
    assert "secret detail" in str(record.exc_info[1])


def test_a_database_that_is_away_is_told_apart_from_a_bug(api: FastAPI, viewing: TestClient) -> None:
    nowhere = make_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nothing", "test")
    api.state.app = replace(api.state.app, database=Database(nowhere, None))
    answer = viewing.get("/api/articulos")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["message"] == "La base de datos no responde. Vuelva a probar en un momento."
