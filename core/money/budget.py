"""The caps in US$ and what was spent against them, reservations included."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from core.settings.values import Tuning, load_tuning

WARN_AT = Decimal("0.8")

#: Of the shop's day and month: quarters of an hour add up to those of any zone. `:zone` is its name.
DAY, MONTH = "date_trunc('day', now() AT TIME ZONE :zone)", "date_trunc('month', now() AT TIME ZONE :zone)"
#: As sub-selects they are computed once, not for each row: changing zones is what such a sum costs most.
DAY_START, MONTH_START = f"(SELECT {DAY} AT TIME ZONE :zone)", f"(SELECT {MONTH} AT TIME ZONE :zone)"
SELECT_SPENT = f"""
    SELECT coalesce(sum(amount) FILTER (WHERE slot >= {DAY_START}), 0) AS day,
        coalesce(sum(amount), 0) AS month,
        coalesce(sum(saved) FILTER (WHERE slot >= {DAY_START}), 0) AS saved_day,
        extract(epoch FROM (({DAY} + interval '1 day') AT TIME ZONE :zone) - now()) AS day_left,
        extract(epoch FROM (({MONTH} + interval '1 month') AT TIME ZONE :zone) - now()) AS month_left
    FROM revelado.spend WHERE slot >= {MONTH_START}
"""


@dataclass(frozen=True)
class Budget:
    """US$. A cap of 0 is no cap."""

    day_spent: Decimal
    day_cap: Decimal
    month_spent: Decimal
    month_cap: Decimal
    saved_today: Decimal
    day_left: float  #: seconds until the shop's midnight
    month_left: float

    @property
    def share(self) -> Decimal:
        """Of the cap that is nearest: 1 is all of it."""
        parts = [
            spent / cap for spent, cap in ((self.day_spent, self.day_cap), (self.month_spent, self.month_cap)) if cap
        ]
        return max(parts, default=Decimal(0))

    @property
    def warns(self) -> bool:
        return self.share >= WARN_AT

    def refuses(self, price: Decimal) -> str | None:
        """`day` or `month`: the cap that one more picture at this price would pass."""
        if price and self.month_cap and self.month_spent + price > self.month_cap:
            return "month"
        if price and self.day_cap and self.day_spent + price > self.day_cap:
            return "day"
        return None


def read(connection: Connection, timezone: str, tuning: Tuning | None = None) -> Budget:
    """`timezone` is the shop's: its day and month begin at its midnight."""
    row: Any = connection.execute(text(SELECT_SPENT), {"zone": timezone}).one()
    return from_row(row, tuning or load_tuning(connection))


def from_row(row: Any, tuning: Tuning) -> Budget:
    return Budget(
        day_spent=row.day,
        day_cap=tuning.daily_budget,
        month_spent=row.month,
        month_cap=tuning.monthly_budget,
        saved_today=row.saved_day,
        day_left=float(row.day_left),
        month_left=float(row.month_left),
    )
