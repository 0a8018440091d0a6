"""Every page of the product as `make start` runs it, light and dark, on a desk and on a phone, in both languages:
`make screenshots`. Those in Spanish are the README's and the manual's.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect, sync_playwright

from core.ui.frame import PAGES
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.conftest import choose_password, settled, sign_in, until
from tests.browser.product import ROOT, Product, free_port, installation

TARGET = ROOT / "docs" / "img"
Scheme = Literal["light", "dark"]
DESK, PHONE = (1366, 768), (390, 844)
#: Those that show the queue at work come first.
FIRST = ("progreso", "inicio", "articulos")
#: Where a page shows more with something asked for.
ASKED = {"historial": "historial?estado=completed", "articulo": "articulos?articulo=1", "inicio": ""}
ADDRESSES = [*FIRST, *(screen.url for screen in PAGES.values() if screen.url not in FIRST), "articulo"]
LOOKS: list[tuple[str, tuple[int, int], Scheme]] = [
    ("", DESK, "light"),
    ("-telefono", PHONE, "light"),
    ("-oscuro", DESK, "dark"),
    ("-telefono-oscuro", PHONE, "dark"),
]
#: Enough for a page of ours, a third of the bytes.
COLOURS = 128


def main() -> None:
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
    shoot(page, TARGET / "entrada.png")
    one_time = product.find(r"un solo uso: (\S+)")[1]
    sign_in(page, product.find(r"Usuario: (\S+)")[1], one_time)
    choose_password(page, one_time, "tornillo-hexagonal-9")
    page.get_by_role("heading", name="Inicio").wait_for()
    settled(page)
    page.get_by_role("button", name="No mostrar más").click()
    settled(page)
    put_in_queue(page, product.url)
    page.goto(f"{product.url}/progreso")
    expect(page.get_by_text(re.compile(r"^([4-9]|1\d) completados"))).to_be_visible(timeout=240_000)
    signed_in = page.context.storage_state()
    every_page(browser, product.url, signed_in, TARGET)
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Progress").wait_for()
    every_page(browser, product.url, signed_in, TARGET / "en")


def every_page(browser: Browser, url: str, signed_in: StorageState, target: Path) -> None:
    for suffix, size, scheme in LOOKS:
        shown = tab(browser, size, scheme, signed_in)
        for name in ADDRESSES:
            shown.goto(f"{url}/{ASKED.get(name, name)}")
            shoot(shown, target / f"{name}{suffix}.png")
        shown.context.close()


def tab(browser: Browser, size: tuple[int, int], scheme: Scheme, signed_in: StorageState | None) -> Page:
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    return browser.new_context(
        locale="es-AR",
        viewport=viewport,
        color_scheme=scheme,
        storage_state=signed_in,
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
    ).new_page()


def put_in_queue(page: Page, url: str) -> None:
    for category in ("Pinturas", "Electricidad"):
        page.goto(f"{url}/articulos")
        page.get_by_label("Categoría").first.click()
        page.get_by_role("option", name=re.compile(category)).click()
        page.get_by_role("button", name=re.compile("^Seleccionar los 8 ")).click()
        page.get_by_role("button", name=re.compile("^Mejorar 8 ")).click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^Sí, mejorar ")).click()
        expect(page.get_by_text(re.compile("^Se agreg"))).to_be_visible()


def shoot(page: Page, file: Path) -> None:
    page.get_by_role("heading", level=1).first.wait_for()
    settled(page)
    page.wait_for_load_state("networkidle")
    until(page, "() => !document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_timeout(1_000)  # the tables paint their pictures on a canvas, which tells nobody
    file.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
