"""What Fallidos and Ajustes are for, in a real browser; the other pages' ways have files of their own."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.access.actors import SYSTEM
from core.queue.enqueue import enqueue
from core.settings.change import change
from core.settings.values import load_tuning
from tests.browser.conftest import RunningPanel, settled
from tests.shop import article, rows, run_sql

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_what_failed_is_told_by_its_cause_and_retried_by_one_act_that_says_how_many(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    enqueue(shop_engine, SYSTEM, [article(shop_engine, f"Pinza {n}") for n in range(3)], origin="panel")
    run_sql(
        shop_engine,
        "UPDATE image_processing_queue SET estado = 'failed', completed_at = now(), error_code = 'gemini_overloaded',"
        " error_message = 'El servicio está sobrecargado.', error_stack = 'Traceback: 503'",
    )
    tab.goto(f"{shop.url}/fallidos")
    expect(tab.get_by_text("3 artículos no salieron y conservan la foto que tenían.")).to_be_visible()
    expect(tab.get_by_text("Traceback: 503")).to_have_count(0)
    tab.get_by_role("button", name="Reintentar 3 artículos").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_text("3 artículos vuelven a la cola")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("^Reintentar 3 artículos")).click()
    expect(tab.get_by_text("3 artículos volvieron a la cola.")).to_be_visible()
    expect(tab.get_by_text("No hay fallidos")).to_be_visible()
    assert {row.estado for row in rows(shop_engine, "SELECT estado FROM image_processing_queue")} == {"pending"}


def test_a_setting_says_what_it_does_before_it_is_saved_and_is_in_the_log(
    tab: Page, shop: RunningPanel, shop_engine: Engine
) -> None:
    change(shop_engine, SYSTEM, "daily_budget", Decimal(20))
    tab.goto(f"{shop.url}/ajustes")
    settled(tab)
    tab.get_by_label("Tope por día (US$)").fill("35")
    tab.get_by_role("button", name="Guardar los ajustes").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("Tope por día"))).to_be_visible()
    dialog.get_by_role("button", name="Guardar 1 cambio").click()
    expect(tab.get_by_text(re.compile(r"^Guardado\."))).to_be_visible()
    with shop_engine.connect() as connection:
        assert load_tuning(connection).daily_budget == 35
    tab.goto(f"{shop.url}/auditoria")
    expect(tab.get_by_test_id("stDataFrame").locator("td").filter(has_text="Cambió un ajuste").first).to_be_attached()
