"""The main job, as a person does it: from the first start to the history in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import choose_password, settled, sign_in
from tests.browser.product import Product, free_port, installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASSWORD = "tornillo-hexagonal-9"


def test_from_the_first_start_to_the_downloaded_history(page: Page) -> None:
    with installation() as data_dir:
        product = Product(data_dir, free_port())
        try:
            product.wait_until_up()
            email = product.find(r"Usuario: (\S+)")[1]
            one_time = product.find(r"un solo uso: (\S+)")[1]
            walk(page, product.url, email, one_time)
        finally:
            code = product.stop()
    assert code == 0, product.log
    assert "Traceback" not in product.log, product.log
    assert "✅ [Cola] Artículo" in product.log and "Worker detenido" in product.log


def walk(page: Page, url: str, email: str, one_time: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(url)
    sign_in(page, email, one_time)
    choose_password(page, one_time, PASSWORD)
    page.get_by_role("heading", name="Inicio").wait_for()
    settled(page)

    page.get_by_role("link", name="Artículos").first.click()
    page.get_by_role("heading", name="Artículos").wait_for()
    settled(page)
    card = page.locator("[class*=st-key-card_]").filter(has_text="Tornillería")
    card.get_by_role("img").click(force=True)  # a card takes clicks wherever it is hit: its button lies over all of it
    expect(page).to_have_url(re.compile("categoria="))
    page.get_by_label("Buscar").first.fill("4")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Seleccionar los 5 que cumplen").click()
    one_article_in_full_and_back(page)
    page.emulate_media(color_scheme="dark")
    page.get_by_role("button", name=re.compile("^Mejorar 4 fotos")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 no tiene foto")).to_be_visible()
    yes = dialog.get_by_role("button", name=re.compile("^Sí, mejorar 4 fotos"))
    expect(yes).to_have_css("color", "rgb(21, 23, 26)")  # a dialog lies outside of what Streamlit marks as dark
    page.emulate_media(color_scheme="light")
    yes.click()
    expect(page.get_by_text("Se agregaron 4 artículos a la cola.")).to_be_visible(timeout=30_000)
    # By itself, and with the table behind it as it is now.
    expect(page.get_by_text("Ya terminaron los 4 artículos.")).to_be_visible(timeout=180_000)

    page.get_by_role("link", name="Progreso").first.click()
    page.get_by_role("heading", name="Progreso").wait_for()
    done = re.compile("^Trabajos de las últimas 24 horas: 4 completados y 0 fallidos$")
    expect(page.get_by_text(done)).to_be_visible(timeout=180_000)

    page.get_by_role("link", name="Historial").first.click()
    page.get_by_role("heading", name="Historial").wait_for()
    settled(page)
    page.locator(".st-key-history_downloads button").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    read_back(download.value.path().read_bytes())


def one_article_in_full_and_back(page: Page) -> None:
    """What is ticked stays ticked, though the view is changed in the same instant."""
    page.get_by_role("radio", name="Galería").click()
    page.get_by_role("button", name="Ver", exact=True).last.click()
    page.get_by_role("button", name="Volver a la lista").click()
    expect(page.get_by_role("button", name="Desmarcar los 5 elegidos")).to_be_visible()


def read_back(data: bytes) -> None:
    assert data.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark to read accents"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 4
    text = data.decode("utf-8-sig")
    assert "Tornillo" in text and "Tornillería" in text
