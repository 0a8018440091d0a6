"""What charts say of days and hours, in a browser whose clock is not the shop's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine

from tests.browser.conftest import RunningPanel, beside, settled
from tests.shop import article, run_sql
from tests.ui.pages_harness import add_purchase

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize("zone", ["America/Argentina/Buenos_Aires", "Asia/Tokyo"])
def test_a_day_of_costs_is_called_by_its_own_date(
    administrator: BrowserContext, browser: Browser, shop: RunningPanel, shop_engine: Engine, zone: str
) -> None:
    bought_today(shop_engine)
    context = beside(browser, administrator, timezone_id=zone, viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.goto(f"{shop.url}/costos?periodo=7_dias")
    expect(page.get_by_role("heading", name="Gasto por día")).to_be_visible(timeout=30_000)
    settled(page)
    assert f" {datetime.now(UTC).day} de " in told_at_the_last_bar(page)
    context.close()


def bought_today(engine: Engine) -> None:
    run_sql(
        engine,
        "INSERT INTO image_processing_queue (articulo_id, articulo_nombre, estado, completed_at)"
        " VALUES (:id, 'Pinza', 'completed', now())",
        id=article(engine, "Pinza"),
    )
    with engine.begin() as connection:
        add_purchase(connection, 1, "used", "15.00")


def told_at_the_last_bar(page: Page) -> str:
    """What the chart says to a mouse that comes from its right end."""
    chart = page.get_by_test_id("stVegaLiteChart").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    tooltip = page.locator("#vg-tooltip-element")
    for left in range(int(box["width"]) - 6, 0, -6):
        page.mouse.move(box["x"] + left, box["y"] + box["height"] * 0.6)
        page.wait_for_timeout(20)
        if tooltip.count() and "US$" in (said := tooltip.inner_text()):
            return said
    raise AssertionError("no bar said anything")
