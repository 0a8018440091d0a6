"""The gate before a purchase: never more than is allowed by all workers together, and hardly less."""

from __future__ import annotations

import heapq
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.queue import limits
from core.queue.jobs import Job
from core.settings.values import Tuning
from tests.integration.counter import at_once, close, fails, held_jobs, intend, take, time_passes, tune
from tests.shop import one, rows, run_sql


def buy(engine: Engine, job: Job) -> int:
    """As a hand does: waits at the gate for as long as it is told."""
    while True:
        try:
            return intend(engine, job)
        except limits.Wait as wait:
            time.sleep(wait.seconds)


def test_sixteen_hands_never_buy_more_in_any_minute_than_allowed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MINUTE", 0.5)
    tune(engine, images_per_minute=20, in_flight=64)
    jobs = held_jobs(engine, 16)

    def work(number: int) -> None:
        for _ in range(4):
            close(engine, buy(engine, jobs[number]))

    at_once(work)
    opened = [row.opened_at for row in rows(engine, "SELECT opened_at FROM revelado.purchases ORDER BY opened_at")]
    assert len(opened) == 64
    for earlier, later in zip(opened, opened[20:], strict=False):
        assert (later - earlier).total_seconds() >= 0.5


def test_at_least_95_percent_of_the_minute_is_used(engine: Engine) -> None:
    """Ten simulated minutes of four hands that buy pictures of eight seconds each."""
    tune(engine, images_per_minute=20)
    clock, bought, length, took = 0.0, 0, 600.0, 8.0
    hands = [(0.0, number) for number in range(4)]
    jobs, open_now = held_jobs(engine, 4), dict[int, int]()
    while hands[0][0] < length:
        now, hand = heapq.heappop(hands)
        time_passes(engine, now - clock)
        clock = now
        if hand in open_now:
            close(engine, open_now.pop(hand))
        try:
            open_now[hand] = intend(engine, jobs[hand])
        except limits.Wait as wait:
            heapq.heappush(hands, (now + wait.seconds, hand))
        else:
            bought += 1
            heapq.heappush(hands, (now + took, hand))
    allowed = 20 * length / 60
    assert 0.95 * allowed <= bought <= allowed + 20


def test_no_more_pictures_are_in_flight_than_allowed(engine: Engine) -> None:
    tune(engine, images_per_minute=0, in_flight=3)
    jobs = held_jobs(engine, 16)
    counted, full, flying, most = threading.Lock(), threading.Event(), 0, 0

    def work(number: int) -> None:
        nonlocal flying, most
        purchase_id = buy(engine, jobs[number])
        with counted:
            flying += 1
            most = max(most, flying)
            if flying == 3:
                full.set()
        assert full.wait(10), "every place is used"
        with counted:
            flying -= 1
        close(engine, purchase_id)

    at_once(work)
    assert most == 3


def test_the_open_purchase_of_a_dead_worker_holds_no_place(engine: Engine) -> None:
    tune(engine, in_flight=1)
    dead, waiting = held_jobs(engine, 2)
    intend(engine, dead)
    with pytest.raises(limits.Wait):
        intend(engine, waiting)
    run_sql(engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 s' WHERE id = :id", id=dead.id)
    assert intend(engine, waiting)


def test_the_day_of_images_pauses_the_queue_until_midnight_in_california(engine: Engine) -> None:
    tune(engine, images_per_day=2)
    first, second, third = held_jobs(engine, 3)
    for job in (first, second):
        intend(engine, job)
    with pytest.raises(limits.DayOfImagesSpent) as spent:
        intend(engine, third)
    assert fails(engine, third, spent.value) == "snoozed"
    standing = one(
        engine,
        "SELECT paused, reason_code, paused_until AT TIME ZONE 'America/Los_Angeles' AS until FROM revelado.queue_control",
    )
    assert standing.paused and standing.reason_code == "images_day"
    assert (standing.until.hour, standing.until.minute) == (0, 5)
    tune(engine, images_per_day=3)
    assert not one(engine, "SELECT paused FROM revelado.queue_control").paused
    [again] = take(engine)
    assert again.intentos == 1, "nothing was counted"


def test_a_paused_queue_sells_nothing_to_who_claimed_before(engine: Engine) -> None:
    [job] = held_jobs(engine, 1)
    run_sql(engine, "UPDATE revelado.queue_control SET paused = true")
    with pytest.raises(limits.Paused):
        intend(engine, job)


# ── after a 429 ─────────────────────────────────────────────────────────────────────────────────────────────────────


def share(engine: Engine) -> Decimal:
    return Decimal(one(engine, f"SELECT {limits.SHARE_NOW} AS share FROM revelado.queue_control").share)


def slow_down(engine: Engine) -> None:
    with engine.begin() as connection:
        limits.slow_down(connection)


def test_a_burst_of_429s_halves_the_pace_once(engine: Engine) -> None:
    at_once(lambda _: slow_down(engine), threads=8)
    assert share(engine) == Decimal("0.5")
    time_passes(engine, limits.ONE_CUT + 1)
    slow_down(engine)
    assert share(engine) == Decimal("0.25")


def test_the_pace_recovers_by_a_tenth_each_minute(engine: Engine) -> None:
    slow_down(engine)
    seen = [share(engine)]
    for _ in range(6):
        time_passes(engine, 60)
        seen.append(share(engine))
    assert seen == [Decimal(n) / 10 for n in (5, 6, 7, 8, 9, 10, 10)]


def test_a_second_cut_halves_what_had_recovered(engine: Engine) -> None:
    slow_down(engine)
    time_passes(engine, 121)
    slow_down(engine)
    assert share(engine) == Decimal("0.35")


def test_the_pace_never_falls_to_nothing(engine: Engine) -> None:
    for _ in range(8):
        slow_down(engine)
        time_passes(engine, limits.ONE_CUT + 1)
    assert share(engine) == limits.LEAST_SHARE
    assert limits.of(Tuning(images_per_minute=3, in_flight=1), limits.LEAST_SHARE) == limits.Limits(1, 1)


def test_the_gate_obeys_the_halved_pace(engine: Engine) -> None:
    tune(engine, images_per_minute=4)
    slow_down(engine)
    first, second, third = held_jobs(engine, 3)
    for job in (first, second):
        close(engine, intend(engine, job))
    with pytest.raises(limits.Wait):
        intend(engine, third)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 24, 20, 0, tzinfo=UTC), 12),  # midday in California
        (datetime(2026, 7, 1, 6, 0, tzinfo=UTC), 1),  # 23:00 of a summer evening
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), 24.5),  # 00:30 of the day whose clock goes back: 25 hours long
        (datetime(2027, 3, 14, 8, 30, tzinfo=UTC), 22.5),  # … and of the one 23 hours long
    ],
)
def test_the_days_quota_ends_five_past_midnight_in_california(engine: Engine, now: datetime, hours: float) -> None:
    with engine.connect() as connection:
        assert limits.seconds_to_new_quota(connection, now) == hours * 3600 + 300
