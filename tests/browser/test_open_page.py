"""A page that stays open: out of sight, while the database goes away, and in the other language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, make_url

from core.notify import notices
from core.queue import pause
from tests.browser.conftest import RunningPanel, beside, settled, until
from tests.databases import run
from tests.shop import article, run_sql

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@contextmanager
def database_away(server_url: str, panel: RunningPanel) -> Iterator[None]:
    """As while it restarts: connections end, and none is accepted."""
    name = make_url(panel.database_url).database
    run(server_url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    run(server_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield
    finally:
        run(server_url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_a_page_outlives_a_restart_of_the_database_and_says_so(tab: Page, shop: RunningPanel, server_url: str) -> None:
    tab.goto(f"{shop.url}/historial")
    expect(tab.get_by_text("Todavía no hay trabajos")).to_be_visible()
    lost = tab.get_by_text("Esta página vuelve a intentarlo sola").first
    with database_away(server_url, shop):
        tab.get_by_test_id("stSidebarNav").get_by_text("Artículos").click()
        expect(lost).to_be_visible(timeout=20_000)
    expect(tab.get_by_text("La conexión con la base de datos volvió")).to_be_visible(timeout=20_000)
    expect(tab.get_by_text("Todavía no hay artículos")).to_be_visible(timeout=20_000)
    expect(lost).to_be_hidden()


def test_out_of_sight_a_page_stops_asking_and_back_in_sight_it_is_up_to_date(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    asked = listened_to(tab)
    work_under_way(shop_engine, tab, shop)

    settled(tab)
    tab.wait_for_timeout(3_000)
    assert asked.pop() == "/vivo/progreso", "in sight, it asks every two seconds"
    seen(tab, hidden=True)
    tab.wait_for_timeout(5_500)
    settled(tab)
    asked.clear()
    tab.wait_for_timeout(5_000)
    assert len(asked) <= 1, "the foot of the menu alone, which asks three times a minute"

    run_sql(shop_engine, "UPDATE image_processing_queue SET articulo_nombre = 'Martillo'")
    seen(tab, hidden=False)
    expect(tab.get_by_text("Martillo")).to_be_visible(timeout=8_000)


def test_an_open_progreso_goes_on_by_itself_without_losing_what_a_person_is_doing(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    work_under_way(shop_engine, tab, shop)
    settled(tab)
    sent = listened_to(tab)
    tab.get_by_role("button", name="Pausar la cola").click()
    tab.get_by_label("Motivo").fill("a medio escri")
    tab.evaluate("document.querySelector('[data-live=numbers]').kept = true")

    run_sql(shop_engine, "UPDATE image_processing_queue SET articulo_nombre = 'Martillo', stage = 'host'")
    expect(tab.get_by_text("Martillo")).to_be_visible(timeout=8_000)
    expect(tab.get_by_text("Guardando la imagen · ")).to_be_visible()
    assert tab.get_by_label("Motivo").input_value() == "a medio escri"
    assert tab.evaluate("document.querySelector('[data-live=numbers]').kept"), "nothing was drawn anew for it"
    assert "/vivo/progreso" in sent

    with shop_engine.begin() as connection:
        pause.pause_for(connection, "Beto", "by_person", "Llegan fotos nuevas", {}, None)
    expect(tab.get_by_text("Llegan fotos nuevas")).to_be_visible(timeout=15_000)
    expect(tab.get_by_role("button", name="Reanudar la cola")).to_be_visible()


def test_who_left_progreso_asks_no_more_and_who_stays_asks_once_at_a_time(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    work_under_way(shop_engine, tab, shop)
    for span in ("Último día", "Última hora") * 2:  # each a run of its own
        tab.get_by_text(span, exact=True).click()
        settled(tab)
    for _ in range(3):
        tab.get_by_role("button", name="Pausar la cola").click()
    sent = listened_to(tab)
    tab.wait_for_timeout(7_000)
    assert 2 <= sent.count("/vivo/progreso") <= 4
    tab.get_by_test_id("stSidebarNav").get_by_text("Historial").click()
    expect(tab.get_by_role("heading", name="Historial")).to_be_visible()
    settled(tab)
    sent.clear()
    tab.wait_for_timeout(5_000)
    assert "/vivo/progreso" not in sent


def test_an_open_progreso_outlives_a_restart_of_the_database_and_says_so(
    tab: Page, shop: RunningPanel, shop_engine: Engine, server_url: str
) -> None:
    work_under_way(shop_engine, tab, shop)
    lost = tab.get_by_text("Esta página vuelve a intentarlo sola").first
    with database_away(server_url, shop):
        expect(lost).to_be_visible(timeout=30_000)
    expect(tab.get_by_text("La conexión con la base de datos volvió")).to_be_visible(timeout=20_000)
    expect(tab.get_by_text("Pinza").first).to_be_visible(timeout=20_000)
    expect(lost).to_be_hidden()
    logged = (shop.data_dir.parent / "panel.log").read_text()
    assert "La base de datos no responde" in logged
    assert "Traceback" not in logged, "one line says it all"


def test_a_page_that_opens_out_of_sight_stops_asking_too(tab: Page, shop: RunningPanel, shop_engine: Engine) -> None:
    asked = listened_to(tab)
    tab.add_init_script("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    work_under_way(shop_engine, tab, shop)
    settled(tab)
    tab.wait_for_timeout(5_500)
    settled(tab)
    asked.clear()
    tab.wait_for_timeout(5_000)
    assert len(asked) <= 1, "the foot of the menu alone, which asks three times a minute"


def test_who_asked_for_it_is_told_by_the_browser_while_looking_elsewhere(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    tab.context.grant_permissions(["notifications"], origin=shop.url)
    # What the operating system would show can't be seen from here: that the browser was asked to, can.
    tab.add_init_script(
        "window.told = []; document.hasFocus = () => false;"
        "const Real = window.Notification; window.Notification = class extends Real {"
        " constructor(title, options) { super(title, options); window.told.push(`${title}: ${options.body}`); } };"
    )
    tab.goto(f"{shop.url}/historial")
    tab.get_by_test_id("stSidebar").get_by_role("button", name=re.compile(r"avisos?\b", re.IGNORECASE)).click()
    tab.get_by_text("Avisarme también con el navegador").click()
    expect(tab.get_by_text("Este navegador avisa mientras el panel esté abierto")).to_be_visible()
    with shop_engine.begin() as connection:
        notices.tell(connection, "queue_paused", {"reason": "se llegó al tope del día."})
    until(
        tab,
        "(words) => window.told.includes(words)",
        "Revelado: La cola se detuvo: se llegó al tope del día.",
        seconds=60,
    )


def listened_to(page: Page) -> list[object]:
    """What the page sends to the panel through its socket, from now on, and the looks that it asks for beside it."""
    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    page.on("request", lambda request: asked.append(urlsplit(request.url).path) if "/vivo/" in request.url else None)
    return asked


def work_under_way(engine: Engine, page: Page, panel: RunningPanel) -> None:
    """And Progreso open before it."""
    run_sql(
        engine,
        "INSERT INTO image_processing_queue (articulo_id, articulo_nombre, estado, started_at, intentos, lease_until)"
        " VALUES (:id, 'Pinza', 'processing', now(), 1, now() + interval '1 hour')",
        id=article(engine, "Pinza"),
    )
    page.goto(f"{panel.url}/progreso")
    # Twice for a moment, while the page is redrawn.
    expect(page.get_by_text("Pinza").first).to_be_visible(timeout=20_000)


def seen(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_on_a_phone_the_menu_makes_way_for_the_page_that_is_chosen_in_it(
    administrator: BrowserContext, browser: Browser, shop: RunningPanel
) -> None:
    # A browser of its own: Streamlit remembers there that the menu was put away.
    phone = beside(browser, administrator, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(shop.url)
    menu = page.get_by_test_id("stSidebarNav")
    page.get_by_test_id("stExpandSidebarButton").tap(timeout=30_000)
    expect(menu).to_be_in_viewport()
    menu.get_by_text("Historial").tap()
    expect(page.get_by_role("heading", name="Historial")).to_be_visible(timeout=20_000)
    expect(menu).not_to_be_in_viewport(timeout=10_000)
    phone.close()
