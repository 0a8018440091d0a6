"""The door, in a real browser: first hit on every address, one-time password, cookie, reload, sign-out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from core.ui.frame import PAGES
from tests.browser.conftest import RunningPanel, choose_password, settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PASSWORD = "tornillo-hexagonal-9"
TITLES = [screen.title for screen in PAGES.values()]


def test_the_first_request_to_each_address_shows_the_sign_in_and_never_the_page(
    panel: RunningPanel, browser: Browser
) -> None:
    # The very first one decides (a stray `pages` folder would answer it), so the pages go before the root.
    context = browser.new_context()
    page = context.new_page()
    for address in [*(screen.url for screen in PAGES.values() if screen.url != "inicio"), "", "inventada"]:
        page.goto(f"{panel.url}/{address}")
        expect(page.get_by_label("Correo")).to_be_visible(timeout=20_000)
        settled(page)
        for title in TITLES:
            expect(page.get_by_role("heading", name=title, exact=True)).to_have_count(0)
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    context.close()


def test_from_the_one_time_password_to_the_sign_out(panel: RunningPanel, page: Page, browser: Browser) -> None:
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((panel.url, "data:", "blob:")) else elsewhere.append(request.url)
        ),
    )

    page.goto(f"{panel.url}/historial?estado=failed&desde=2026-01-15")
    sign_in(page, panel.admin, "esta-no-es-la-clave")
    expect(page.get_by_text("contraseña no son correctos")).to_be_visible()
    with page.expect_response("**/auth/sesion") as answer:
        sign_in(page, panel.admin, panel.one_time_password)
    assert answer.value.status == 204
    expect(page.get_by_role("heading", name="Elija su contraseña")).to_be_visible()
    choose_password(page, panel.one_time_password, PASSWORD)
    expect(page.get_by_role("heading", name="Historial")).to_be_visible()
    assert page.url.endswith("/historial?estado=failed&desde=2026-01-15"), "the filters come through the sign-in"
    expect(page.get_by_text("Ningún trabajo cumple los filtros")).to_be_visible()

    page.reload()
    expect(page.get_by_role("heading", name="Historial")).to_be_visible()
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == "sid"]
    assert cookie["httpOnly"]
    assert cookie["expires"] > 0, "it outlives the browser being closed"
    assert cookie["sameSite"] == "Lax"
    assert "sid=" not in page.evaluate("document.cookie")

    with page.expect_response("**/auth/salir"):
        page.get_by_role("button", name="Salir").click()
    expect(page.get_by_label("Correo")).to_be_visible()
    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert "sid" not in kept
    assert kept["equipo"]["httpOnly"], "by which the browser is known again"
    stolen = browser.new_context()
    stolen.add_cookies([{"name": "sid", "value": cookie["value"], "url": panel.url}])
    thief = stolen.new_page()
    thief.goto(f"{panel.url}/ayuda")
    expect(thief.get_by_label("Correo")).to_be_visible(timeout=20_000)
    stolen.close()
    assert elsewhere == []


def test_signing_out_in_one_tab_empties_the_other_at_its_next_step(signed_in: Page, panel: RunningPanel) -> None:
    other = signed_in.context.new_page()
    other.goto(f"{panel.url}/ayuda")
    expect(other.get_by_role("heading", name="Ayuda")).to_be_visible()
    with signed_in.expect_response("**/auth/salir"):
        signed_in.get_by_role("button", name="Salir").click()
    other.get_by_test_id("stSidebarNav").get_by_text("Progreso").click()
    expect(other.get_by_label("Correo")).to_be_visible()
