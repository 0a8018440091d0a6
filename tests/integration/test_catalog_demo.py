"""The demo's catalogue comes once and goes without a trace."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine, text

from core.access.actors import SYSTEM, Actor
from core.catalog.demo import has_demo, load_demo, remove_demo
from core.errors import Conflict, JobError, NotAllowed
from core.providers.local_host import LocalHost
from core.queue.claim import claim
from core.queue.enqueue import enqueue

WORKER = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    (folder / "fotos").mkdir(parents=True)
    lines = ["codigo;nombre;descripcion;unidad;categoria;foto"]
    for code, colour, category in (("A-1", "red", "Tornillería"), ("B-1", "blue", "Pinturas")):
        out = io.BytesIO()
        Image.new("RGB", (80, 80), colour).save(out, "JPEG")
        (folder / "fotos" / f"{code}.jpg").write_bytes(out.getvalue())
        lines.append(f'{code};"Artículo 3/8"" {code}";Descripción;unidad;{category};{code}.jpg')
    (folder / "catalogo.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "fotos", "")


def files(tmp_path: Path) -> int:
    """The pictures; beside them are folders that are named like pictures."""
    return sum(path.is_file() and path.suffix == ".jpg" for path in (tmp_path / "fotos").rglob("*"))


def scalar(engine: Engine, statement: str) -> object:
    with engine.connect() as connection:
        return connection.scalar(text(statement))


def test_the_demo_brings_articles_with_photos_and_categories_once(
    engine: Engine, host: LocalHost, folder: Path, tmp_path: Path
) -> None:
    assert not has_demo(engine)
    assert load_demo(engine, host, folder) == 2
    assert has_demo(engine)
    assert load_demo(engine, host, folder) == 0
    assert scalar(engine, "SELECT count(*) FROM articulos WHERE imagen_url LIKE '/fotos/%.jpg' AND activo") == 2
    assert scalar(engine, "SELECT count(*) FROM categorias") == 2
    assert scalar(engine, "SELECT nombre FROM articulos ORDER BY id LIMIT 1") == 'Artículo 3/8" A-1'
    assert files(tmp_path) == 2


def test_an_article_of_the_demo_may_lack_a_photo(engine: Engine, host: LocalHost, folder: Path) -> None:
    with (folder / "catalogo.csv").open("a", encoding="utf-8") as csv:
        csv.write("\nC-1;Sin foto;;unidad;Pinturas;\n")
    assert load_demo(engine, host, folder) == 3
    assert scalar(engine, "SELECT count(*) FROM articulos WHERE imagen_url IS NULL") == 1


def test_a_demo_with_a_broken_photo_adds_nothing(engine: Engine, host: LocalHost, folder: Path, tmp_path: Path) -> None:
    (folder / "fotos" / "B-1.jpg").write_bytes(b"no es una foto")
    with pytest.raises(JobError):
        load_demo(engine, host, folder)
    assert not has_demo(engine)
    assert scalar(engine, "SELECT count(*) FROM articulos") == 0
    assert files(tmp_path) == 0


def test_removing_the_demo_leaves_what_is_not_the_demo_s(
    engine: Engine, host: LocalHost, folder: Path, tmp_path: Path, admin: Actor
) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO categorias (nombre) VALUES ('TORNILLERIA')"))
    load_demo(engine, host, folder)
    with engine.begin() as connection:
        ids = list(connection.scalars(text("SELECT id FROM articulos ORDER BY id")))
        connection.execute(
            text(
                "INSERT INTO articulos (nombre, categoria_id)"
                " SELECT 'propio', id FROM categorias WHERE nombre = 'TORNILLERIA'"
            )
        )
    enqueue(engine, admin, ids, origin="panel")
    assert remove_demo(engine, host, admin) == 2
    assert not has_demo(engine)
    assert scalar(engine, "SELECT string_agg(nombre, ',') FROM articulos") == "propio"
    assert scalar(engine, "SELECT string_agg(nombre, ',') FROM categorias") == "TORNILLERIA"
    assert scalar(engine, "SELECT count(*) FROM image_processing_queue") == 0
    assert scalar(engine, "SELECT count(*) FROM revelado.pictures") == 0
    assert files(tmp_path) == 0
    assert remove_demo(engine, host, admin) == 0
    assert load_demo(engine, host, folder) == 2


def test_a_demo_category_with_a_real_article_stays(engine: Engine, host: LocalHost, folder: Path, admin: Actor) -> None:
    load_demo(engine, host, folder)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO articulos (nombre, categoria_id) SELECT 'propio', id FROM categorias WHERE nombre = 'Pinturas'"
            )
        )
    remove_demo(engine, host, admin)
    assert scalar(engine, "SELECT string_agg(nombre, ',') FROM categorias") == "Pinturas"


def test_the_demo_is_not_removed_while_one_of_its_articles_is_processed(
    engine: Engine, host: LocalHost, folder: Path, tmp_path: Path, admin: Actor
) -> None:
    load_demo(engine, host, folder)
    with engine.begin() as connection:
        ids = list(connection.scalars(text("SELECT id FROM articulos")))
    enqueue(engine, SYSTEM, ids, origin="cli")
    with engine.begin() as connection:
        assert claim(connection, WORKER)
    with pytest.raises(Conflict):
        remove_demo(engine, host, admin)
    assert scalar(engine, "SELECT count(*) FROM image_processing_queue") == 2
    assert files(tmp_path) == 2
    assert has_demo(engine)


def test_only_an_administrator_removes_the_demo(engine: Engine, host: LocalHost, folder: Path, operator: Actor) -> None:
    with pytest.raises(NotAllowed):
        remove_demo(engine, host, operator)
