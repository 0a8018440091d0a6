"""What was done since the shop closed yesterday, for whoever opens it in the morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

#: Until noon yesterday's closing is last night; afterwards nobody asks.
_SUMMARY = text("""
    WITH clock AS (
        SELECT now() AT TIME ZONE :zone AS here,
            (date_trunc('day', now() AT TIME ZONE :zone) - interval '1 day' + CAST(:closing AS time)) AT TIME ZONE :zone
                AS since
    ), ended AS (
        SELECT completed, failed FROM revelado.finished, clock WHERE minute >= since
        UNION ALL SELECT greatest(completed, 0), greatest(failed, 0) FROM revelado.total_deltas, clock
        WHERE at >= since AND (completed > 0 OR failed > 0)
    )
    SELECT since, extract(hour FROM here)::int AS hour,
        (SELECT coalesce(sum(completed), 0)::bigint FROM ended) AS finished,
        (SELECT coalesce(sum(failed), 0)::bigint FROM ended) AS failed,
        (SELECT coalesce(sum(amount), 0) FROM revelado.spend WHERE slot >= since) AS cost,
        (SELECT coalesce(sum(saved), 0) FROM revelado.spend WHERE slot >= since) AS saved
    FROM clock
""")
_MORNING = range(5, 12)


@dataclass(frozen=True)
class Night:
    since: datetime
    finished: int
    failed: int
    cost: Decimal  #: US$
    saved: Decimal


def summary(engine: Engine, timezone: str, closing: time) -> Night | None:
    """None when it isn't morning by the shop's clock, or when nothing ended."""
    with engine.connect() as connection:
        row: Any = connection.execute(_SUMMARY, {"zone": timezone, "closing": closing}).one()
    if row.hour not in _MORNING or not (row.finished or row.failed):
        return None
    return Night(row.since, row.finished, row.failed, row.cost, row.saved)
