from datetime import time
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.queue import night
from tests.shop import one, run_sql


def zone_where_it_is(engine: Engine, hour: int) -> str:
    """A zone of whole hours whose clock shows that hour now."""
    utc = one(engine, "SELECT extract(hour FROM now())::int AS h").h
    ahead = (hour - utc + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


@pytest.fixture
def worked(engine: Engine) -> None:
    run_sql(
        engine,
        "INSERT INTO revelado.finished VALUES (now() - interval '2 hours', 40, 2), (now() - interval '30 hours', 900, 90);"
        "INSERT INTO revelado.spend (slot, amount, saved) VALUES (now() - interval '2 hours', 1.5, 0.5),"
        " (now() - interval '30 hours', 90, 9)",
    )


def test_in_the_morning_it_tells_what_was_done_since_yesterdays_closing(engine: Engine, worked: None) -> None:
    found = night.summary(engine, zone_where_it_is(engine, 8), time(20))
    assert found is not None
    assert (found.finished, found.failed, found.cost, found.saved) == (40, 2, Decimal("1.5"), Decimal("0.5"))


def test_in_the_afternoon_nobody_asks(engine: Engine, worked: None) -> None:
    assert night.summary(engine, zone_where_it_is(engine, 15), time(20)) is None


def test_a_quiet_night_is_not_worth_a_word(engine: Engine) -> None:
    assert night.summary(engine, zone_where_it_is(engine, 8), time(20)) is None
