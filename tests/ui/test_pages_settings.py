from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.errors import InvalidInput
from core.queue import pause
from core.settings.change import change
from core.settings.values import BOUNDS, Tuning, load_tuning
from core.ui import settings_fields
from core.ui.settings_fields import Field
from tests.shop import run_sql
from tests.ui.pages_harness import Panel

Open = Callable[..., Panel]
DAY = "Tope por día (US$)"


def tuning(engine: Engine) -> Tuning:
    with engine.connect() as connection:
        return load_tuning(connection)


def field(tab: Panel, label: str) -> Any:
    return next(f for f in tab.at.text_input if f.label == label)


def plain(tab: Panel) -> str:
    return tab.words.replace("*", "").replace("\xa0", " ")


def ask(tab: Panel) -> None:
    tab.button("Guardar los ajustes").click()
    tab.at.run()
    assert not tab.at.exception


def save(tab: Panel) -> None:
    ask(tab)
    tab.at.button("confirm_settings").click().run()
    assert not tab.at.exception


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_administrators_see_the_settings(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("settings")
    assert "Su usuario no tiene permiso para esto. Pídalo a un administrador." in tab.words
    assert not tab.has_button("Guardar los ajustes")


def test_each_field_says_what_it_does_and_its_bounds(panel: Open) -> None:
    tab = panel(Role.ADMIN)
    tab.open("settings")
    shown = [f for group in settings_fields.groups("tranquila") for f in group.fields]
    assert {f.name for f in shown} == BOUNDS.keys() - {"poll_seconds"} | {"webhook_url"}
    for each in shown:
        assert field(tab, each.label).value == settings_fields.written(each.name, Tuning())
        assert f"{each.does} {settings_fields.bounds(each.name)}" in tab.words


def test_saving_says_what_changed_and_keeps_the_rest(panel: Open, engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    at = tab.open("settings")
    at.radio[0].set_value("rapida").run()
    assert "Segundos entre artículos" not in [f.label for f in at.text_input]
    field(tab, DAY).set_value("30,50")
    save(tab)
    assert "Guardado. Velocidad: Tranquila → Rápida; Tope por día (US$): US$ 20,00 → US$ 30,50." in tab.words
    assert tuning(engine) == Tuning(speed="rapida", daily_budget=Decimal("30.50"))
    assert field(tab, DAY).value == "30,50"


def test_nothing_changed_is_said(panel: Open) -> None:
    tab = panel(Role.ADMIN)
    tab.open("settings")
    ask(tab)
    assert "No cambió nada" in tab.words
    assert "confirm_settings" not in [button.key for button in tab.at.button]


def test_what_a_change_does_is_told_in_figures_before_it_is_saved(panel: Open, engine: Engine) -> None:
    run_sql(engine, "INSERT INTO revelado.spend (slot, amount) VALUES (now(), 12)")
    tab = panel(Role.ADMIN, GEMINI_API_KEY="clave")
    at = tab.open("settings")
    at.radio[0].set_value("rapida").run()
    field(tab, DAY).set_value("30,50")
    field(tab, "Tope por mes (US$)").set_value("10")
    ask(tab)
    assert "Tope por día (US$): US$ 20,00 → US$ 30,50. Hoy van US$ 12,00. Quedan US$ 18,50: unas " in plain(tab)
    assert "En el mes van US$ 12,00. Es más que el tope nuevo: la cola se pone en pausa." in plain(tab)
    assert "Hasta cuatro artículos a la vez, dentro de los límites." in plain(tab)
    assert "100 artículos, con un trabajador: entre 17 y 53 min → entre 5 y 12 min." in plain(tab)
    assert tuning(engine) == Tuning(), "nothing is saved yet"
    tab.button("Guardar 3 cambios").click()
    at.run()
    assert tuning(engine) == Tuning(speed="rapida", daily_budget=Decimal("30.50"), monthly_budget=Decimal(10))


def test_a_bad_number_names_its_field_and_nothing_is_lost_nor_kept(panel: Open, engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    tab.open("settings")
    field(tab, DAY).set_value("veinte")
    field(tab, "Intentos por artículo").set_value("99")
    field(tab, "Pedidos a la vez").set_value("4")
    ask(tab)
    assert "Tope por día (US$): escriba un número sin separador de miles, como 1200 o 12,50." in tab.words
    assert "Intentos por artículo: use un número entre 1 y 10." in tab.words
    assert "No se guardó nada." in tab.words
    assert tuning(engine) == Tuning()
    assert [field(tab, label).value for label in (DAY, "Intentos por artículo", "Pedidos a la vez")] == [
        "veinte", "99", "4",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["1.200", "1,200", "1.200,50", "", "dos", "1e3", "NaN"])
def test_money_that_can_be_read_two_ways_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        settings_fields.read(Field("daily_budget", "Tope", ""), typed)


@pytest.mark.parametrize(("typed", "read"), [("1200", "1200"), ("12,5", "12.5"), (" 0.50 ", "0.5"), ("0", "0")])
def test_money_is_read_with_comma_or_point(typed: str, read: str) -> None:
    assert settings_fields.read(Field("daily_budget", "Tope", ""), typed) == Decimal(read)


def test_a_higher_cap_ends_the_pause_it_caused(panel: Open, engine: Engine) -> None:
    with engine.begin() as connection:
        pause.pause_for(connection, "sistema", "budget_day", "Se llegó al tope.", {}, 3600)
    tab = panel(Role.ADMIN)
    tab.open("settings")
    field(tab, DAY).set_value("50")
    save(tab)
    assert "US$ 20,00 → US$ 50,00. La cola sigue." in tab.words


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(panel: Open, engine: Engine, admin: Actor) -> None:
    tab = panel(Role.ADMIN)
    tab.open("settings")
    change(engine, admin, "in_flight", 3)
    field(tab, DAY).set_value("50")
    save(tab)
    assert tuning(engine) == Tuning(in_flight=3, daily_budget=Decimal(50))


def test_what_is_still_to_do_outside_the_database_is_listed(panel: Open, engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    tab.open("settings")
    assert "No hay ninguna." in tab.words
    with engine.begin() as connection:
        article = connection.scalar(text("INSERT INTO articulos (nombre) VALUES ('Martillo') RETURNING id"))
        picture = connection.scalar(
            text(
                "INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:id, 'result', 'u', 'local')"
                " RETURNING id"
            ),
            {"id": article},
        )
    add = (
        "INSERT INTO revelado.outbox (kind, payload, run_after, tries, last_error, done_at) VALUES"
        " ('delete_superseded', jsonb_build_object('picture_id', CAST(:id AS bigint)),"
        " now() + interval '9 days', 0, NULL, NULL),"
        " ('webhook', '{}', now() + interval '10 days', 3, 'No responde.', NULL),"
        " ('webhook', '{}', now(), 1, NULL, now())"
    )
    run_sql(engine, add, id=picture)
    tab.at.run()
    table = tab.at.dataframe[0].value
    assert list(table["tarea"]) == ["Avisar a otro sistema", "Borrar la imagen reemplazada de «Martillo»"]
    assert list(table["error"]) == ["No responde.", ""]
    assert list(table["intentos"]) == [3, 0]
