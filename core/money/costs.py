"""What was spent and saved, by the ledger: of any days of the shop, by day, category and person. Exact, no guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

#: Of the shop's days, both included.
_WITHIN = """
    opened_at >= CAST(:first AS timestamp) AT TIME ZONE :zone
    AND opened_at < CAST(CAST(:last AS date) + 1 AS timestamp) AT TIME ZONE :zone"""
#: As `revelado.charged` has it: the answer's price, until then what is held back for it.
_CHARGED = "CASE WHEN p.state IN ('free', 'reused') THEN 0 ELSE coalesce(p.cost, p.estimate) END"
#: Who asked for it; what scripts asked for, and what no batch is known of, have no person.
_PERSON = "CASE WHEN b.origin IN ('panel', 'api') THEN b.user_name ELSE '' END"

#: By category and person in one walk over the index of the days.
_SHARES = text(f"""
    WITH bought AS (
        SELECT p.articulo_id, p.batch_id, sum({_CHARGED}) AS amount, count(*) FILTER (WHERE p.state <> 'reused') AS calls
        FROM revelado.purchases p WHERE {_WITHIN} AND p.state <> 'free' GROUP BY 1, 2
    )
    SELECT grouping(c.nombre) AS by_person, coalesce(c.nombre, '') AS category, coalesce({_PERSON}, '') AS person,
        sum(amount) AS amount, sum(calls)::bigint AS calls
    FROM bought LEFT JOIN public.articulos a ON a.id = bought.articulo_id
    LEFT JOIN public.categorias c ON c.id = a.categoria_id LEFT JOIN revelado.batches b ON b.id = bought.batch_id
    GROUP BY GROUPING SETS ((c.nombre), ({_PERSON})) ORDER BY amount DESC, 2, 3
""")

_SUMS = text(f"""
    SELECT coalesce(sum({_CHARGED}), 0) AS amount,
        count(*) FILTER (WHERE p.state NOT IN ('reused', 'free')) AS calls,
        count(*) FILTER (WHERE p.state = 'reused') AS reused,
        coalesce(sum(p.saving) FILTER (WHERE p.state = 'reused'), 0) AS saved_by_reuse,
        coalesce(sum(p.saving) FILTER (WHERE p.state = 'used' AND p.submission_id IS NOT NULL), 0) AS saved_at_night,
        coalesce(sum({_CHARGED}) FILTER (WHERE p.state IN ('doubtful', 'useless')), 0) AS for_nothing
    FROM revelado.purchases p WHERE {_WITHIN}
""")

#: A picture that a trial made is none of the catalogue's.
_MADE = text(f"""
    SELECT count(*) AS finished, count(*) FILTER (WHERE review = 'approved'
        OR (review IS NULL AND published_at IS NOT NULL)) AS approved
    FROM revelado.pictures WHERE kind = 'result' AND review IS DISTINCT FROM 'trial'
        AND {_WITHIN.replace("opened_at", "created_at")}
""")

_DAYS = text(f"""
    SELECT (slot AT TIME ZONE :zone)::date AS day, sum(amount) AS amount, sum(calls)::bigint AS calls, sum(saved) AS saved
    FROM revelado.spend WHERE {_WITHIN.replace("opened_at", "slot")} GROUP BY 1 ORDER BY 1
""")

_LINES = text(f"""
    WITH bought AS (
        SELECT (p.opened_at AT TIME ZONE :zone)::date AS day, p.articulo_id, p.batch_id, sum({_CHARGED}) AS amount,
            count(*) FILTER (WHERE p.state <> 'reused') AS calls, count(*) FILTER (WHERE p.state = 'reused') AS reused,
            sum(CASE WHEN p.state IN ('used', 'reused') THEN p.saving ELSE 0 END) AS saved
        FROM revelado.purchases p WHERE {_WITHIN} AND p.state <> 'free' GROUP BY 1, 2, 3
    )
    SELECT day, coalesce(c.nombre, '') AS category, coalesce({_PERSON}, '') AS person, sum(calls)::bigint AS calls,
        sum(reused)::bigint AS reused, sum(amount) AS amount, sum(saved) AS saved
    FROM bought LEFT JOIN public.articulos a ON a.id = bought.articulo_id
    LEFT JOIN public.categorias c ON c.id = a.categoria_id LEFT JOIN revelado.batches b ON b.id = bought.batch_id
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")

