from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from core.money.budget import Budget
from core.queue.counts import Counts
from core.queue.pause import Pause
from core.queue.stats import Economy, Estimate, Overview, WorkerLight
from core.settings.values import Tuning
from core.ui import prices, sentences
from core.ui.snapshot import DayOfWork, day_of_work

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
WORKER = WorkerLight(uuid4(), "tienda", 1, "local", "u2netp", 1.0, True)
SPENT = Budget(Decimal("1.84"), Decimal(10), Decimal(5), Decimal(0), Decimal(0), 3600.0, 86400.0)
BUSY = Overview(Counts(16, 1, 3, 0), [], None, None, [WORKER], SPENT, Tuning(), Economy(), [], [], (150, 210), NOW)
DAY = DayOfWork(done=3, failed=0, left=17)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_work_under_way_with_its_end_and_its_price() -> None:
    said = plain(sentences.situation(BUSY, DAY))
    assert said.startswith("Procesando 4 de 20. Faltan entre 2 y 4 min, hacia las ")
    assert said.endswith("Hoy US$ 1,84.")


def test_no_end_is_promised_without_a_worker_or_in_a_pause() -> None:
    nobody = replace(BUSY, workers=[replace(WORKER, alive=False)])
    paused = replace(BUSY, pause=Pause("by_person", "", "Beto", NOW, None))
    assert "Faltan" not in sentences.situation(nobody, DAY)
    assert "Faltan" not in sentences.situation(paused, DAY)


def test_an_empty_queue_says_so() -> None:
    idle = replace(BUSY, counts=Counts(0, 0, 3, 0), eta_seconds=None)
    assert sentences.situation(idle, DayOfWork(3, 0, 0)).startswith("No hay trabajos en la cola.")


def test_a_pause_says_who_why_and_until_when() -> None:
    said = sentences.paused(
        Pause("quota", "Google no acepta más pedidos por hoy.", "worker", NOW, NOW + timedelta(hours=2))
    )
    assert said.startswith("La cola se puso en pausa sola a las ")
    assert "Google no acepta más pedidos por hoy. Sigue sola a las " in said
    by_person = sentences.paused(Pause("by_person", "Cambio de fotos", "Beto", NOW, None))
    assert by_person.startswith("Beto puso la cola en pausa a las ")
    assert by_person.endswith("Cambio de fotos. Los artículos esperan hasta que alguien la reanude; no se pierden.")


def test_what_ended_within_the_day_and_what_is_left_make_the_bar() -> None:
    assert day_of_work(replace(BUSY, day=[(NOW, 2, 1), (NOW, 1, 0)])) == DayOfWork(done=3, failed=1, left=17)


def settings(editor: str, model: str) -> Any:
    return SimpleNamespace(settings=SimpleNamespace(editor=editor, gemini_model=model))


def test_the_local_editor_is_free_and_an_unknown_model_is_not() -> None:
    assert prices.per_picture(settings("local", "whatever")) == 0
    assert prices.per_picture(settings("gemini", "gemini-of-the-future")) > 0


def test_a_price_is_said_with_the_time() -> None:
    priced = Estimate(Decimal("1.25"), Decimal("0.0338"), 540, 560)
    assert plain(prices.cost_and_time(priced)) == "US$ 1,25 · unos 9 min"
    assert plain(prices.cost_and_time(replace(priced, per_picture=Decimal(0)))) == "sin costo · unos 9 min"
