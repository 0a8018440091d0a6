from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.queue.enqueue import enqueue
from core.settings.change import change_all
from core.ui import costs_panel
from tests.shop import run_sql
from tests.ui.pages_harness import Panel, add_articles, add_picture, add_purchase, finish

Open = Callable[..., Panel]


@pytest.fixture(autouse=True)
def anew() -> None:
    costs_panel._read.clear()


@pytest.fixture
def spent(engine: Engine, operator: Actor) -> None:
    """Two pictures at 0.04."""
    done = enqueue(engine, operator, add_articles(engine, 2, categoria_id=1), origin="panel")
    for added in done.added:
        finish(engine, added.queue_id, "completed")
        add_picture(engine, added.queue_id)
    run_sql(
        engine, "UPDATE revelado.purchases p SET articulo_id = q.articulo_id, batch_id = q.batch_id"
        " FROM image_processing_queue q WHERE q.id = p.job_id"
    )  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_without_purchases_the_page_says_what_will_be_here(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("costs")
    assert "No se gastó nada en estos días" in tab.words


def test_the_bill_is_one_sentence_and_what_each_picture_cost(panel: Open, spent: None) -> None:
    tab = panel(Role.VIEWER)
    at = tab.open("costs")
    assert "Se gastaron US$ 0,08 y se hicieron 2 imágenes." in tab.words
    assert "de nuevo" not in tab.words
    assert "Por imagen hecha" in tab.words and "US$ 0,04" in tab.words
    assert "Este mes van US$ 0,08." in tab.words
    titles = [title.value.replace("\\", "") for title in at.header]
    assert titles == ["Gasto por día", "Por categoría", "Por persona"]


def test_what_was_used_again_is_told_beside_what_was_made(panel: Open, engine: Engine, spent: None) -> None:
    with engine.begin() as connection:
        job = connection.exec_driver_sql("SELECT max(id) FROM image_processing_queue").scalar_one()
        add_purchase(connection, job, "reused", "0")
    tab = panel(Role.VIEWER)
    tab.open("costs")
    assert "se hicieron 2 imágenes. Otra ya se tenía y se usó de nuevo." in tab.words


def test_the_shops_currency_stands_beside_the_dollars_with_its_date(
    panel: Open, engine: Engine, admin: Actor, spent: None
) -> None:
    change_all(
        engine, admin, {"currency": "ars", "currency_rate": Decimal("1250.5"), "currency_date": "2026-11-27"}, "UTC"
    )
    tab = panel(Role.VIEWER)
    tab.open("costs")
    assert "A 1.250,5 ARS por dólar, cotización del 27 nov 2026." in tab.words
    assert "Se gastaron US$ 0,08 (ARS 100,04)" in tab.words


def test_the_period_is_in_the_address(panel: Open, spent: None) -> None:
    tab = panel(Role.VIEWER)
    at = tab.open("costs", periodo="mes_pasado")
    assert at.selectbox[0].value == "mes_pasado"
    assert "No se gastó nada en estos días" in tab.words or "No hay compras en estos días" in tab.words
    at.selectbox[0].set_value("7_dias").run()
    assert not at.exception
    assert at.query_params["periodo"] in ("7_dias", ["7_dias"])


def test_a_month_that_will_pass_its_cap_is_warned_of(panel: Open, engine: Engine, admin: Actor, spent: None) -> None:
    change_all(engine, admin, {"monthly_budget": Decimal("0.09")}, "UTC")
    run_sql(engine, "UPDATE revelado.spend SET amount = 0.05")
    tab = panel(Role.VIEWER)
    tab.open("costs")
    assert "Pasa el tope de US$ 0,09" in tab.words or "Está dentro del tope" in tab.words


def test_pictures_that_cost_nothing_say_why(panel: Open, engine: Engine, operator: Actor) -> None:
    [added] = enqueue(engine, operator, add_articles(engine, 1), origin="panel").added
    finish(engine, added.queue_id, "completed")
    with engine.begin() as connection:
        add_purchase(connection, added.queue_id, "used", "0")
    tab = panel(Role.VIEWER)
    tab.open("costs")
    assert "Las imágenes se hacen en este equipo, sin Gemini" in tab.words
