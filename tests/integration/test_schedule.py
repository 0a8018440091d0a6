from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Actor
from core.errors import InvalidInput, NotAllowed
from core.pipeline.heartbeat import Heartbeat
from core.queue import claim, pause, schedule
from core.queue.enqueue import enqueue
from core.queue.pause import Pause
from core.settings.change import change, change_all
from core.settings.values import Tuning
from tests.shop import articles, job, run_sql

WORKER = UUID(int=1)
NIGHT = Tuning(schedule_from="20:00", schedule_to="07:00")
BUENOS_AIRES = "America/Argentina/Buenos_Aires"  # three hours behind UTC


def hours(opens_in: timedelta, lasting: timedelta) -> dict[str, str | int]:
    """A window that begins so long from now."""
    begin = datetime.now(UTC) + opens_in
    return {"schedule_from": f"{begin:%H:%M}", "schedule_to": f"{begin + lasting:%H:%M}"}


def standing(engine: Engine) -> Pause | None:
    with engine.connect() as connection:
        return pause.current(connection)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-27T22:59Z", "2026-11-27T23:00Z"),  # 19:59 in Buenos Aires
        ("2026-11-27T23:00Z", None),
        ("2026-11-28T03:00Z", None),  # midnight
        ("2026-11-28T09:59Z", None),
        ("2026-11-28T10:00Z", "2026-11-28T23:00Z"),  # 7:00
    ],
)
def test_hours_over_midnight_are_by_the_shops_clock(now: str, opens: str | None) -> None:
    found = schedule.opens_at(NIGHT, BUENOS_AIRES, datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(opens) if opens else None)


def test_hours_of_the_day_open_tomorrow_once_they_are_over() -> None:
    day = Tuning(schedule_from="08:00", schedule_to="18:00")
    at = datetime(2026, 11, 27, 19, tzinfo=UTC)
    assert schedule.opens_at(day, "UTC", at) == datetime(2026, 11, 28, 8, tzinfo=UTC)
    assert schedule.opens_at(Tuning(), "UTC", at) is None


def test_outside_its_hours_the_queue_waits_and_counts_no_attempt(engine: Engine, admin: Actor) -> None:
    waiting = enqueue(engine, admin, articles(engine, 1), origin="panel").added[0].queue_id
    change_all(engine, admin, hours(timedelta(hours=3), timedelta(hours=2)), "UTC")
    found = standing(engine)
    assert found is not None and found.reason_code == pause.OUT_OF_HOURS and found.paused_until is not None
    assert timedelta(hours=2, minutes=58) < found.paused_until - datetime.now(UTC) <= timedelta(hours=3)
    with engine.begin() as connection:
        assert claim.claim(connection, WORKER) == []
    assert (job(engine, waiting).estado, job(engine, waiting).intentos) == ("pending", 0)


def test_any_workers_pulse_closes_and_opens_the_queue(engine: Engine, admin: Actor) -> None:
    change_all(engine, admin, hours(timedelta(hours=-1), timedelta(hours=2)), "UTC")
    beat = Heartbeat(engine, WORKER, "local", "x", timezone="UTC")
    beat.tend()
    assert standing(engine) is None
    # The clock goes on past the end of the hours.
    later = hours(timedelta(hours=2), timedelta(hours=1))
    for name, value in later.items():
        run_sql(
            engine, "UPDATE revelado.settings SET value = to_jsonb(CAST(:value AS text)) WHERE key = :name",
            name=name, value=value,
        )  # fmt: skip
    beat.tend()
    closed = standing(engine)
    assert closed is not None and closed.reason_code == pause.OUT_OF_HOURS
    run_sql(engine, "UPDATE revelado.queue_control SET paused_until = now()")
    change_all(engine, admin, hours(timedelta(hours=-1), timedelta(hours=2)), "UTC")
    beat.tend()
    assert standing(engine) is None


def test_a_person_may_let_it_go_on_until_the_hours_begin_anew(engine: Engine, admin: Actor, operator: Actor) -> None:
    change_all(engine, admin, hours(timedelta(hours=3), timedelta(hours=2)), "UTC")
    pause.resume(engine, operator)
    beat = Heartbeat(engine, WORKER, "local", "x", timezone="UTC")
    beat.tend()
    assert standing(engine) is None
    run_sql(engine, "UPDATE revelado.queue_control SET schedule_off_until = now()")
    beat.tend()
    assert standing(engine) is not None


def test_a_persons_pause_stays_theirs(engine: Engine, admin: Actor, operator: Actor) -> None:
    pause.pause(engine, operator, "Cambio de fotos")
    change_all(engine, admin, hours(timedelta(hours=3), timedelta(hours=2)), "UTC")
    found = standing(engine)
    assert found is not None and found.reason_code == pause.BY_PERSON


def test_without_hours_the_queue_goes_on_at_once(engine: Engine, admin: Actor) -> None:
    change_all(engine, admin, hours(timedelta(hours=3), timedelta(hours=2)), "UTC")
    change_all(engine, admin, {"schedule_from": "", "schedule_to": ""}, "UTC")
    assert standing(engine) is None


def test_half_a_schedule_is_refused_and_nothing_is_kept(engine: Engine, admin: Actor, operator: Actor) -> None:
    for wrong in (
        {"schedule_from": "20:00"},
        {"schedule_from": "8:00", "schedule_to": "08:00"},
        {"schedule_to": "25:00"},
    ):
        with pytest.raises(InvalidInput):
            change_all(engine, admin, {"images_per_minute": 7, **wrong}, "UTC")
    with pytest.raises(NotAllowed):
        change(engine, operator, "schedule_from", "20:00")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM revelado.settings WHERE updated_by = 'Alicia'")) == 0
