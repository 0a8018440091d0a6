"""What more articles would cost and how long they would take, by the pace of lately."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Engine, text

from core.settings.values import SPEEDS, Tuning, load_tuning

#: Seconds a picture takes (low, high) until enough of them were made here to know.
TYPICAL_SECONDS = {"local": (2, 5), "gemini": (8, 25)}


@dataclass(frozen=True)
class Estimate:
    cost: Decimal
    per_picture: Decimal
    seconds_low: int
    seconds_high: int


def estimate(engine: Engine, editor: str, per_picture: Decimal, count: int) -> Estimate:
    """What `count` more articles would cost and take at today's pace and speed."""
    tuning, low, high = _pace(engine, editor)
    seconds = _takes(low, high, tuning, editor, count)
    return Estimate(per_picture * count, per_picture, *seconds)


def seconds_by_speed(engine: Engine, editor: str, count: int) -> tuple[str, dict[str, tuple[int, int]]]:
    """(the speed of now, {each speed: (low, high) for `count` articles})."""
    tuning, low, high = _pace(engine, editor)
    return tuning.speed, {speed: _takes(low, high, replace(tuning, speed=speed), editor, count) for speed in SPEEDS}


def seconds_at(engine: Engine, editor: str, tuning: Tuning, count: int) -> tuple[int, int]:
    """(low, high) for `count` articles with those settings, at the pace of lately."""
    _now, low, high = _pace(engine, editor)
    return _takes(low, high, tuning, editor, count)


def _pace(engine: Engine, editor: str) -> tuple[Tuning, float, float]:
    """The settings, and the seconds (low, high) that one article took lately."""
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT count(*) AS n, percentile_cont(0.25) WITHIN GROUP (ORDER BY took) AS low,"
                " percentile_cont(0.75) WITHIN GROUP (ORDER BY took) AS high FROM ("
                "  SELECT extract(epoch FROM finished_at - started_at) AS took FROM revelado.attempts"
                "  WHERE outcome = 'completed' ORDER BY id DESC LIMIT 50) lately"
            )
        ).one()
        tuning = load_tuning(connection)
    low, high = (float(row.low), float(row.high)) if row.n >= 5 else TYPICAL_SECONDS[editor]
    return tuning, low, high


def _takes(low: float, high: float, tuning: Tuning, editor: str, count: int) -> tuple[int, int]:
    return (
        round(_per_article(low, tuning, editor) * count),
        round(_per_article(high * 1.2, tuning, editor) * count),
    )


def _per_article(seconds: float, tuning: Tuning, editor: str) -> float:
    """Seconds from one article's end to the next one's, with one worker at its speed and within the limits."""
    if tuning.speed == "tranquila":
        return seconds + tuning.delay_seconds
    at_once = SPEEDS[tuning.speed]
    if editor == "local":
        return seconds / min(at_once, 2)  # it is the processor's work, whatever the speed
    slowest = 60.0 / tuning.images_per_minute if tuning.images_per_minute else 0.0
    return max(seconds / min(at_once, tuning.in_flight), slowest)
