from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from core.money.budget import Budget
from core.queue.counts import Counts
from core.queue.forecast import Estimate
from core.queue.pause import Pause
from core.queue.stats import Economy, Overview, Work, WorkerLight
from core.settings.values import Tuning
from core.ui import prices, sentences

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
WORKER = WorkerLight(uuid4(), "tienda", 1, "local", "u2netp", 1.0, True)
SPENT = Budget(Decimal("1.84"), Decimal(10), Decimal(5), Decimal(0), Decimal(0), 3600.0, 86400.0)
IDLE = Overview(Counts(0, 0, 20, 0), [], None, None, [WORKER], SPENT, Tuning(), Economy(), [], [], None, NOW)
BUSY = replace(IDLE, counts=Counts(16, 1, 3, 0), eta_seconds=(150, 210), ended_of_live=(3, 0))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_work_under_way_with_its_end_and_its_price() -> None:
    said = plain(sentences.situation(BUSY))
    assert said.startswith("Procesando 4 de 20. Faltan entre 2 y 4 min, hacia las ")
    assert said.endswith("Hoy US$ 1,84 de 10,00 (tope).")
    uncapped = replace(BUSY, budget=replace(SPENT, day_cap=Decimal(0)))
    assert plain(sentences.situation(uncapped)).endswith("Hoy US$ 1,84.")


def test_no_end_is_promised_without_a_worker_or_in_a_pause() -> None:
    nobody = replace(BUSY, workers=[replace(WORKER, alive=False)])
    paused = replace(BUSY, pause=Pause("by_person", "", "Beto", NOW, None))
    assert "Faltan" not in sentences.situation(nobody)
    assert "Faltan" not in sentences.situation(paused)


def test_between_two_articles_the_work_goes_on() -> None:
    between = replace(BUSY, counts=Counts(17, 0, 3, 0), hour=[(NOW, 1, 0)])
    assert plain(sentences.situation(between)).startswith("Procesando 4 de 20.")
    for halted in (
        replace(between, hour=[(NOW, 1, 0), (NOW, 0, 0), (NOW, 0, 0)]),
        replace(between, workers=[replace(WORKER, alive=False)]),
        replace(between, pause=Pause("by_person", "", "Beto", NOW, None)),
    ):
        assert sentences.situation(halted).startswith("Esperan 17 artículos.")


def test_an_empty_queue_says_so() -> None:
    assert sentences.situation(IDLE).startswith("No hay trabajos en la cola.")


def test_a_pause_says_who_why_and_until_when() -> None:
    said = sentences.paused(
        Pause("quota", "Google no acepta más pedidos por hoy.", "worker", NOW, NOW + timedelta(hours=2)),
        SPENT,
    )
    assert said.startswith("La cola se puso en pausa sola a las ")
    assert "Google no acepta más pedidos por hoy. Sigue sola a las " in said
    by_person = sentences.paused(Pause("by_person", "Cambio de fotos", "Beto", NOW, None), SPENT)
    assert by_person.startswith("Beto puso la cola en pausa a las ")
    assert by_person.endswith(
        " Motivo: «Cambio de fotos». Los artículos esperan hasta que alguien la reanude; no se pierden."
    )


def test_a_warning_names_the_cap_that_is_nearest() -> None:
    assert sentences.budget_warning(SPENT) is None
    near = replace(SPENT, day_spent=Decimal("8"))
    assert plain(sentences.budget_warning(near) or "").startswith(
        "Ya se gastó el 80 % del tope del día: US$ 8,00 de 10,00."
    )
    of_month = replace(near, month_spent=Decimal("190"), month_cap=Decimal(200))
    assert plain(sentences.budget_warning(of_month) or "").startswith(
        "Ya se gastó el 95 % del tope del mes: US$ 190,00 de 200,00."
    )


@pytest.mark.parametrize(
    ("spent", "said"),
    [
        (replace(SPENT, day_spent=Decimal("10.05")), "Ya se gastó todo el tope del día: US$ 10,05 de 10,00."),
        (
            replace(SPENT, month_spent=Decimal(200), month_cap=Decimal(200)),
            "Ya se gastó todo el tope del mes: US$ 200,00 de 200,00.",
        ),
    ],
)
def test_a_cap_that_is_reached_is_not_told_as_one_to_come(spent: Budget, said: str) -> None:
    warning = plain(sentences.budget_warning(spent) or "")
    assert warning.startswith(said)
    assert "Al llegar" not in warning


def test_the_lane_of_the_night_is_silent_while_it_is_empty() -> None:
    assert sentences.economy(Economy()) == ""
    assert sentences.economy(Economy(waiting=1)) == "Tanda de la noche: 1 espera la próxima."
    assert sentences.economy(Economy(sent=2, since=NOW)).startswith("Tanda de la noche: 2 en Gemini desde las ")


def test_a_pause_by_a_cap_gives_the_figures_as_the_shop_writes_them() -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    said = plain(sentences.paused(Pause("budget_day", "US$ 1.84", "sistema", NOW, tomorrow), SPENT))
    assert "Se llegó al tope de gasto del día: US$ 1,84 de 10,00. Nada se pierde." in said
    assert f"Sigue sola a las {tomorrow:%H:%M} de mañana." in said


def test_no_end_is_promised_for_what_waits_for_the_night() -> None:
    night = replace(BUSY, economy=Economy(waiting=16, sent=1, since=NOW))
    assert "Faltan" not in sentences.situation(night)


def test_the_bar_is_of_the_work_under_way_and_once_it_ended_of_the_day() -> None:
    busy = replace(BUSY, day=[(NOW, 200, 1), (NOW, 301, 0)], ended_of_live=(3, 1))
    assert busy.work == Work(done=3, failed=1, left=17)
    assert replace(busy, counts=Counts(0, 0, 504, 1)).work == Work(done=501, failed=1, left=0)


def settings(editor: str, model: str) -> Any:
    return SimpleNamespace(settings=SimpleNamespace(editor=editor, gemini_model=model))


def test_the_local_editor_is_free_and_an_unknown_model_is_not() -> None:
    assert prices.per_picture(settings("local", "whatever")) == 0
    assert prices.per_picture(settings("gemini", "gemini-of-the-future")) > 0


def test_a_price_is_said_with_the_time() -> None:
    priced = Estimate(Decimal("1.25"), Decimal("0.0338"), 540, 560)
    assert plain(prices.cost_and_time(priced)) == "US$ 1,25 · unos 9 min"
    assert plain(prices.cost_and_time(replace(priced, per_picture=Decimal(0)))) == "sin costo · unos 9 min"
