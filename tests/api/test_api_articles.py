"""The catalogue over REST, and sending articles to the queue."""

from __future__ import annotations

from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.shop import article, articles, category, one, rows

BATCH = "/api/articulos/batch-process-images"


def test_articles_carry_the_fields_that_scripts_read(viewing: TestClient, engine: Engine) -> None:
    screws = category(engine)
    article_id = article(engine, categoria_id=screws, codigo="TOR-1", unidad="unidad", descripcion="Acero")
    assert viewing.get("/api/articulos").json() == {
        "success": True,
        "data": {
            "articulos": [
                {
                    "id": article_id,
                    "codigo": "TOR-1",
                    "nombre": 'Tornillo hexagonal 3/8"',
                    "descripcion": "Acero",
                    "unidad": "unidad",
                    "categoria_id": screws,
                    "categoria": "Tornillería",
                    "imagen_url": "http://shop/a.jpg",
                    "activo": True,
                }
            ]
        },
    }


def ids(client: TestClient, query: str) -> list[int]:
    answer = client.get(f"/api/articulos?{query}")
    assert answer.status_code == 200, answer.text
    return [found["id"] for found in answer.json()["data"]["articulos"]]


def test_articles_are_filtered_by_activity_and_category(viewing: TestClient, engine: Engine) -> None:
    screws, paint = category(engine), category(engine, "Pintura")
    on = article(engine, categoria_id=screws)
    off = article(engine, categoria_id=screws, activo=False)
    other = article(engine, categoria_id=paint)
    assert ids(viewing, "") == [on, off, other]
    assert ids(viewing, "activo=true") == [on, other]
    assert ids(viewing, "activo=false") == [off]
    assert ids(viewing, f"activo=true&categoria_id={screws}") == [on]
    assert ids(viewing, "categoria_id=999") == []


def test_all_that_match_come_unless_a_limit_is_given(viewing: TestClient, engine: Engine) -> None:
    made = articles(engine, 120)
    assert ids(viewing, "") == made
    assert ids(viewing, "limit=2") == made[:2]
    assert ids(viewing, "limit=2&offset=2") == made[2:4]
    assert ids(viewing, "offset=118") == made[118:]


def test_a_batch_says_what_was_added_and_why_the_rest_was_not(operating: TestClient, engine: Engine) -> None:
    good, queued = article(engine), article(engine)
    bare, off = article(engine, imagen_url=None), article(engine, activo=False)
    operating.post(BATCH, json={"articuloIds": [queued]})
    answer = operating.post(BATCH, json={"articuloIds": [good, bare, off, queued, 999, good], "prioridad": 5})
    job = one(engine, "SELECT * FROM image_processing_queue WHERE articulo_id = :id", id=good)
    assert (job.estado, job.prioridad, job.intentos) == ("pending", 5, 0)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "1 artículo(s) agregado(s) a la cola de procesamiento",
        "data": {
            "agregados": 1,
            "omitidos": 4,
            "detalles": {
                "agregados": [{"articuloId": good, "queueId": job.id}],
                "omitidos": [
                    {"articuloId": bare, "motivo": "No tiene imagen"},
                    {"articuloId": off, "motivo": "Está inactivo"},
                    {"articuloId": queued, "motivo": "Ya está en la cola"},
                    {"articuloId": 999, "motivo": "No existe ese artículo"},
                ],
            },
        },
    }


def test_two_articles_are_announced_as_two_and_priority_is_zero_by_default(
    operating: TestClient, engine: Engine
) -> None:
    answer = operating.post(BATCH, json={"articuloIds": articles(engine, 2)})
    assert answer.json()["message"] == "2 artículo(s) agregado(s) a la cola de procesamiento"
    assert [row.prioridad for row in rows(engine, "SELECT prioridad FROM image_processing_queue")] == [0, 0]


def test_an_id_beyond_the_columns_range_is_only_unknown(operating: TestClient) -> None:
    answer = operating.post(BATCH, json={"articuloIds": [2**31, 10**30, -1, 0]})
    assert answer.status_code == 200
    assert answer.json()["data"]["omitidos"] == 4


def test_the_same_idempotency_key_adds_nothing_new(operating: TestClient, engine: Engine) -> None:
    first, second = articles(engine, 2)
    headers = {"Idempotency-Key": "lunes-1"}
    once = operating.post(BATCH, json={"articuloIds": [first]}, headers=headers).json()
    again = operating.post(BATCH, json={"articuloIds": [first]}, headers=headers).json()
    assert once == again
    other = operating.post(BATCH, json={"articuloIds": [second]}, headers={"Idempotency-Key": "lunes-2"}).json()
    assert other["data"]["agregados"] == 1


def test_an_idempotency_key_is_its_users_own(operating: TestClient, administering: TestClient, engine: Engine) -> None:
    first, second = articles(engine, 2)
    for client, article_id in ((operating, first), (administering, second)):
        answer = client.post(BATCH, json={"articuloIds": [article_id]}, headers={"Idempotency-Key": "1"})
        assert answer.json()["data"]["detalles"]["agregados"][0]["articuloId"] == article_id
