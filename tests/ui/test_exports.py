import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.catalog.articles import ArticleFilter
from core.providers.local_host import LocalHost
from core.queue.enqueue import enqueue
from core.ui import exports, guard, photos_file, xlsx_out
from tests.shop import photo
from tests.ui.pages_harness import add_articles, add_purchase, finish, judged_pictures, make_app


@pytest.fixture
def client(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Its `sid` cookie is good when it says `good`."""
    app = make_app(engine, tmp_path)
    guard.install(app)
    session = Session(b"x", Actor(None, "Carla", Role.VIEWER), "c@x.co", "es", False, "panel")
    monkeypatch.setattr(
        guard, "of_cookie_header", lambda header, _address=None: session if header == "sid=good" else None
    )
    with TestClient(Starlette(routes=exports.routes(app)), headers={"Cookie": "sid=good"}) as client:
        yield client
    guard.install(None)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_without_a_session_nothing_is_given(client: TestClient) -> None:
    answer = client.get("/exportar/historial.csv", headers={"Cookie": "sid=other"})
    assert answer.status_code == 401
    assert "Inicie sesión" in answer.text


def test_the_history_as_a_file_for_a_spanish_spreadsheet(client: TestClient, engine: Engine, operator: Actor) -> None:
    ids = add_articles(engine, 2, categoria_id=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE articulos SET nombre = '=1+1' WHERE id = :id"), {"id": ids[0]})
    jobs = [added.queue_id for added in enqueue(engine, operator, ids, origin="panel").added]
    finish(engine, jobs[0], "failed", error="La foto no se puede abrir.")
    answer = client.get("/exportar/historial.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="historial-20')
    assert answer.content.startswith(b"\xef\xbb\xbfTrabajo;")
    newest, oldest = rows(answer.content)
    assert (newest["Artículo"], newest["Estado"]) == ("Tornillo 0002", "Pendiente")
    assert (oldest["Artículo"], oldest["Estado"]) == ("'=1+1", "Fallido")
    assert oldest["Qué pasó"] == "La foto no se puede abrir."
    assert oldest["Duración (segundos)"] == "5"
    assert oldest["Categoría"] == "Tornillería"


def test_a_reused_picture_is_told_beside_its_cost_which_stays_a_number(
    client: TestClient, engine: Engine, operator: Actor
) -> None:
    jobs = [added.queue_id for added in enqueue(engine, operator, add_articles(engine, 2), origin="panel").added]
    with engine.begin() as connection:
        add_purchase(connection, jobs[0], "reused", "0")
        add_purchase(connection, jobs[1], "used", "0.04")
    bought, reused = rows(client.get("/exportar/historial.csv").content)
    assert (float(reused["Costo (US$)"].replace(",", ".")), reused["Reutilizada"]) == (0, "sí")
    assert (float(bought["Costo (US$)"].replace(",", ".")), bought["Reutilizada"]) == (0.04, "no")


def test_what_people_decided_of_a_picture_is_told_with_who_and_why(
    client: TestClient, engine: Engine, operator: Actor
) -> None:
    judged_pictures(engine, operator)
    told = [
        (line["Revisión"], line["Quién la revisó"], line["Motivo"])
        for line in reversed(rows(client.get("/exportar/historial.csv").content))
        if line["Estado"] == "Completado"
    ]
    assert told == [
        ("Aprobada", operator.name, ""),
        ("Rechazada", operator.name, "Cambió el color"),
        ("Quedó la original", operator.name, ""),
        ("Se pidió otra", operator.name, "Que se vea la punta"),
        ("Revisar", "", ""),
    ]


def test_programs_get_a_plain_file(client: TestClient, engine: Engine, operator: Actor) -> None:
    job = enqueue(engine, operator, add_articles(engine, 1), origin="panel").added[0].queue_id
    with engine.begin() as connection:
        add_purchase(connection, job, "used", "0.04")
    [row] = csv.DictReader(io.StringIO(client.get("/exportar/historial.csv?formato=simple").text))
    assert row["Costo (US$)"] == "0.040000"
    assert row["Creado"].endswith("+00:00")
    assert client.get("/exportar/historial.csv?formato=otro").status_code == 422


def test_the_history_as_a_workbook_with_photos_and_no_formula(
    client: TestClient, engine: Engine, operator: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_out, "WITH_PHOTOS", 2)
    url = LocalHost(tmp_path / "fotos", "http://127.0.0.1:8501").upload(photo(), "r", "image/jpeg").url
    ids = add_articles(engine, 3, categoria_id=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE articulos SET nombre = '=1+1', imagen_url = :url"), {"url": url})
    enqueue(engine, operator, ids, origin="panel")
    answer = client.get("/exportar/historial.xlsx")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        drawing = book.read("xl/drawings/drawing1.xml").decode()
    assert sheet.count("=1+1") == 3
    assert "<f>" not in sheet
    assert "Las fotos van en las primeras 2 filas." in sheet
    assert drawing.count("<xdr:pic>") == 2
    assert client.get("/exportar/historial.xlsx?desde=ayer").status_code == 422
    assert client.get("/exportar/historial.xlsx", headers={"Cookie": ""}).status_code == 401


def test_the_filters_of_the_page_hold_for_the_file(client: TestClient, engine: Engine, operator: Actor) -> None:
    batch = enqueue(engine, operator, add_articles(engine, 3), origin="panel").batch_id
    enqueue(engine, operator, add_articles(engine, 4), origin="panel")
    assert len(rows(client.get(f"/exportar/historial.csv?lote={batch}").content)) == 3
    assert len(rows(client.get("/exportar/historial.csv?estado=failed").content)) == 0


def test_a_filter_that_means_nothing_is_refused(client: TestClient) -> None:
    assert client.get("/exportar/historial.csv?desde=ayer").status_code == 422


def test_finished_pictures_come_as_a_zip_of_a_filter(client: TestClient, engine: Engine, tmp_path: Path) -> None:
    done, other = add_articles(engine, 1, categoria_id=1), add_articles(engine, 1, categoria_id=2)
    host = LocalHost(tmp_path / "fotos", "http://127.0.0.1:8501")
    with engine.begin() as connection:
        for article in (*done, *other):
            url = host.upload(f"picture {article}".encode(), f"r{article}", "image/jpeg").url
            connection.execute(
                text(
                    "INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:id, 'result', :url, 'local');"
                    "UPDATE articulos SET imagen_url = :url WHERE id = :id"
                ),
                {"id": article, "url": url},
            )
    answer = client.get("/exportar/fotos.zip?categoria=1")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["T-1.jpg"]
        assert archive.read("T-1.jpg") == f"picture {done[0]}".encode()
    assert len(zipfile.ZipFile(io.BytesIO(client.get("/exportar/fotos.zip").content)).namelist()) == 2
    with engine.begin() as connection:
        connection.execute(text("UPDATE articulos SET nombre = 'Caño & codo' WHERE id = :id"), {"id": other[0]})
    address = photos_file.address(ArticleFilter(2, "cano &", "with", "done"))
    with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as archive:
        assert archive.read("T-1.jpg") == f"picture {other[0]}".encode()
    assert client.get(photos_file.address(ArticleFilter(search="no está"))).status_code == 404
    assert client.get("/exportar/fotos.zip?situacion=perdida").status_code == 422


def test_without_finished_pictures_there_is_no_zip(client: TestClient, engine: Engine) -> None:
    add_articles(engine, 1, categoria_id=1)
    assert client.get("/exportar/fotos.zip?categoria=1").status_code == 404
    assert client.get("/exportar/fotos.zip?categoria=x").status_code == 422
    assert client.get("/exportar/fotos.zip", headers={"Cookie": ""}).status_code == 401


def test_the_bill_is_a_line_for_each_day_category_and_person(
    client: TestClient, engine: Engine, operator: Actor
) -> None:
    jobs = enqueue(engine, operator, add_articles(engine, 2, categoria_id=1), origin="panel").added
    with engine.begin() as connection:
        for added in jobs:
            add_purchase(connection, added.queue_id, "used", "0.04")
        connection.execute(
            text(
                "UPDATE revelado.purchases p SET articulo_id = q.articulo_id, batch_id = q.batch_id,"
                " opened_at = '2026-11-27 12:00+00' FROM image_processing_queue q WHERE q.id = p.job_id"
            )
        )
    answer = client.get("/exportar/costos.csv?desde=2026-11-01&hasta=2026-11-30")
    [line] = rows(answer.content)
    assert line["Fecha"] == "27/11/2026"
    assert (line["Categoría"], line["Persona"], line["Compras"]) == ("Tornillería", "Beto", "2")
    assert line["Gasto (US$)"].startswith("0,08")
    assert client.get("/exportar/costos.csv?desde=2026-11-30&hasta=2026-11-01").status_code == 422
