"""The pictures of the README and the manual, taken from the product as `make start` runs it: `make screenshots`."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, choose_password, settled, sign_in
from tests.browser.product import ROOT, Product, free_port, installation

TARGET = ROOT / "docs" / "img"
Scheme = Literal["light", "dark"]
DESK, PHONE = (1366, 768), (390, 844)
#: Those that show the queue at work come first.
SHOTS: list[tuple[str, str, tuple[int, int], Scheme]] = [
    ("progreso", "progreso", DESK, "light"),
    ("progreso-oscuro", "progreso", DESK, "dark"),
    ("progreso-telefono", "progreso", PHONE, "light"),
    ("inicio", "", DESK, "light"),
    ("inicio-telefono", "", PHONE, "light"),
    ("articulos", "articulos", DESK, "light"),
    ("articulos-oscuro", "articulos", DESK, "dark"),
    ("articulos-telefono", "articulos", PHONE, "light"),
    ("catalogo", "catalogo", DESK, "light"),
    ("ayuda", "ayuda", DESK, "light"),
    ("ajustes", "ajustes", DESK, "light"),
    ("ajustes-telefono", "ajustes", PHONE, "light"),
    ("revision", "revision", DESK, "light"),
    ("revision-oscuro", "revision", DESK, "dark"),
    ("revision-telefono", "revision", PHONE, "light"),
    ("recetas", "recetas", DESK, "light"),
    ("recetas-telefono", "recetas", PHONE, "light"),
    ("fallidos", "fallidos", DESK, "light"),
    ("fallidos-telefono", "fallidos", PHONE, "light"),
    ("costos", "costos", DESK, "light"),
    ("costos-telefono", "costos", PHONE, "light"),
    ("historial", "historial?estado=completed", DESK, "light"),
    ("historial-telefono", "historial?estado=completed", PHONE, "light"),
]


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with installation() as data_dir, sync_playwright() as playwright:
        product = Product(data_dir, free_port(), SHOP_TIMEZONE="America/Argentina/Buenos_Aires")
        try:
            product.wait_until_up()
            everything(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS), product)
        finally:
            product.stop()


def everything(browser: Browser, product: Product) -> None:
    page = tab(browser, DESK, "light", None)
    page.goto(product.url)
    shoot(page, "entrada")
    one_time = product.find(r"un solo uso: (\S+)")[1]
    sign_in(page, product.find(r"Usuario: (\S+)")[1], one_time)
    choose_password(page, one_time, "tornillo-hexagonal-9")
    page.get_by_role("heading", name="Inicio").wait_for()
    settled(page)
    put_in_queue(page, product.url)
    page.goto(f"{product.url}/progreso")
    expect(page.get_by_text(re.compile(r"^([6-9]|1\d) completados"))).to_be_visible(timeout=180_000)
    signed_in = page.context.storage_state()
    for name, address, size, scheme in SHOTS:
        shown = tab(browser, size, scheme, signed_in)
        shown.goto(f"{product.url}/{address}")
        if address == "progreso":
            shown.get_by_text(re.compile("^Procesando .* de ")).wait_for()
        shoot(shown, name)
        shown.context.close()


def tab(browser: Browser, size: tuple[int, int], scheme: Scheme, signed_in: StorageState | None) -> Page:
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    return browser.new_context(
        locale="es-AR", viewport=viewport, color_scheme=scheme, storage_state=signed_in, is_mobile=size == PHONE
    ).new_page()


def put_in_queue(page: Page, url: str) -> None:
    for category in ("Pinturas", "Electricidad"):
        page.goto(f"{url}/articulos")
        page.get_by_label("Categoría").first.click()
        page.get_by_role("option", name=re.compile(category)).click()
        page.get_by_role("button", name=re.compile("^Seleccionar los 8 ")).click()
        page.get_by_role("button", name=re.compile("^Encolar 8 ")).click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^Encolar ")).click()
        expect(page.get_by_text(re.compile("^Se agreg"))).to_be_visible()


def shoot(page: Page, name: str) -> None:
    page.get_by_role("heading", level=1).first.wait_for()
    settled(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_500)  # the tables paint their pictures on a canvas, which tells nobody
    page.screenshot(path=TARGET / f"{name}.png")


if __name__ == "__main__":
    main()
