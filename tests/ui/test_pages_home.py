import json
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.queue import pause
from core.queue.enqueue import enqueue
from tests.ui.pages_harness import Panel, add_articles, finish

Open = Callable[..., Panel]


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_shop_says_what_to_do_first(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("home")
    assert "Todavía no hay artículos" in tab.words
    assert "No hay trabajos en la cola. Hoy US$ 0,00 de 20,00 (tope)." in tab.words


def test_waiting_articles_without_a_worker_are_said_to_be_safe(panel: Open, engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 3), origin="panel")
    tab = panel(Role.VIEWER)
    tab.open("home")
    assert "Esperan 3 artículos." in tab.words
    assert "Ningún trabajador está activo: los artículos esperan, no se pierden." in tab.words


def test_the_last_picture_is_shown_before_and_after(panel: Open, engine: Engine, operator: Actor) -> None:
    job = enqueue(engine, operator, add_articles(engine, 1), origin="panel").added[0].queue_id
    finish(engine, job, "completed")
    tab = panel(Role.VIEWER)
    tab.open("home")
    assert "Antes: Tornillo 0001" in tab.words
    assert "Después: Tornillo 0001" in tab.words


def test_an_operator_resumes_a_paused_queue(panel: Open, engine: Engine, operator: Actor) -> None:
    pause.pause(engine, operator, "Cambio de fotos")
    tab = panel(Role.OPERATOR)
    tab.open("home")
    assert "Beto puso la cola en pausa" in tab.words
    assert "Cambio de fotos" in tab.words
    tab.button("Reanudar la cola").click()
    tab.at.run()
    assert not tab.at.exception
    with engine.connect() as connection:
        assert pause.current(connection) is None
    assert "en pausa" not in tab.words


def test_a_viewer_sees_the_pause_but_no_button(panel: Open, engine: Engine, operator: Actor) -> None:
    pause.pause(engine, operator, "Cambio de fotos")
    tab = panel(Role.VIEWER)
    tab.open("home")
    assert "Cambio de fotos" in tab.words
    assert not tab.has_button("Reanudar")


def test_an_administrator_removes_the_demonstration_after_a_confirmation(panel: Open, engine: Engine) -> None:
    ids = add_articles(engine, 2)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO revelado.settings (key, value, updated_by) VALUES ('demo', CAST(:value AS jsonb), 'x')"),
            {"value": json.dumps({"articulos": ids, "categorias": []})},
        )
    tab = panel(Role.ADMIN)
    tab.open("home")
    assert "Este catálogo es de demostración" in tab.words
    tab.button("Quitar la demostración").click()
    tab.at.run()
    assert "No se puede deshacer." in tab.words
    tab.button("Borrar los artículos de demostración").click()
    tab.at.run()
    assert not tab.at.exception
    assert "artículos de demostración" not in tab.words
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM articulos")) == 0