#: Days whose mean is the pace of the forecast.
PACE_DAYS = 7
_FORECAST = text(f"""
    SELECT coalesce(sum(amount) FILTER (WHERE slot >= month), 0) AS spent,
        coalesce(sum(amount) FILTER (WHERE slot >= now() - interval '{PACE_DAYS} days'), 0)
            / least({PACE_DAYS}, greatest(1, ceil(extract(epoch FROM now() - min(slot)) / 86400))) AS a_day,
        extract(epoch FROM month_end - now()) / 86400 AS days_left
    FROM (SELECT date_trunc('month', now() AT TIME ZONE :zone) AT TIME ZONE :zone AS month,
        (date_trunc('month', now() AT TIME ZONE :zone) + interval '1 month') AT TIME ZONE :zone AS month_end) t
    LEFT JOIN revelado.spend ON slot >= least(month, now() - interval '{PACE_DAYS} days')
    GROUP BY month_end
""")


@dataclass(frozen=True)
class Period:
    """Days of the shop, both included; `zone` is the name of its time zone."""

    first: date
    last: date
    zone: str

    @property
    def params(self) -> dict[str, object]:
        return {"first": self.first, "last": self.last, "zone": self.zone}


@dataclass(frozen=True)
class Day:
    day: date
    amount: Decimal
    calls: int
    saved: Decimal


@dataclass(frozen=True)
class Share:
    name: str  #: empty: none is known
    amount: Decimal
    calls: int


@dataclass(frozen=True)
class Line:
    day: date
    category: str
    person: str
    calls: int
    reused: int
    amount: Decimal
    saved: Decimal


@dataclass(frozen=True)
class Forecast:
    """US$. Of the shop's month: what it will have cost at the pace of the last days."""

    spent: Decimal
    a_day: Decimal
    days_left: float

    @property
    def total(self) -> Decimal:
        return self.spent + self.a_day * Decimal(str(round(self.days_left, 4)))


@dataclass(frozen=True)
class Costs:
    """US$."""

    amount: Decimal
    calls: int
    reused: int
    saved_by_reuse: Decimal
    saved_at_night: Decimal
    for_nothing: Decimal  #: part of `amount`: what came without a picture, or may have been charged without one
    finished: int
    approved: int  #: by a person, or published without one
    days: tuple[Day, ...]
    categories: tuple[Share, ...]
    people: tuple[Share, ...]

    @property
    def per_finished(self) -> Decimal | None:
        return self.amount / self.finished if self.finished else None

    @property
    def per_approved(self) -> Decimal | None:
        return self.amount / self.approved if self.approved else None


def read(engine: Engine, period: Period) -> Costs:
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))  # sums and shares of one moment
        sums: Any = connection.execute(_SUMS, period.params).one()
        made: Any = connection.execute(_MADE, period.params).one()
        shares = connection.execute(_SHARES, period.params).all()
        days = connection.execute(_DAYS, period.params).all()
    return Costs(
        amount=sums.amount,
        calls=sums.calls,
        reused=sums.reused,
        saved_by_reuse=sums.saved_by_reuse,
        saved_at_night=sums.saved_at_night,
        for_nothing=sums.for_nothing,
        finished=made.finished,
        approved=made.approved,
        days=tuple(Day(row.day, row.amount, row.calls, row.saved) for row in days),
        categories=tuple(Share(row.category, row.amount, row.calls) for row in shares if not row.by_person),
        people=tuple(Share(row.person, row.amount, row.calls) for row in shares if row.by_person),
    )


def forecast(engine: Engine, zone: str) -> Forecast:
    with engine.connect() as connection:
        row: Any = connection.execute(_FORECAST, {"zone": zone}).one()
    return Forecast(row.spent, Decimal(row.a_day or 0), float(row.days_left))


def lines(engine: Engine, period: Period) -> Iterator[Line]:
    """By day, category and person, the oldest first."""
    with engine.connect() as connection:
        for row in connection.execute(_LINES, period.params):
            yield Line(row.day, row.category, row.person, row.calls, row.reused, row.amount, row.saved)
