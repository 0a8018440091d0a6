import itertools
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, text

from core.access.actors import Actor, Role
from core.queue import pause, services, stats
from core.queue.enqueue import enqueue
from core.queue.pause import Pause
from core.queue.stats import Overview
from core.settings.values import load_tuning
from core.ui import progress_look, snapshot
from tests.shop import run_sql
from tests.ui.pages_harness import Panel, add_articles, add_purchase, finish

Open = Callable[..., Panel]


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
    assert "3 completados, 0 fallidos y 17 por hacer" in tab.words


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


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_a_pause_that_begins_while_inicio_is_drawn_is_told(
    panel: Open, engine: Engine, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    tab = panel(Role.OPERATOR)
    tab.open("home")
    a_pause_begins(engine, monkeypatch, looks)
    tab.at.run()
    assert tab.has_button("Reanudar la cola")


@pytest.mark.parametrize("looks", [1, 2])
def test_a_pause_that_begins_while_progreso_is_drawn_is_found_by_the_next_look(
    panel: Open, engine: Engine, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    tab = panel(Role.OPERATOR)
    tab.open("progress")
    before, after = a_pause_begins(engine, monkeypatch, looks)
    tab.at.run()
    [watched] = [e.proto for e in tab.at.get("bidi_component") if e.proto.component_name == "revelado_lugares"]
    drawn = json.loads(watched.json)["standing"]
    # What the page was drawn with, whatever came meanwhile: so the browser asks for another one.
    shown = after if tab.has_button("Reanudar la cola") else before
    assert drawn == progress_look.look(shown, []).standing
    assert progress_look.look(before, []).standing != progress_look.look(after, []).standing


def a_pause_begins(engine: Engine, monkeypatch: pytest.MonkeyPatch, looks: int) -> tuple[Overview, Overview]:
    """After so many looks at the queue from now. (what those see, what the later ones see)"""
    before = stats.overview(engine, "UTC")
    after = replace(before, pause=Pause("by_person", "", "Beto", before.now, None))
    seen = itertools.count(1)
    monkeypatch.setattr(snapshot, "overview", lambda _app: before if next(seen) <= looks else after)
    return before, after


def prioritised(engine: Engine) -> list[tuple[int, int]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT batch_id, prioridad FROM image_processing_queue ORDER BY id"))
        return [(row.batch_id, row.prioridad) for row in rows]


@pytest.fixture
def two_batches(engine: Engine, operator: Actor) -> tuple[int, int]:
    """Of the first, 5 articles, one is done and one failed; the second has 2."""
    first = enqueue(engine, operator, add_articles(engine, 5), origin="panel", label="Vidriera")
    finish(engine, first.added[0].queue_id, "completed")
    finish(engine, first.added[1].queue_id, "failed", error="x")
    return first.batch_id, enqueue(engine, operator, add_articles(engine, 2), origin="panel", prioridad=10).batch_id


def test_each_batch_under_way_is_shown_with_what_is_left(panel: Open, two_batches: tuple[int, int]) -> None:
    tab = panel(Role.VIEWER)
    at = tab.open("progress")
    assert "Vidriera</b> · Beto · ahora" in tab.words
    assert "Faltan 3 de 5, 1 fallido." in tab.words
    assert f"Lote {two_batches[1]}</b> · Beto · ahora · Urgente" in tab.words
    assert "Faltan 2 de 2." in tab.words
    assert not at.menu_button


def test_of_many_batches_the_last_five_are_shown_and_what_waits_for_a_yes(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    for number in range(1, 8):
        enqueue(engine, operator, add_articles(engine, 1), origin="panel", label=f"Vidriera {number}")
    run_sql(engine, "UPDATE revelado.batches SET pilot = 'waiting' WHERE label = 'Vidriera 2'")
    tab = panel(Role.VIEWER)
    at = tab.open("progress")
    shown = [n for n in range(1, 8) if f"Vidriera {n}</b>" in tab.words]
    assert shown == [2, 4, 5, 6, 7]
    tab.button("Ver los 7 lotes").click()
    at.run()
    assert all(f"Vidriera {n}</b>" in tab.words for n in range(1, 8))
    assert tab.has_button("Ver menos lotes")


def test_a_batch_with_nothing_left_is_not_shown(panel: Open, engine: Engine, operator: Actor) -> None:
    done = enqueue(engine, operator, add_articles(engine, 1), origin="panel")
    finish(engine, done.added[0].queue_id, "completed")
    tab = panel(Role.OPERATOR)
    tab.open("progress")
    assert "Lotes en curso" not in tab.words


def test_an_operator_changes_the_priority_of_a_batch(panel: Open, engine: Engine, two_batches: tuple[int, int]) -> None:
    first, _second = two_batches
    at = panel(Role.OPERATOR).open("progress")
    at.menu_button(key=f"batch_{first}").set_value("10").run()
    assert not at.exception
    # What is done keeps the priority it had.
    assert [priority for batch, priority in prioritised(engine) if batch == first] == [0, 0, 10, 10, 10]


def test_an_operator_moves_a_batch_to_the_front(panel: Open, engine: Engine, two_batches: tuple[int, int]) -> None:
    first, _second = two_batches
    at = panel(Role.OPERATOR).open("progress")
    at.menu_button(key=f"batch_{first}").set_value("front").run()
    assert not at.exception
    with engine.connect() as connection:
        ahead = connection.scalars(
            text(
                "SELECT batch_id FROM image_processing_queue WHERE estado = 'pending' ORDER BY prioridad DESC, turn, id"
            )
        )
        assert list(ahead)[:3] == [first] * 3


def test_what_waits_of_a_batch_is_cancelled_after_a_confirmation_with_the_number(
    panel: Open, engine: Engine, two_batches: tuple[int, int]
) -> None:
    first, second = two_batches
    tab = panel(Role.OPERATOR)
    at = tab.open("progress")
    at.menu_button(key=f"batch_{first}").set_value("cancel").run()
    assert "De «Vidriera», los artículos que todavía esperan salen de la cola" in tab.words
    assert at.button(key="confirm_cancel_batch").label == "Cancelar 3 artículos"
    assert len(prioritised(engine)) == 7
    at.button(key="confirm_cancel_batch").click()
    at.run()
    assert not at.exception
    assert prioritised(engine) == [(first, 0), (first, 0), (second, 10), (second, 10)]
    assert "Vidriera" not in tab.words


def test_the_page_reads_the_queue_and_the_batches_in_one_statement_each(
    panel: Open, engine: Engine, two_batches: tuple[int, int]
) -> None:
    tab = panel(Role.OPERATOR)
    tab.open("progress")
    snapshot.forget()
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))
    tab.at.run()
    assert len(seen) == 2, seen


@pytest.mark.parametrize("role", list(Role))
def test_a_pause_by_the_budget_says_until_when_and_shows_who_may_the_way_out(
    panel: Open, engine: Engine, role: Role
) -> None:
    with engine.begin() as connection:
        pause.pause_for(connection, "sistema", "budget_day", "x", {}, 3600)
    tab = panel(role)
    tab.open("progress")
    assert "Se llegó al tope de gasto del día: US$ 0,00 de 20,00. Nada se pierde." in tab.words
    assert "Sigue sola " in tab.words
    assert tab.has_button("Subir el tope") is (role is Role.ADMIN)
    assert tab.has_button("Reanudar la cola") is (role is not Role.VIEWER)


def test_an_open_circuit_says_which_service_and_a_probe_says_so(panel: Open, engine: Engine) -> None:
    with engine.begin() as connection:
        for _failure in range(services.OPENS_AFTER):
            services.failed(connection, "gemini")
    tab = panel(Role.ADMIN)
    tab.open("progress")
    assert "Google Gemini no responde: falló 5 veces seguidas." in tab.words
    assert "Probando" not in tab.words
    assert not tab.has_button("Subir el tope")
    with engine.begin() as connection:
        pause.resume_if_for(connection, "circuit")
    snapshot.forget()
    tab.at.run()
    assert "Probando Google Gemini con un artículo." in tab.words


def test_most_of_the_budget_spent_is_warned_of(panel: Open, engine: Engine, operator: Actor) -> None:
    job = enqueue(engine, operator, add_articles(engine, 1), origin="panel").added[0].queue_id
    with engine.begin() as connection:
        add_purchase(connection, job, "used", "17.00")
    for role in (Role.VIEWER, Role.ADMIN):
        tab = panel(role)
        at = tab.open("progress")
        assert "Hoy US$ 17,00 de 20,00 (tope)." in tab.words
        assert "Ya se gastó el 85 % del tope del día: US$ 17,00 de 20,00." in tab.words
        links = [link.label for link in at.get("page_link")]
        assert ("Ver los topes en Ajustes" in links) is (role is Role.ADMIN)


def test_the_lane_of_the_night_is_told(panel: Open, engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 3), origin="panel", lane="economy")
    run_sql(
        engine,
        "INSERT INTO revelado.submissions (display_name, model, items, state, remote_name)"
        " VALUES ('a', 'm', 30, 'submitted', 'batches/a')",
    )
    tab = panel(Role.VIEWER)
    tab.open("progress")
    assert "Tanda de la noche: 3 esperan la próxima, 30 en Gemini desde las " in tab.words
    assert "ahora · Económica" in tab.words


@pytest.fixture
def piloted(engine: Engine, operator: Actor) -> int:
    """A batch of twenty whose first five are done."""
    done = enqueue(engine, operator, add_articles(engine, 20), origin="panel", pilot=5)
    with engine.connect() as connection:
        first = connection.scalars(text("SELECT id FROM image_processing_queue WHERE run_after IS NULL")).all()
    for job_id in first:
        finish(engine, job_id, "completed")
    return done.batch_id


def test_a_pilot_asks_for_a_yes_before_the_rest_is_made(panel: Open, engine: Engine, piloted: int) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("progress")
    assert "Piloto listo: 5 hechas. 15 artículos esperan su visto bueno." in tab.words
    tab.button("Seguir con el resto…").click()
    at.run()
    assert "Se procesarán 15 artículos más. Como mucho: sin costo" in tab.words
    at.button("confirm_pilot_go").click()
    at.run()
    assert not at.exception
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pilot FROM revelado.batches")) == "released"


def test_a_pilot_that_did_not_convince_ends_there(panel: Open, engine: Engine, piloted: int) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("progress")
    tab.button("No seguir…").click()
    at.run()
    assert "15 artículos salen de la cola" in tab.words
    at.button("confirm_pilot_stop").click()
    at.run()
    assert not at.exception
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM image_processing_queue")) == 5


def test_who_may_only_look_sees_the_pilot_and_no_buttons(panel: Open, piloted: int) -> None:
    tab = panel(Role.VIEWER)
    tab.open("progress")
    assert not tab.has_button("Seguir con el resto…")


@pytest.mark.parametrize("role", list(Role))
def test_the_speed_is_shown_to_all_and_changed_by_administrators(panel: Open, engine: Engine, role: Role) -> None:
    tab = panel(role)
    at = tab.open("progress")
    if role is not Role.ADMIN:
        assert "Velocidad: Tranquila" in tab.words and not at.radio
        return
    at.radio[0].set_value("rapida").run()
    at.button("change_speed").click()
    at.run()
    assert not at.exception
    with engine.connect() as connection:
        assert load_tuning(connection).speed == "rapida"


def test_pace_and_spend_of_the_day_are_shown(panel: Open, engine: Engine, operator: Actor) -> None:
    done = enqueue(engine, operator, add_articles(engine, 4), origin="panel")
    for added in done.added[:3]:
        finish(engine, added.queue_id, "completed")
        run_sql(
            engine,
            "INSERT INTO revelado.attempts (job_id, claim_token, number, finished_at, outcome, seconds)"
            """ VALUES (:job, 1, 1, now(), 'completed', '{"fetch": 0.5, "buy": 9.25, "host": 1}')""",
            job=added.queue_id,
        )
    run_sql(
        engine,
        "UPDATE image_processing_queue SET started_at = now() - interval '30 s' * (id + 1),"
        " completed_at = now() - interval '30 s' * id WHERE estado = 'completed'",
    )
    run_sql(engine, "INSERT INTO revelado.workers (id, host, pid, editor, model)"
            " VALUES (gen_random_uuid(), 'tienda', 7, 'local', 'u2netp')")  # fmt: skip
    run_sql(engine, "INSERT INTO revelado.spend (slot, amount) VALUES (now(), 0.12)")
    snapshot._pace.clear()
    tab = panel(Role.VIEWER)
    at = tab.open("progress")
    assert "Haciendo la imagen" in tab.words and "9,3 s; los lentos, 9,3 s" in tab.words.replace("9,2 s", "9,3 s")
    assert "Ritmo mientras trabaja: " in tab.words
    assert "Faltan 1 de 4" in tab.words or "Falta 1 de 4. Listo hacia las " in tab.words
    assert "Gasto por hora, último día" in [title.value.replace("\\", "") for title in at.header]
