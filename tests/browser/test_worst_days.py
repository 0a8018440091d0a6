"""The days when nothing goes right, on one panel for all of them: every page says what is wrong and what to do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.access.actors import SYSTEM
from core.queue import pause
from core.queue.enqueue import enqueue
from tests.browser.conftest import RunningPanel, listed, settled
from tests.shop import article, run_sql

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
LONG = (("Tornillo hexagonal galvanizado de rosca gruesa " * 5)[:205] + "SinNingúnEspacioParaPartirLaLínea").ljust(
    255, "X"
)
NOWHERE = "http://127.0.0.1:9/no-hay-foto.jpg"
PHONE, DESK = (390, 844), (1366, 768)


def at(tab: Page, shop: RunningPanel, address: str, size: tuple[int, int] = DESK) -> None:
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.goto(f"{shop.url}/{address}")
    tab.get_by_role("heading", level=1).first.wait_for()
    settled(tab)


def paused(engine: Engine, code: str, reason: str, seconds: float) -> None:
    with engine.begin() as connection:
        pause.pause_for(connection, "worker", code, reason, {}, seconds)


def test_without_an_article_the_first_page_leads_to_the_catalogue(tab: Page, shop: RunningPanel) -> None:
    at(tab, shop, "")
    expect(tab.get_by_text("Todavía no hay artículos")).to_be_visible()
    tab.get_by_test_id("stMain").get_by_role("link", name="Ir a Catálogo").click()
    expect(tab.get_by_role("heading", name="Catálogo", level=1)).to_be_visible()


def test_without_a_worker_what_waits_is_said_to_be_safe(tab: Page, shop: RunningPanel, shop_engine: Engine) -> None:
    enqueue(shop_engine, SYSTEM, [article(shop_engine, "Pinza")], origin="panel")
    at(tab, shop, "")
    expect(tab.get_by_text("Ningún trabajador está activo: los artículos esperan, no se pierden.")).to_be_visible()
    expect(tab.get_by_text("Ningún trabajador en marcha")).to_have_count(1)


def test_paused_by_the_budget_one_button_leads_to_it(tab: Page, shop: RunningPanel, shop_engine: Engine) -> None:
    paused(shop_engine, "budget_day", "Se llegó al tope.", 3600)
    at(tab, shop, "progreso")
    expect(tab.get_by_text("Se llegó al tope de gasto del día")).to_be_visible()
    tab.get_by_role("button", name="Subir el tope").click()
    expect(tab.get_by_role("heading", name="Ajustes", level=1)).to_be_visible()


def test_an_hour_without_quota_says_when_it_goes_on(tab: Page, shop: RunningPanel, shop_engine: Engine) -> None:
    paused(shop_engine, "gemini_quota", "Google no acepta más imágenes por ahora", 3600)
    at(tab, shop, "progreso")
    goes_on = r"Google no acepta más imágenes por ahora\. Sigue sola a las \d\d:\d\d( de mañana)?\."
    expect(tab.get_by_text(re.compile(goes_on))).to_be_visible()
    expect(tab.get_by_role("button", name="Reanudar la cola")).to_be_visible()


def test_a_hundred_thousand_articles_are_paged_and_chosen_all_at_once(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    run_sql(
        shop_engine,
        "INSERT INTO articulos (nombre, codigo, imagen_url)"
        " SELECT 'Tornillo ' || n, 'T-' || n, :url FROM generate_series(1, 100000) n",
        url=NOWHERE,
    )
    at(tab, shop, "articulos")
    listed(tab, 50, of="100.000")
    tab.get_by_role("button", name="Página 2", exact=True).click()
    expect(tab.get_by_text("Mostrando 51–100 de 100.000.")).to_be_visible()
    tab.get_by_role("button", name="Seleccionar los 100.000 artículos").click()
    expect(tab.get_by_role("button", name="Desmarcar los 100.000 elegidos")).to_be_visible()
    expect(tab.get_by_role("button", name=re.compile("^Mejorar 100.000 fotos"))).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_endless_names_and_photos_that_are_gone_break_no_page(
    tab: Page, shop: RunningPanel, shop_engine: Engine, size: tuple[int, int]
) -> None:
    assert len(LONG) == 255
    one = article(shop_engine, LONG, imagen_url=NOWHERE)
    enqueue(shop_engine, SYSTEM, [one], origin="panel")
    run_sql(
        shop_engine,
        "UPDATE image_processing_queue SET estado = 'completed', completed_at = now(), imagen_url_procesada = :url",
        url=NOWHERE,
    )
    for address in ("", f"articulos?articulo={one}", "historial"):
        at(tab, shop, address, size)
        wide = tab.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
        assert wide <= 0, address
    at(tab, shop, "", size)
    box = tab.get_by_alt_text(f"Antes: {LONG}").bounding_box()
    assert box is not None and abs(box["width"] - box["height"]) < 2, "a photo that is gone keeps its square"
