import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.catalog import csv_import
from tests.ui.pages_harness import Panel, add_articles

Open = Callable[[Role], Panel]

CSV = "Código;Producto;Rubro\r\nFER-1;Tornillo;Tornillería\r\nFER-2;Clavo;Tornillería\r\n".encode()
BAD = b"codigo;nombre;activo\nFER-1;Tornillo;si\nFER-2;Clavo;quizas\n"


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT nombre FROM articulos ORDER BY codigo")))


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), (120, 60, 20)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("role", list(Role))
def test_the_page_draws_for_each_role(panel: Open, role: Role) -> None:
    tab = panel(role)
    at = tab.open("catalog")
    assert "Todavía no hay imágenes terminadas para descargar." in tab.words
    assert len(at.file_uploader) == (0 if role is Role.VIEWER else 2)


def test_a_file_is_shown_then_imported(panel: Open, engine: Engine) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    at.file_uploader(key="catalog_csv_0").upload("lista.csv", CSV)
    at.run()
    assert not at.exception
    assert "El archivo tiene 2 filas. Así empieza:" in tab.words
    assert {box.label: box.value for box in at.selectbox}["Nombre"] == "Producto"
    assert "Se agregarán 2, cambiarán 0, 0 quedan igual, se creará 1 categoría. Todavía no se cargó nada." in tab.words
    assert names(engine) == []
    assert at.button(key="catalog_import").label == "Cargar 2 artículos"
    at.button(key="catalog_import").click()
    at.run()
    assert not at.exception
    assert "Listo: 2 agregados, 0 cambiados, 0 sin cambios, 1 categoría nueva." in tab.words
    assert names(engine) == ["Tornillo", "Clavo"]


def test_wrong_rows_are_listed_and_only_the_good_ones_go_in_when_asked(panel: Open, engine: Engine) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    at.file_uploader(key="catalog_csv_0").upload("lista.csv", BAD)
    at.run()
    assert "Se agregará 1, cambiarán 0, 0 quedan igual, 1 fila se rechaza. Todavía no se cargó nada." in tab.words
    (rejected,) = [frame.value for frame in at.dataframe if "motivo" in frame.value]
    assert list(rejected["linea"]) == [3]
    assert names(engine) == []
    assert at.button(key="catalog_import").label == "Cargar 1 artículo, sin las filas rechazadas"
    at.button(key="catalog_import").click()
    at.run()
    assert not at.exception
    assert "Listo: 1 agregado, 0 cambiados, 0 sin cambios." in tab.words
    assert "1 fila no se cargó:" in tab.words
    assert names(engine) == ["Tornillo"]


def test_a_file_that_changes_nothing_offers_no_button(panel: Open, engine: Engine, operator: Actor) -> None:
    csv_import.import_csv(engine, operator, CSV)
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    at.file_uploader(key="catalog_csv_0").upload("lista.csv", CSV)
    at.run()
    assert "Se agregarán 0, cambiarán 0, 2 quedan igual. Todavía no se cargó nada." in tab.words
    assert "No hay nada para cargar." in tab.words
    assert not tab.has_button("Cargar")


def test_rows_that_turned_bad_since_the_report_are_shown_before_anything_is_written(
    panel: Open, engine: Engine
) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    at.file_uploader(key="catalog_csv_0").upload("lista.csv", CSV)
    at.run()
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO articulos (codigo, nombre) VALUES ('FER-1', 'Uno'), ('FER-1', 'Dos')"))
    at.button(key="catalog_import").click()
    at.run()
    assert not at.exception
    assert "Se agregará 1, cambiarán 0, 0 quedan igual, 1 fila se rechaza" in tab.words
    assert sorted(names(engine)) == ["Dos", "Uno"]


def test_columns_without_a_code_are_asked_for(panel: Open) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    at.file_uploader(key="catalog_csv_0").upload("lista.csv", b"K1;Wert\nA;Tornillo\n")
    at.run()
    assert "código del artículo" in tab.words
    assert not tab.has_button("Cargar")
    (column,) = [box for box in at.selectbox if box.label == "Código"]
    column.select("K1")
    (column,) = [box for box in at.selectbox if box.label == "Nombre"]
    column.select("Wert")
    at.run()
    assert at.button(key="catalog_import").label == "Cargar 1 artículo"


def test_a_spreadsheet_is_refused_in_plain_words(panel: Open) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    at.file_uploader(key="catalog_csv_0").upload("lista.csv", b"PK\x03\x04" + b"\0" * 50)
    at.run()
    assert "Excel" in tab.words
    assert not tab.has_button("Cargar")


def test_photos_go_to_the_article_of_their_name(panel: Open, engine: Engine) -> None:
    (article,) = add_articles(engine, 1, picture=False)
    tab = panel(Role.OPERATOR)
    at = tab.open("catalog")
    uploader = at.file_uploader(key="catalog_photos_0")
    uploader.upload("T-1 (frente).jpg", photo())
    uploader.upload("desconocido.jpg", photo())
    at.run()
    assert "1 foto no se puede usar:" in tab.words
    at.button(key="catalog_photos_keep").click()
    at.run()
    assert not at.exception
    assert "Se guardó 1 foto." in tab.words
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT imagen_url FROM articulos WHERE id = :id"), {"id": article})
