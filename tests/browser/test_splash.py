"""What a person sees before Streamlit's page is there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningPanel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_who_is_signed_in_reads_at_once_how_things_stand(tab: Page, shop: RunningPanel) -> None:
    hold_streamlit(tab)
    tab.wait_for_timeout(2_500)  # the panel's look at the queue may be two seconds old: of the shop of another test
    tab.goto(f"{shop.url}/historial", wait_until="commit")
    splash = tab.locator("#splash")
    expect(splash.get_by_text("No hay trabajos en la cola. Hoy US$")).to_be_visible()
    tab.unroute("**/static/js/**")
    tab.goto(f"{shop.url}/historial")
    expect(tab.get_by_role("heading", name="Historial")).to_be_visible()
    expect(splash).to_have_count(0)


def test_a_stranger_is_told_nothing(browser: Browser, shop: RunningPanel) -> None:
    context = browser.new_context(locale="es-AR")
    page = context.new_page()
    hold_streamlit(page)
    page.goto(shop.url, wait_until="commit")
    expect(page.locator("#splash")).to_be_attached()
    assert page.locator("#splash").inner_text() == ""
    page.unroute("**/static/js/**")
    page.goto(shop.url)
    expect(page.get_by_label("Correo")).to_be_visible()
    expect(page.locator("#splash")).to_have_count(0)
    context.close()


def hold_streamlit(page: Page) -> None:
    """As on a slow line: its code doesn't come."""
    page.route("**/static/js/**", lambda route: None)
