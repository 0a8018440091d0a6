from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.queue.enqueue import enqueue
from core.queue.history import HistoryFilter
from core.ui import history_pages
from tests.ui.pages_harness import Panel, add_articles, finish

Open = Callable[[Role], Panel]


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT estado FROM image_processing_queue ORDER BY id")))


@pytest.fixture
def worked(engine: Engine, operator: Actor) -> list[int]:
    """Three jobs: completed, failed, failed; ended ten days ago."""
    done = enqueue(engine, operator, add_articles(engine, 3, categoria_id=1), origin="panel")
    ids = [added.queue_id for added in done.added]
    finish(engine, ids[0], "completed", days_ago=10)
    for job in ids[1:]:
        finish(engine, job, "failed", error="La foto no se puede abrir.", days_ago=10)
    return ids


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_history_says_what_to_do(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("history")
    assert "Todavía no hay trabajos" in tab.words


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_buttons(panel: Open, worked: list[int], role: Role) -> None:
    tab = panel(role)
    at = tab.open("history")
    assert "3 trabajos. Mostrando 1–3." in tab.words
    assert len(at.dataframe[0].value) == 3
    assert tab.has_button("Reintentar todos los fallidos") is (role is not Role.VIEWER)
    assert tab.has_button("Limpiar") is (role is Role.ADMIN)


def test_filters_come_from_the_address_and_go_into_the_download(panel: Open, worked: list[int]) -> None:
    tab = panel(Role.VIEWER)
    at = tab.open("history", estado="failed", buscar="tornillo 0003", desde="2020-01-01")
    assert list(at.dataframe[0].value["nombre"]) == ["Tornillo 0003"]
    assert at.link_button[0].url == "/exportar/historial.csv?estado=failed&buscar=tornillo+0003&desde=2020-01-01"


def test_a_filter_without_a_match_says_so(panel: Open, worked: list[int]) -> None:
    tab = panel(Role.VIEWER)
    tab.open("history", estado="processing")
    assert "Ningún trabajo cumple los filtros" in tab.words


def test_one_batch_can_be_left_again(panel: Open, worked: list[int], engine: Engine, operator: Actor) -> None:
    other = enqueue(engine, operator, add_articles(engine, 1), origin="panel").batch_id
    tab = panel(Role.VIEWER)
    at = tab.open("history", lote=str(other))
    assert f"Solo el lote {other}." in tab.words
    assert len(at.dataframe[0].value) == 1
    tab.button("Ver todos los lotes").click()
    at.run()
    assert len(at.dataframe[0].value) == 4
    assert "lote" not in at.query_params


def test_all_failed_jobs_are_retried_after_a_confirmation_with_figures(
    panel: Open, worked: list[int], engine: Engine
) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("history")
    tab.button("Reintentar todos los fallidos").click()
    at.run()
    assert "2 trabajos vuelven a la cola: sin costo" in tab.words
    assert states(engine) == ["completed", "failed", "failed"]
    at.button(key="confirm_retry").click()
    at.run()
    assert not at.exception
    assert states(engine) == ["completed", "pending", "pending"]


def test_old_jobs_are_counted_before_they_are_removed(panel: Open, worked: list[int], engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    at = tab.open("history")
    tab.button("Limpiar").click()
    at.run()
    assert at.button(key="confirm_clean").label == "Borrar 3 trabajos viejos"
    at.button(key="confirm_clean").click()
    at.run()
    assert not at.exception
    assert states(engine) == []


def test_pages_go_older_and_newer(panel: Open, engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 70), origin="panel")
    tab = panel(Role.VIEWER)
    at = tab.open("history")
    assert "70 trabajos. Mostrando 1–50." in tab.words
    at.button(key="history_older").click()
    at.run()
    assert "70 trabajos. Mostrando 51–70." in tab.words
    at.button(key="history_newer").click()
    at.run()
    assert "70 trabajos. Mostrando 1–50." in tab.words


def test_another_filter_begins_at_the_first_page() -> None:
    trail = history_pages.continued(None, HistoryFilter()).following(50).following(20)
    assert history_pages.continued(trail, HistoryFilter()).before_id == 20
    assert history_pages.continued(trail, HistoryFilter(estado="failed")).before_id is None
    assert trail.previous().previous().previous().number == 1
