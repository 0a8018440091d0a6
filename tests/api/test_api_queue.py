"""The queue over REST: status, history, retry, clean."""

from __future__ import annotations

import re
import uuid

from sqlalchemy import Engine
from starlette.testclient import TestClient

from core.access.actors import SYSTEM
from core.queue import claim, finish
from core.queue.enqueue import enqueue
from core.queue.finish import Failure
from core.queue.jobs import Job
from core.settings.change import change
from tests.shop import article, articles, job, one, run_sql

QUEUE = "/api/articulos/processing-queue"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def queue(engine: Engine, count: int) -> list[int]:
    return [added.queue_id for added in enqueue(engine, SYSTEM, articles(engine, count), origin="panel").added]


def take(engine: Engine, count: int) -> list[Job]:
    with engine.begin() as connection:
        return claim.claim(connection, uuid.uuid4(), count)


def finished(engine: Engine, count: int, outcome: finish.Outcome = "completed") -> list[int]:
    queue(engine, count)
    taken = take(engine, count)
    with engine.begin() as connection:
        for held in taken:
            failure = Failure("gemini_refused", "Gemini no quiso.") if outcome == "failed" else None
            finish.end(connection, held, outcome, failure=failure)
    return [held.id for held in taken]


def test_an_idle_queue_is_all_zeros_and_no_article(viewing: TestClient) -> None:
    assert viewing.get(f"{QUEUE}/status").json() == {
        "success": True,
        "data": {
            "stats": {"pendientes": 0, "procesando": 0, "completados": 0, "fallidos": 0, "total": 0},
            "articuloActual": None,
        },
    }


def test_the_status_counts_each_state_and_shows_the_article_started_first(viewing: TestClient, engine: Engine) -> None:
    finished(engine, 1)
    finished(engine, 2, "failed")
    queue(engine, 5)
    _, second = take(engine, 2)
    run_sql(engine, "UPDATE image_processing_queue SET started_at = '2025-01-20 17:30-03' WHERE id = :id", id=second.id)
    data = viewing.get(f"{QUEUE}/status").json()["data"]
    assert data["stats"] == {"pendientes": 3, "procesando": 2, "completados": 1, "fallidos": 2, "total": 8}
    current = data["articuloActual"]
    seconds = current.pop("segundos_procesando")
    assert isinstance(seconds, float)
    assert seconds > 1e6
    assert current == {
        "id": second.id,
        "articulo_id": second.articulo_id,
        "articulo_nombre": second.articulo_nombre,
        "estado": "processing",
        "started_at": "2025-01-20T20:30:00.000Z",
        "intentos": 1,
    }


def test_the_seconds_stay_a_float_when_they_are_whole(viewing: TestClient, engine: Engine) -> None:
    queue(engine, 1)
    take(engine, 1)
    run_sql(engine, "UPDATE image_processing_queue SET started_at = NULL, adopted = true")
    assert '"segundos_procesando":0.0' in viewing.get(f"{QUEUE}/status").text


def test_the_history_is_newest_first_with_its_paging_repeated(viewing: TestClient, engine: Engine) -> None:
    (failed,) = finished(engine, 1, "failed")
    waiting = queue(engine, 2)
    run_sql(
        engine,
        "UPDATE image_processing_queue SET started_at = '2025-01-20 20:30Z', completed_at = '2025-01-20 20:30:14.4Z',"
        " created_at = '2025-01-20 20:29:59.9876Z' WHERE id = :id",
        id=failed,
    )
    data = viewing.get(f"{QUEUE}/history").json()["data"]
    assert (data["limit"], data["offset"]) == (50, 0)
    assert [item["id"] for item in data["historial"]] == [*reversed(waiting), failed]
    assert data["historial"][-1] == {
        "id": failed,
        "articulo_id": job(engine, failed).articulo_id,
        "articulo_nombre": "Artículo 0",
        "estado": "failed",
        "prioridad": 0,
        "intentos": 1,
        "max_intentos": 3,
        "error_message": "Gemini no quiso.",
        "created_at": "2025-01-20T20:29:59.987Z",
        "started_at": "2025-01-20T20:30:00.000Z",
        "completed_at": "2025-01-20T20:30:14.400Z",
        "duracion_segundos": 14,
    }
    assert data["historial"][0]["started_at"] is None
    assert TIME.fullmatch(data["historial"][0]["created_at"])
    page = viewing.get(f"{QUEUE}/history?limit=1&offset=1").json()["data"]
    assert [item["id"] for item in page["historial"]] == [waiting[0]]
    assert (page["limit"], page["offset"]) == (1, 1)


