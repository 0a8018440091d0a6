from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.money import costs
from core.money.costs import Period
from core.queue.clean import clean
from core.queue.enqueue import enqueue
from tests.shop import article, category, run_sql

LIMA = "America/Lima"  # five hours behind UTC
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), LIMA)


def bought(
    engine: Engine, job_id: int, at: str, cost: str, state: str = "used", *, saving: str = "0", night: bool = False
) -> None:
    run_sql(
        engine,
        "INSERT INTO revelado.purchases (job_id, articulo_id, batch_id, generation, claim_token, state, editor, model,"
        " prompt_version, prompt, source_sha256, estimate, cost, saving, submission_id, opened_at, closed_at)"
        " SELECT id, articulo_id, batch_id, 1, 1, :state, 'gemini', 'm', '1', 'p', 'x', CAST(:cost AS numeric),"
        " CAST(:cost AS numeric), CAST(:saving AS numeric), CASE WHEN :night THEN 1 END, CAST(:at AS timestamptz), now()"
        " FROM image_processing_queue WHERE id = :job",
        job=job_id, at=at, cost=cost, state=state, saving=saving, night=night,
    )  # fmt: skip


def made(engine: Engine, job_id: int, at: str, review: str | None) -> None:
    run_sql(
        engine,
        "INSERT INTO revelado.pictures (articulo_id, kind, url, job_id, host, review, created_at, judged_at, published_at)"
        " SELECT articulo_id, 'result', 'http://x/' || id || :at, id, 'local', :review, CAST(:at AS timestamptz),"
        " CASE WHEN :review IN ('approved', 'rejected') THEN now() END, CASE WHEN :review IS NULL THEN now() END"
        " FROM image_processing_queue WHERE id = :job",
        job=job_id, at=at, review=review,
    )  # fmt: skip


@pytest.fixture
def jobs(engine: Engine, operator: Actor, admin: Actor) -> list[int]:
    """Two of Beto's, in Tornillería and Pinturas, and one of Alicia's without a category."""
    ids = [
        article(engine, categoria_id=category(engine)),
        article(engine, categoria_id=category(engine, "Pinturas")),
        article(engine),
    ]
    first = enqueue(engine, operator, ids[:2], origin="panel").added
    return [added.queue_id for added in (*first, *enqueue(engine, admin, ids[2:], origin="panel").added)]


def test_a_bill_adds_up_by_day_category_and_person_as_the_ledger_has_it(engine: Engine, jobs: list[int]) -> None:
    bought(engine, jobs[0], "2026-11-02 12:00+00", "0.10")
    bought(engine, jobs[0], "2026-11-03 04:59+00", "0.04", "useless")  # still the second in Lima
    bought(engine, jobs[1], "2026-11-03 05:00+00", "0.20", saving="0.20", night=True)
    bought(engine, jobs[2], "2026-11-30 23:00+00", "0.05", "doubtful")
    bought(engine, jobs[2], "2026-11-20 00:00+00", "0", "reused", saving="0.04")
    bought(engine, jobs[0], "2026-12-01 05:00+00", "9.00")  # December in Lima
    bought(engine, jobs[0], "2026-11-09 00:00+00", "7.00", "free")
    found = costs.read(engine, NOVEMBER)
    assert found.amount == Decimal("0.39") == sum(day.amount for day in found.days)
    assert [(d.day.day, d.amount) for d in found.days if d.amount] == [
        (2, Decimal("0.14")), (3, Decimal("0.20")), (30, Decimal("0.05")),
    ]  # fmt: skip
    assert [(s.name, s.amount) for s in found.categories] == [
        ("Pinturas", Decimal("0.20")), ("Tornillería", Decimal("0.14")), ("", Decimal("0.05")),
    ]  # fmt: skip
    assert [(s.name, s.amount) for s in found.people] == [("Beto", Decimal("0.34")), ("Alicia", Decimal("0.05"))]
    assert (found.saved_by_reuse, found.saved_at_night) == (Decimal("0.04"), Decimal("0.20"))
    assert found.for_nothing == Decimal("0.09")
    assert sum(line.amount for line in costs.lines(engine, NOVEMBER)) == found.amount


def test_a_picture_costs_what_all_of_them_cost_among_those_that_are_any_good(engine: Engine, jobs: list[int]) -> None:
    bought(engine, jobs[0], "2026-11-02 12:00+00", "0.12")
    for job_id, review in ((jobs[0], "approved"), (jobs[1], "rejected"), (jobs[2], None), (jobs[2], "trial")):
        made(
            engine,
            job_id,
            f"2026-11-0{job_id % 5 + 2} 12:00+00" if review != "trial" else "2026-11-09 01:00+00",
            review,
        )
    found = costs.read(engine, NOVEMBER)
    assert (found.finished, found.approved) == (3, 2)
    assert (found.per_finished, found.per_approved) == (Decimal("0.04"), Decimal("0.06"))


def test_who_had_it_bought_is_known_after_the_jobs_were_cleaned(engine: Engine, admin: Actor, jobs: list[int]) -> None:
    bought(engine, jobs[0], "2026-11-02 12:00+00", "0.10")
    run_sql(
        engine,
        "UPDATE image_processing_queue SET estado = 'completed', intentos = 1, completed_at = now() - interval '9 days'",
    )
    assert clean(engine, admin, 7) == 3
    assert [s.name for s in costs.read(engine, NOVEMBER).people] == ["Beto"]


def test_the_forecast_goes_on_at_the_pace_of_the_last_days(engine: Engine) -> None:
    assert costs.forecast(engine, LIMA).total == 0
    run_sql(
        engine,
        "INSERT INTO revelado.spend (slot, amount) SELECT now() - make_interval(days => n), 2"
        " FROM generate_series(0, 6) n",
    )
    ahead = costs.forecast(engine, "UTC")
    assert ahead.a_day == 2
    assert 0 < ahead.days_left <= 31
    assert float(ahead.total) == pytest.approx(float(ahead.spent) + 2 * ahead.days_left, abs=0.01)


def test_without_a_purchase_nothing_is_guessed(engine: Engine) -> None:
    found = costs.read(engine, NOVEMBER)
    assert (found.amount, found.per_finished, found.days, found.people) == (Decimal(0), None, (), ())
