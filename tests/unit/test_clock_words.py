"""Hours in sentences: what runs past midnight says so, by the shop's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.ui import clock_words, formats, texts


def noon(days: int) -> datetime:
    """Five past noon at the shop, so many days from now."""
    today = datetime.now(formats.timezone()).replace(hour=12, minute=5, second=0, microsecond=0)
    return today + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "of", "at", "english"),
    [
        (0, "las 12:05", "a las 12:05", "at 12:05"),
        (1, "las 12:05 de mañana", "a las 12:05 de mañana", "at 12:05 tomorrow"),
        (-1, "las 12:05 de ayer", "a las 12:05 de ayer", "at 12:05 yesterday"),
    ],
)
def test_an_hour_of_yesterday_or_tomorrow_says_so(days: int, of: str, at: str, english: str) -> None:
    moment = noon(days)
    assert (clock_words.of(moment), clock_words.at(moment)) == (of, at)
    with texts.spoken("en"):
        assert clock_words.at(moment) == english


def test_an_hour_of_any_other_day_has_its_date() -> None:
    moment = noon(2)
    assert clock_words.at(moment) == f"el {formats.clock(moment)}" == clock_words.of(moment)
