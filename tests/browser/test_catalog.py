"""Bringing a catalogue in, in a real browser: the list, its photos, and who may do what with it."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from sqlalchemy import Engine

from core.access import users
from core.access.actors import Actor, Role
from core.catalog.csv_import import import_csv
from tests.browser.conftest import RunningPanel, choose_password, listed, settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

CSV = "Código;Producto;Rubro;Activo\r\nFER-1;Caño;Cañería;sí\r\nFER-2;Codo;Cañería;\r\nFER-3;Té;Cañería;quizás\r\n"
ADMIN = Actor(None, "Alicia", Role.ADMIN)


def test_a_list_and_its_photos_reach_the_table_of_articles(tab: Page, shop: RunningPanel) -> None:
    page = tab
    page.goto(f"{shop.url}/catalogo")
    uploader(page, "Archivo CSV").set_input_files(file("lista.csv", "text/csv", CSV.encode("cp1252")))
    expect(page.get_by_text("Se agregarán 2, cambiarán 0, 0 quedan igual, 1 fila se rechaza")).to_be_visible()
    expect(cell(page, "activo: ")).to_be_attached()
    settled(page)
    page.get_by_role("button", name="Cargar 2 artículos, sin las filas rechazadas").click()
    expect(page.get_by_text("Listo: 2 agregados, 0 cambiados, 0 sin cambios, 1 categoría nueva.")).to_be_visible()
    expect(page.get_by_text("1 fila no se cargó:")).to_be_visible()
    settled(page)

    uploader(page, "Fotos").set_input_files(
        [photo("FER-1.jpg", "JPEG"), photo("fer-2 (frente).png", "PNG"), photo("OTRO-9.jpg", "JPEG")]
    )
    expect(page.get_by_text("1 foto no se puede usar:")).to_be_visible()
    expect(cell(page, "OTRO-9.jpg")).to_be_attached()
    settled(page)
    page.get_by_role("button", name="Guardar 2 fotos").click()
    expect(page.get_by_text("Se guardaron 2 fotos.")).to_be_visible()
    expect(page.get_by_text("1 foto no se guardó:")).to_be_visible()
    settled(page)

    with page.expect_response(thumbnail("jpg")) as jpeg, page.expect_response(thumbnail("png")) as png:
        go(page, "Artículos")
    assert (jpeg.value.status, png.value.status) == (200, 200)
    expect(page.get_by_text("Mostrando 1–2 de 2.")).to_be_visible()
    expect(cell(page, "Caño")).to_be_attached()


def test_whoever_may_only_look_sees_the_articles_and_no_way_to_change_them(
    tab: Page, shop: RunningPanel, shop_engine: Engine, browser: Browser
) -> None:
    import_csv(shop_engine, ADMIN, b"codigo;nombre\nFER-1;Codo\n")
    user, one_time = users.create_user(shop_engine, ADMIN, email="carla@x.co", name="Carla", role=Role.VIEWER)
    tab.goto(f"{shop.url}/articulos")
    expect(tab.get_by_text("Marque los artículos que quiere procesar.")).to_be_visible()

    context = browser.new_context(locale="es-AR")
    page = context.new_page()
    page.goto(f"{shop.url}/articulos")
    sign_in(page, user.email, one_time)
    choose_password(page, one_time, "tuerca-mariposa-7")
    listed(page, 1)
    expect(cell(page, "Codo")).to_be_attached()
    settled(page)
    expect(page.get_by_text("Marque los artículos que quiere procesar.")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^(Seleccionar|Mejorar)"))).to_have_count(0)
    go(page, "Catálogo")
    expect(page.get_by_test_id("stFileUploader")).to_have_count(0)
    context.close()


def go(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=20_000)
    settled(page)


def uploader(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stFileUploader").filter(has_text=label).locator("input[type=file]")


def cell(page: Page, words: str) -> Locator:
    """Of any table: its text stands inside its canvas, for screen readers."""
    return page.get_by_test_id("stDataFrame").locator("td").filter(has_text=words).first


def thumbnail(extension: str) -> re.Pattern[str]:
    return re.compile(rf"/fotos/[0-9a-f]{{64}}\.{extension}\?w=96$")


def file(name: str, media_type: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": media_type, "buffer": data}


def photo(name: str, format: str) -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (120, 60, 20)).save(out, format)
    return file(name, f"image/{format.lower()}", out.getvalue())
