from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import bootstrap
from core.access.actors import Actor, Role
from core.errors import NotAllowed, StartupError
from core.queue import pause
from core.settings import probes
from core.settings.change import change_all
from core.settings.values import Tuning, load_tuning
from core.ui import settings_currency
from tests.ui.pages_harness import Panel

Open = Callable[..., Panel]


def tuning(engine: Engine) -> Tuning:
    with engine.connect() as connection:
        return load_tuning(connection)


def test_the_hours_say_what_they_will_do_before_they_are_saved(panel: Open, engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    at = tab.open("settings")
    assert "Se procesa a toda hora." in tab.words
    [limited] = [group for group in at.segmented_control if group.label == "Cuándo se procesa"]
    limited.set_value(True).run()
    begin = (datetime.now(UTC) + timedelta(hours=2)).replace(minute=0)
    at.time_input[0].set_value(begin.time().replace(second=0, microsecond=0)).run()
    at.time_input[1].set_value((begin + timedelta(hours=1)).time().replace(second=0, microsecond=0)).run()
    # Two hours from now may be tomorrow: then that is told too.
    when = f"a las {begin:%H:%M}" + ("" if begin.date() == datetime.now(UTC).date() else " de mañana")
    assert f"al guardar, la cola queda en pausa y sigue sola {when}." in tab.words
    assert tuning(engine).schedule_from == ""
    at.button("save_hours").click()
    at.run()
    assert not at.exception
    assert tuning(engine).schedule_from == f"{begin:%H:%M}"
    with engine.connect() as connection:
        found = pause.current(connection)
    assert found is not None and found.reason_code == pause.OUT_OF_HOURS


@pytest.mark.parametrize("role", list(Role))
def test_out_of_hours_is_no_trouble_and_says_when_it_goes_on(
    panel: Open, engine: Engine, admin: Actor, role: Role
) -> None:
    begin = datetime.now(UTC) + timedelta(hours=2)
    hours = {"schedule_from": f"{begin:%H:%M}", "schedule_to": f"{begin + timedelta(hours=1):%H:%M}"}
    change_all(engine, admin, hours, "UTC")
    tab = panel(role)
    at = tab.open("home")
    assert f"Fuera de horario: la tienda procesa de {begin:%H:%M} a " in tab.words
    assert "Sigue sola" in tab.words and not at.warning
    assert tab.has_button("Procesar ahora igual") is (role is not Role.VIEWER)
    assert tab.has_button("Cambiar el horario") is (role is Role.ADMIN)


def test_the_currency_shows_how_it_will_look_and_is_kept_with_its_date(panel: Open, engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    at = tab.open("settings")
    [code] = [field for field in at.text_input if field.label == "Moneda"]
    [rate] = [field for field in at.text_input if field.label == "Un dólar vale"]
    code.set_value("ars")
    rate.set_value("1250,5").run()
    assert "Se verá así: US$ 20,00 (ARS 25.010,00)." in tab.words
    at.button("save_currency").click()
    at.run()
    assert not at.exception
    kept = tuning(engine)
    assert (kept.currency, kept.currency_rate) == ("ARS", Decimal("1250.5"))
    assert kept.currency_date == datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1250", "1250"), ("17,35", "17.35"), ("17.35", "17.35"), ("1.250", None), ("0", None), ("-3", None), ("x", None)],
)
def test_a_rate_is_read_only_where_it_can_mean_one_thing(typed: str, read: str | None) -> None:
    assert settings_currency._read(typed) == (None if read is None else Decimal(read))


def test_keys_are_told_of_and_never_shown_and_each_service_can_be_asked(panel: Open) -> None:
    tab = panel(Role.ADMIN, GEMINI_API_KEY="AIza-secret", GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:9")
    at = tab.open("settings")
    assert "AIza" not in tab.words
    assert {b.key for b in at.button if b.key and b.key.startswith("probe_")} == {
        "probe_gemini", "probe_database", "probe_disk",
    }  # fmt: skip
    for name, said in (("database", "PostgreSQL"), ("disk", "libres de")):
        at.button(f"probe_{name}").click()
        at.run()
        assert not at.exception
        assert "Respondió bien en " in tab.words and said in tab.words


def test_a_service_that_refuses_is_told_in_its_own_words(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_settings: object) -> None:
        raise StartupError("Google rechaza GEMINI_API_KEY. Revise la clave.", "x")

    monkeypatch.setattr(bootstrap, "check_editor", refuse)
    tab = panel(Role.ADMIN, GEMINI_API_KEY="AIza-secret")
    at = tab.open("settings")
    at.button("probe_gemini").click()
    at.run()
    assert "Google rechaza GEMINI_API_KEY. Revise la clave." in tab.words


def test_only_administrators_ask_services(operator: Actor) -> None:
    with pytest.raises(NotAllowed):
        probes.probe(operator, lambda: None)
