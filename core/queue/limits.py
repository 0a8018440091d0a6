"""The gate before a purchase: pace, pictures in flight and budget, shared by all workers.

Each purchase passes it in the transaction that records its intent, behind the lock of the one row of `queue_control`:
whoever is let through is counted before the next one looks. Everything is counted from the ledger itself, so that
nothing has to be given back when a worker dies.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from core.errors import JobError, PausesQueue
from core.money import budget
from core.settings.values import Tuning, load_tuning

#: Seconds. A little more than a minute, for what the way to the service may shift between two calls.
MINUTE = 61.0
#: Seconds between two looks of a run that waits for a place in flight.
LOOK_AGAIN = 0.1
#: After a 429 the limits halve, not below a twentieth, and recover by a tenth each minute.
LEAST_SHARE, STEP = Decimal("0.05"), Decimal("0.1")
#: Seconds. Several calls in flight may be refused for the same reason: they halve once.
ONE_CUT = 10


class Wait(JobError):
    """Not now: `seconds` until it is worth asking again. The run keeps its job and its place."""

    code = "wait_for_place"
    message = "Espera su lugar."

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()


class Paused(JobError):
    """The queue was paused after this job was claimed: nothing is bought, the job goes back."""

    code = "paused"
    message = "La cola está en pausa."


class DayBudgetSpent(PausesQueue):
    code = "budget_day"
    message = (
        "Se llegó al tope de gasto del día: US$ {spent} de US$ {cap}. Nada se pierde: la cola sigue sola a medianoche."
        " Para seguir ahora, un administrador puede subir el tope diario en Ajustes."
    )


class MonthBudgetSpent(PausesQueue):
    code = "budget_month"
    message = (
        "Se llegó al tope de gasto del mes: US$ {spent} de US$ {cap}. Nada se pierde: la cola sigue sola el primer día del"
        " mes. Para seguir ahora, un administrador puede subir el tope mensual en Ajustes."
    )


class DayOfImagesSpent(PausesQueue):
    code = "images_day"
    message = (
        "Se llegó al límite de {limit} imágenes por día. Nada se pierde: la cola sigue sola después de la medianoche de"
        " California. Un administrador puede cambiar el límite en Ajustes."
    )


@dataclass(frozen=True)
class Limits:
    """What is allowed now: the settings, cut to a share while Google says it is too much. 0: no limit."""

    per_minute: int
    in_flight: int


def of(tuning: Tuning, share: Decimal) -> Limits:
    return Limits(
        per_minute=max(1, int(tuning.images_per_minute * share)) if tuning.images_per_minute else 0,
        in_flight=max(1, int(tuning.in_flight * share)),
    )


#: The share as it has recovered by now. A pause after the 429 counts as time, too.
SHARE_NOW = (
    f"""least(1, rate_share + {STEP} * floor(coalesce(extract(epoch FROM clock_timestamp() - rate_cut_at), 0) / 60))"""
)

_LOCK = text("SELECT 1 FROM revelado.queue_control WHERE id = 1 FOR UPDATE")

#: `clock_timestamp()`: `now()` is from before the wait for the lock. An open purchase whose worker died holds no place:
#: only with a live lease does it count as in flight.
_STATE = text(f"""
    SELECT paused, {SHARE_NOW} AS share,
        (SELECT count(*) FROM revelado.purchases p JOIN public.image_processing_queue q ON q.id = p.job_id
            WHERE p.state = 'open' AND p.submission_id IS NULL AND q.claim_token = p.claim_token
            AND q.lease_until > now()) AS in_flight,
        (SELECT coalesce(sum(calls), 0) FROM revelado.spend
            WHERE slot >= (SELECT date_trunc('day', now() AT TIME ZONE :pacific) AT TIME ZONE :pacific)) AS today
    FROM revelado.queue_control
""")

#: When the oldest of the last `:limit` calls leaves the window: (NULL: there were fewer).
_FREE_AT = text("""
    SELECT extract(epoch FROM opened_at - clock_timestamp()) + :window AS seconds FROM revelado.purchases
    WHERE opened_at > clock_timestamp() - make_interval(secs => :window) AND state <> 'reused' AND submission_id IS NULL
    ORDER BY opened_at DESC OFFSET :limit - 1 LIMIT 1
""")

PACIFIC = "America/Los_Angeles"  # where the day of Google's quotas ends
QUOTA_MARGIN = 300.0  # seconds after that midnight


def seconds_to_new_quota(connection: Connection, now: datetime | None = None) -> float:
    """Until Google's quotas of the day begin anew; `now` (aware) is the database's when not given."""
    seconds = connection.scalar(
        text(
            "SELECT extract(epoch FROM"
            " (date_trunc('day', (at AT TIME ZONE :pacific) + interval '1 day') AT TIME ZONE :pacific) - at)"
            " FROM (SELECT coalesce(CAST(:now AS timestamptz), now()) AS at) t"
        ),
        {"pacific": PACIFIC, "now": now},
    )
    return float(seconds or 0) + QUOTA_MARGIN


def lock(connection: Connection) -> None:
    """Held until the transaction ends. Before any lock on a job: everybody takes them in this order."""
    connection.execute(_LOCK)


def pass_gate(connection: Connection, price: Decimal, timezone: str, *, paced: bool = True) -> None:
    """Returns when one picture at this price, US$, may be bought now; call behind `lock`.

    `paced` is False for the economy lane, to which the limits of single calls don't apply. Raises Wait, Paused,
    DayBudgetSpent, MonthBudgetSpent, DayOfImagesSpent.
    """
    tuning = load_tuning(connection)
    state: Any = connection.execute(_STATE, {"pacific": PACIFIC}).one()
    if state.paused:
        raise Paused
    _within_budget(connection, price, timezone, tuning)
    if not paced:
        return
    if tuning.images_per_day and state.today >= tuning.images_per_day:
        raise DayOfImagesSpent(seconds_to_new_quota(connection), limit=tuning.images_per_day)
    limits = of(tuning, state.share)
    if state.in_flight >= limits.in_flight:
        raise Wait(LOOK_AGAIN * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
    if limits.per_minute:
        seconds = connection.scalar(_FREE_AT, {"window": MINUTE, "limit": limits.per_minute})
        if seconds is not None:
            raise Wait(max(0.01, float(seconds)) + random.uniform(0, LOOK_AGAIN))  # noqa: S311 - not a secret


def _within_budget(connection: Connection, price: Decimal, timezone: str, tuning: Tuning) -> None:
    spent = budget.read(connection, timezone, tuning)
    refused = spent.refuses(price)
    if refused == "month":
        raise MonthBudgetSpent(spent.month_left, spent=_said(spent.month_spent), cap=_said(spent.month_cap))
    if refused == "day":
        raise DayBudgetSpent(spent.day_left, spent=_said(spent.day_spent), cap=_said(spent.day_cap))


def _said(money: Decimal) -> str:
    return f"{money:.2f}".replace(".", ",")


def slow_down(connection: Connection) -> None:
    """The service said 429: half of what was allowed until now."""
    connection.execute(
        text(
            f"UPDATE revelado.queue_control SET rate_share = greatest({LEAST_SHARE}, ({SHARE_NOW}) / 2),"
            " rate_cut_at = now() WHERE rate_cut_at IS NULL OR rate_cut_at < now() - make_interval(secs => :once)"
        ),
        {"once": ONE_CUT},
    )