def test_a_failed_job_is_tried_again_from_attempt_zero_and_keeps_its_attempts(
    operating: TestClient, engine: Engine
) -> None:
    (failed,) = finished(engine, 1, "failed")
    answer = operating.post(f"{QUEUE}/{failed}/retry")
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "El artículo volvió a la cola de procesamiento",
        "data": {"id": failed, "estado": "pending"},
    }
    assert (job(engine, failed).estado, job(engine, failed).intentos) == ("pending", 0)
    assert one(engine, "SELECT count(*) AS n FROM revelado.attempts WHERE job_id = :id", id=failed).n == 1


def test_only_a_failed_job_can_be_tried_again(operating: TestClient, engine: Engine) -> None:
    (completed,) = finished(engine, 1)
    (waiting,) = queue(engine, 1)
    for job_id in (completed, waiting):
        answer = operating.post(f"{QUEUE}/{job_id}/retry")
        assert answer.status_code == 409
        assert answer.json() == {"success": False, "message": "Solo se puede reintentar un trabajo fallido."}


def test_a_job_whose_article_waits_again_is_a_conflict(operating: TestClient, engine: Engine) -> None:
    (failed,) = finished(engine, 1, "failed")
    enqueue(engine, SYSTEM, [job(engine, failed).articulo_id], origin="panel")
    assert operating.post(f"{QUEUE}/{failed}/retry").status_code == 409


def test_a_job_that_never_was_is_not_found(operating: TestClient) -> None:
    for job_id in (1, 0, -1, 2**31, 10**30):
        answer = operating.post(f"{QUEUE}/{job_id}/retry")
        assert answer.status_code == 404
        assert answer.json() == {"success": False, "message": f"No existe el trabajo {job_id}."}


def test_cleaning_removes_what_ended_before_the_given_days(administering: TestClient, engine: Engine) -> None:
    old, recent = finished(engine, 2)
    (old_failed,) = finished(engine, 1, "failed")
    (waiting,) = queue(engine, 1)
    for job_id, days in ((old, 8), (old_failed, 8), (recent, 6)):
        run_sql(
            engine,
            "UPDATE image_processing_queue SET completed_at = now() - make_interval(days => :days) WHERE id = :id",
            id=job_id,
            days=days,
        )
    assert administering.delete(f"{QUEUE}/clean?dias=9").json()["data"] == {"eliminados": 0}
    assert administering.delete(f"{QUEUE}/clean").json() == {
        "success": True,
        "message": "2 registro(s) eliminado(s) de la cola de procesamiento",
        "data": {"eliminados": 2},
    }
    change(engine, SYSTEM, "clean_days", 5)
    assert administering.delete(f"{QUEUE}/clean").json()["data"] == {"eliminados": 1}
    assert job(engine, waiting).estado == "pending"


def test_a_difficult_name_survives_json(viewing: TestClient, engine: Engine) -> None:
    name = 'Tubo 3/8" «ñandú» <b>\\ 😀'
    enqueue(engine, SYSTEM, [article(engine, name)], origin="panel")
    assert viewing.get(f"{QUEUE}/history").json()["data"]["historial"][0]["articulo_nombre"] == name
