from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.queue import pause
from core.queue.enqueue import enqueue
from tests.ui.pages_harness import Panel, add_articles, finish

Open = Callable[[Role], Panel]


@pytest.mark.parametrize("role", list(Role))
def test_an_idle_queue_draws_for_each_role(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("progress")
    assert "No hay trabajos en la cola." in tab.words
    assert "No se está procesando ningún artículo." in tab.words
    assert tab.has_button("Pausar") is (role is not Role.VIEWER)


def test_work_is_told_in_words(panel: Open, engine: Engine, operator: Actor) -> None:
    done = enqueue(engine, operator, add_articles(engine, 20), origin="panel")
    for added in done.added[:3]:
        finish(engine, added.queue_id, "completed")
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE image_processing_queue SET estado = 'processing', stage = 'buy', intentos = 1,"
                " started_at = now() - interval '7 seconds', lease_until = now() + interval '5 minutes' WHERE id = :id"
            ),
            {"id": done.added[3].queue_id},
        )
        connection.execute(
            text(
                "INSERT INTO revelado.workers (id, host, pid, editor, model)"
                " VALUES (gen_random_uuid(), 'tienda', 7, 'local', 'u2netp')"
            )
        )
    tab = panel(Role.VIEWER)
    tab.open("progress")
    assert "Procesando 4 de 20." in tab.words
    assert "Haciendo la imagen · " in tab.words
    assert "Tornillo 0004" in tab.words
    assert "3 completados, 0 fallidos y 17 en la cola, en las últimas 24 horas" in tab.words


def test_an_operator_pauses_with_a_reason(panel: Open, engine: Engine) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("progress")
    at.text_input[0].set_value("Llegan fotos nuevas")
    tab.button("Pausar").click()
    at.run()
    assert not at.exception
    with engine.connect() as connection:
        found = pause.current(connection)
    assert found is not None
    assert found.reason == "Llegan fotos nuevas"
    assert "Llegan fotos nuevas" in tab.words
    assert tab.has_button("Reanudar la cola")
