"""A picture that lies, from its purchase to its replacement and back: nothing of it ever reaches the shop unnoticed."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import settled, sign_in
from tests.browser.product import Product, free_port, installation
from tests.emulators.fixtures import Emulators, in_this_process

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]

EMAIL, PASSWORD = "ana@ferreteria.com", "tornillo-hexagonal-9"
CODE, NAME = "SEG-007", "Candado de latón 40 mm"
SLOW = 90_000  # ms: a purchase, its inspection and its upload on a busy machine


@dataclass
class Shop:
    """What a customer would be shown, asked through REST."""

    url: str
    _token: str = field(default="", init=False)

    def picture(self) -> str:
        """The address of the article's picture now."""
        if not self._token:
            self._token = self._call("/api/auth/login", {"email": EMAIL, "password": PASSWORD})["token"]
        [shown] = [a["imagen_url"] for a in self._call("/api/articulos")["articulos"] if a["codigo"] == CODE]
        return str(shown)

    def _call(self, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)["data"]
        return found


def test_a_wrong_picture_is_flagged_redone_approved_published_and_undone(page: Page) -> None:
    with in_this_process() as emulators, installation() as data_dir:
        emulators.gemini.set(image="redraw")
        emulators.gemini.draw("digit_changed", article="Candado", times=1)
        product = Product(
            data_dir,
            free_port(),
            ADMIN_EMAIL=EMAIL,
            ADMIN_PASSWORD=PASSWORD,
            IMAGE_EDITOR="gemini",
            IMAGE_HOST="cloudinary",
            **emulators.env,
        )
        try:
            product.wait_until_up()
            walk(page, Shop(product.url), emulators)
        except BaseException as error:
            error.add_note(product.log)
            raise
        finally:
            code = product.stop()
    assert code == 0, product.log
    assert "Traceback" not in product.log, product.log


def walk(page: Page, shop: Shop, emulators: Emulators) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(shop.url)
    sign_in(page, EMAIL, PASSWORD)
    page.get_by_role("heading", name="Inicio").wait_for()
    original = shop.picture()

    bought(page)
    made(page, 1)
    flagged(page)
    assert shop.picture() == original, "what awaits review is not in the shop"

    redone(page)
    made(page, 2)
    batch = faithful(page)
    assert shop.picture() == original, "nor is what was only redone"
    assert len(emulators.gemini.ledger()) == 2, "each picture was paid for once"

    approved(page)
    published = shop.picture()
    assert published != original
    delivered = emulators.cloudinary.get(published)
    assert delivered.status == 200 and delivered.data.startswith(b"\xff\xd8"), published

    undone(page, shop.url, batch)
    assert shop.picture() == original


def bought(page: Page) -> None:
    go_to(page, "Artículos")
    page.get_by_label("Buscar").fill(CODE)
    page.get_by_label("Buscar").press("Enter")
    page.get_by_role("button", name="Seleccionar el único que cumple").click()
    page.get_by_role("button", name=re.compile("^Mejorar 1 foto")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Sí, mejorar 1 foto")).click()
    expect(page.get_by_text("Se agregó 1 artículo a la cola.")).to_be_visible()


def made(page: Page, count: int) -> None:
    go_to(page, "Progreso")
    done = re.compile(f"^Trabajos de las últimas 24 horas: {count} completados? y 0 fallidos$")
    expect(page.get_by_text(done)).to_be_visible(timeout=SLOW)


def flagged(page: Page) -> None:
    go_to(page, "Revisión")
    seen(page)
    expect(page.get_by_text("Mal", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(r"La etiqueta decía \D*40\b.* y ahora dice \D*46\b"))).to_be_visible()
    expect(page.get_by_text("Todavía no está en la tienda: se publica al aprobarla.")).to_be_visible()


def redone(page: Page) -> None:
    page.keyboard.press("d")
    expect(page.get_by_text("¿Cómo se hace la nueva?")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text(f"Se hará otra: {NAME}").first).to_be_visible()
    saved(page)


def faithful(page: Page) -> str:
    """The number of the batch that made the picture."""
    go_to(page, "Revisión")
    seen(page)
    expect(page.get_by_text(re.compile("^(Bien|Revisar)$"))).to_be_visible()
    expect(page.get_by_text("La etiqueta decía")).to_be_hidden()
    page.get_by_text("Más datos").click()
    return page.locator("dt:text-is('Lote') + dd").inner_text()


def approved(page: Page) -> None:
    page.keyboard.press("a")
    expect(page.get_by_text(f"Aprobada: {NAME}").first).to_be_visible()
    saved(page)
    expect(page.get_by_text("Terminó: no quedan imágenes por revisar")).to_be_visible()
    expect(page.get_by_text(re.compile("^Hoy decidió .*1 aprobada"))).to_be_visible()


def undone(page: Page, url: str, batch: str) -> None:
    page.goto(f"{url}/historial?lote={batch}")
    expect(page.get_by_text(f"Solo el lote {batch}.")).to_be_visible()
    page.get_by_role("button", name="Deshacer lote…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Deshacer el lote en 1 artículo").click()
    expect(dialog.get_by_text("1 artículo muestra otra vez su imagen anterior.")).to_be_visible()
    dialog.get_by_test_id("stButton").get_by_role("button", name="Cerrar").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Deshacer lote…")).to_be_hidden()


def go_to(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("heading", name=title, exact=True).wait_for()
    settled(page)


def seen(page: Page) -> None:
    """Nobody judges what isn't drawn yet, and the page doesn't let them."""
    result: Locator = page.get_by_alt_text(f"Después: {NAME}")
    expect(result).to_be_visible()
    result.evaluate("image => image.decode()")
    page.wait_for_timeout(400)  # a glance; a key pressed sooner is taken for one that bounced


def saved(page: Page) -> None:
    """The screen runs ahead of the database."""
    page.locator(".desk[data-saved=true]").wait_for()
