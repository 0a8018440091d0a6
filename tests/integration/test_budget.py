"""The budget as a wall: what is reserved counts, nobody passes it, and there is a clear way out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.money import budget, prices
from core.money.bill import bill
from core.money.prices import DEFAULT_MODEL
from core.pipeline import purchases
from core.providers.ports import RawAnswer
from core.queue import claim, limits, pause
from tests.integration.counter import ZONE, at_once, close, fails, held_jobs, intend, take, tune
from tests.shop import articles, category, job, one, run_sql


def spent(engine: Engine) -> Decimal:
    with engine.connect() as connection:
        return budget.read(connection, ZONE).day_spent


def dies(engine: Engine, job_id: int) -> None:
    """The worker of this job; another gives it back."""
    run_sql(engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 s' WHERE id = :id", id=job_id)
    with engine.begin() as connection:
        claim.rescue(connection, lease=0.001)


@pytest.mark.parametrize(
    ("setting", "refusal"),
    [("daily_budget", limits.DayBudgetSpent), ("monthly_budget", limits.MonthBudgetSpent)],
)
def test_sixteen_workers_at_the_cap_never_pass_it(engine: Engine, setting: str, refusal: type[Exception]) -> None:
    tune(engine, **{setting: Decimal(1)}, images_per_minute=0, in_flight=64)
    jobs = held_jobs(engine, 48)

    def work(number: int) -> int:
        bought = 0
        for held in jobs[number::16]:
            try:
                intend(engine, held)
            except refusal:
                continue
            bought += 1
        return bought

    assert sum(at_once(work)) == 25
    assert spent(engine) == Decimal(1)


def test_a_spent_budget_pauses_the_queue_until_the_shops_midnight(engine: Engine) -> None:
    tune(engine, daily_budget=Decimal("0.05"))
    first, second = held_jobs(engine, 2)
    intend(engine, first)
    with pytest.raises(limits.DayBudgetSpent) as refused:
        intend(engine, second)
    assert "0,04" in refused.value.text and "0,05" in refused.value.text and "Ajustes" in refused.value.text
    assert fails(engine, second, refused.value) == "snoozed"
    assert job(engine, second.id).intentos == 0
    until = one(engine, f"SELECT paused_until AT TIME ZONE '{ZONE}' AS until FROM revelado.queue_control").until
    assert (until.hour, until.minute) == (0, 0) or (until.hour, until.minute) == (23, 59)
    assert take(engine) == []


def test_a_higher_cap_ends_its_own_pause_and_no_other(engine: Engine, operator: Actor) -> None:
    tune(engine, daily_budget=Decimal("0.05"))
    first, second = held_jobs(engine, 2)
    intend(engine, first)
    with pytest.raises(limits.DayBudgetSpent) as refused:
        intend(engine, second)
    fails(engine, second, refused.value)
    tune(engine, monthly_budget=Decimal(500))
    assert take(engine) == []
    tune(engine, daily_budget=Decimal(1))
    [again] = take(engine)
    assert intend(engine, again)
    pause.pause(engine, operator, "inventario")
    tune(engine, daily_budget=Decimal(2))
    with engine.connect() as connection:
        standing = pause.current(connection)
    assert standing and standing.reason_code == "by_person"


def test_no_cap_means_no_wall(engine: Engine) -> None:
    tune(engine, daily_budget=Decimal(0), monthly_budget=Decimal(0))
    [held] = held_jobs(engine, 1)
    assert intend(engine, held, estimate=Decimal(100_000))


def test_a_warning_comes_at_80_percent(engine: Engine) -> None:
    tune(engine, daily_budget=Decimal("0.10"), monthly_budget=Decimal(100))
    first, second = held_jobs(engine, 2)
    for held, warns in ((first, False), (second, True)):
        intend(engine, held)
        with engine.connect() as connection:
            assert budget.read(connection, ZONE).warns is warns


def test_what_a_crashed_worker_reserved_stays_charged_as_doubtful(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    first = intend(engine, held)
    dies(engine, held.id)
    assert spent(engine) == Decimal("0.04"), "nobody knows yet whether it was billed"
    [again] = take(engine)
    intend(engine, again)
    assert one(engine, "SELECT state FROM revelado.purchases WHERE id = :id", id=first).state == "doubtful"
    assert spent(engine) == Decimal("0.08")


def test_what_was_surely_not_billed_is_released(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    close(engine, intend(engine, held), "free")
    assert spent(engine) == 0


def test_the_answers_own_price_replaces_the_reservation(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    purchase_id = intend(engine, held)
    with engine.begin() as connection:
        purchases.store_answer(connection, purchase_id, RawAnswer(b"{}", "application/json"))
        purchases.settle(connection, purchase_id, Decimal("0.0387"), {"total": 1290})
    assert spent(engine) == Decimal("0.0387")


def test_a_late_answer_to_a_doubtful_purchase_is_kept_and_priced(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    late = intend(engine, held)
    dies(engine, held.id)
    [again] = take(engine)
    close(engine, intend(engine, again), "free")
    with engine.begin() as connection:
        purchases.store_answer(connection, late, RawAnswer(b"{}", "application/json"))
        purchases.settle(connection, late, Decimal("0.03"), {})
    assert one(engine, "SELECT state FROM revelado.purchases WHERE id = :id", id=late).state == "answered"
    assert spent(engine) == Decimal("0.03")


def test_a_doubt_is_bought_again_only_as_often_as_allowed(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    intend(engine, held)
    dies(engine, held.id)
    [again] = take(engine)
    with pytest.raises(purchases.DoubtfulPurchase):
        intend(engine, again, rebuys=0)
    assert spent(engine) == Decimal("0.04"), "and stays charged"


def test_the_ledger_and_what_the_wall_reads_agree(engine: Engine) -> None:
    for number, held in enumerate(held_jobs(engine, 6)):
        purchase_id = intend(engine, held, estimate=Decimal(number) / 100)
        if number % 3:
            close(engine, purchase_id, "free" if number % 3 == 1 else "doubtful")
    ledger = one(engine, "SELECT sum(revelado.charged(p)) AS usd FROM revelado.purchases p").usd
    assert spent(engine) == ledger == Decimal("0.10")


@pytest.mark.parametrize("model", [model.id for model in prices.MODELS])
def test_what_is_reserved_covers_what_a_plain_answer_costs(model: str) -> None:
    usage = {"promptTokenCount": 478, "candidatesTokenCount": prices.find(model).image_tokens}  # type: ignore[union-attr]
    assert prices.cost_from_usage(model, usage) <= prices.reserved(model)


def test_a_bill_counts_each_article_by_the_recipe_of_its_category(engine: Engine) -> None:
    cut_out, redrawn = category(engine, "Tornillería"), category(engine, "Pinturas")
    ids = articles(engine, 3, categoria_id=cut_out) + articles(engine, 2, categoria_id=redrawn) + articles(engine, 1)
    run_sql(
        engine,
        "UPDATE revelado.recipe_versions v SET kind = 'faithful' FROM revelado.recipes r"
        " WHERE r.id = v.recipe_id AND r.name = 'Tornillería'",
    )
    run_sql(
        engine,
        "UPDATE revelado.recipe_versions v SET model = 'gemini-3-pro-image' FROM revelado.recipes r"
        " WHERE r.id = v.recipe_id AND r.name = 'Pinturas'",
    )
    due = bill(engine, ids, "gemini", DEFAULT_MODEL)
    dear, usual = prices.expected("gemini-3-pro-image"), prices.expected(DEFAULT_MODEL)
    assert (due.paid, due.free) == (3, 3)
    assert due.normal == 2 * dear + usual
    assert due.economy == 2 * dear + prices.economy(DEFAULT_MODEL), "the batch takes the installation's model only"
    assert bill(engine, ids, "local", "u2netp").normal == 0
