"""What is happening now, in one look and one statement: what a page of the queue shows, at any size of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from core.db.prepared import Prepared
from core.money import budget
from core.money.budget import Budget
from core.queue import counts, pause
from core.queue.counts import Counts
from core.settings.values import Tuning, from_stored

#: A worker reports every 5 s; three missed reports and it counts as gone.
ALIVE_WITHIN = 15

Buckets = list[tuple[datetime, int, int]]  #: [(start, completed, failed)], oldest first, gaps as zeros


@dataclass(frozen=True)
class InHand:
    id: int
    articulo_id: int
    articulo_nombre: str
    estado: str
    started_at: datetime
    intentos: int
    max_intentos: int
    stage: str | None
    segundos_procesando: float
    imagen_url_original: str | None


@dataclass(frozen=True)
class WorkerLight:
    id: UUID
    host: str
    pid: int
    editor: str
    model: str
    seconds_since_seen: float
    alive: bool


@dataclass(frozen=True)
class Economy:
    """The lane of the night: what waits to be sent, and what Google has in hand."""

    waiting: int = 0
    sent: int = 0
    since: datetime | None = None  #: the oldest submission under way


@dataclass(frozen=True)
class Work:
    """What a progress bar shows: `done` and `failed` of the batches with anything left, and all that is `left` of them or
    of none; with an empty queue, what ended within the last 24 hours."""

    done: int
    failed: int
    left: int

    @property
    def total(self) -> int:
        return self.done + self.failed + self.left


@dataclass(frozen=True)
class Overview:
    counts: Counts
    in_hand: list[InHand]
    pause: pause.Pause | None
    probing: str | None  #: the service that is tried with one article at a time
    workers: list[WorkerLight]
    budget: Budget
    tuning: Tuning
    economy: Economy
    hour: Buckets  #: the last hour, a minute each
    day: Buckets  #: the last day, an hour each
    eta_seconds: tuple[int, int] | None  #: None: nothing to wait for, or nothing known yet
    now: datetime
    rate: float | None = None  #: articles a minute, by the last ten; None: too few to tell
    ended_of_live: tuple[int, int] = (0, 0)  #: (completed, failed) of the batches with anything left

    @property
    def cost_today(self) -> Decimal:
        return self.budget.day_spent

    @property
    def work(self) -> Work:
        left = self.counts.pendientes + self.counts.procesando
        if left:
            return Work(*self.ended_of_live, left)
        return Work(sum(done for _, done, _ in self.day), sum(failed for _, _, failed in self.day), 0)

    @property
    def finished_last_hour(self) -> int:
        return sum(completed + failed for _, completed, failed in self.hour)


_IN_HAND = """
    SELECT id, articulo_id, articulo_nombre, estado, started_at, intentos, max_intentos, stage,
        imagen_url_original, extract(epoch FROM clock_timestamp() - started_at) AS seconds
    FROM public.image_processing_queue WHERE estado = 'processing' AND stage IS DISTINCT FROM 'economy'
    ORDER BY started_at NULLS LAST, id LIMIT 100
"""


def _buckets(unit: str, span: str) -> str:
    return f"""
        SELECT jsonb_agg(jsonb_build_array(slot, coalesce(n.completed, 0), coalesce(n.failed, 0)) ORDER BY slot)
        FROM generate_series(date_trunc('{unit}', now() - interval '{span}'), date_trunc('{unit}', now()),
            interval '1 {unit}') AS slot
        LEFT JOIN (SELECT date_bin('1 {unit}', minute, 'epoch') AS slot, sum(completed) AS completed, sum(failed) AS failed
            FROM ended WHERE minute >= (SELECT date_trunc('{unit}', now() - interval '{span}')) GROUP BY 1) n USING (slot)"""


#: Seconds between two articles that are still part of the work.
REST = 10

#: Planning it takes longer than doing it.
_OVERVIEW = Prepared(
    "overview",
    f"""
    WITH ended AS (
        SELECT minute, completed, failed FROM revelado.finished WHERE minute >= now() - interval '25 hours'
        UNION ALL SELECT date_bin('1 minute', at, 'epoch'), greatest(completed, 0), greatest(failed, 0)
        FROM revelado.total_deltas WHERE completed > 0 OR failed > 0
    ), latest AS (
        SELECT completed_at, started_at - lag(completed_at) OVER (ORDER BY completed_at) AS rest
        FROM (SELECT started_at, completed_at FROM public.image_processing_queue
            WHERE completed_at > now() - interval '10 minutes' ORDER BY completed_at DESC LIMIT 1000) ended
    ), lately AS (
        -- Time in which nothing was in hand is no part of the pace.
        SELECT count(*) AS ten, coalesce(extract(epoch FROM
            now() - min(completed_at) - sum(greatest(rest - interval '{REST} s', interval '0'))
            - greatest(coalesce((SELECT min(started_at) FROM public.image_processing_queue
                WHERE estado = 'processing' AND stage IS DISTINCT FROM 'economy'), now())
                - max(completed_at) - interval '{REST} s', interval '0')), 0) AS span
        FROM latest
    )
    SELECT now() AS now, numbers.*, spent.*, lately.*,
        control.paused, control.reason_code, control.reason, control.paused_by, control.paused_at, control.paused_until,
        control.probing,
        (SELECT jsonb_object_agg(key, value) FROM revelado.settings) AS settings,
        (SELECT jsonb_agg(to_jsonb(h) ORDER BY h.started_at NULLS LAST, h.id) FROM ({_IN_HAND}) h) AS in_hand,
        (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.since) FROM (
            SELECT id, host, pid, editor, model, extract(epoch FROM clock_timestamp() - seen_at) AS since
            FROM revelado.workers WHERE stopped_at IS NULL AND seen_at > now() - interval '1 day') w) AS workers,
        (SELECT count(*) FROM public.image_processing_queue
            WHERE estado = 'pending' AND run_after IS NULL AND lane = 'economy') AS economy_waiting,
        (SELECT jsonb_build_object('sent', coalesce(sum(items), 0), 'since', min(created_at))
            FROM revelado.submissions WHERE finished_at IS NULL) AS economy,
        (SELECT jsonb_build_array(coalesce(sum(completed), 0), coalesce(sum(failed), 0))
            FROM ({counts.SELECT_LIVE}) live) AS ended_of_live,
        ({_buckets("minute", "1 hour")}) AS hour, ({_buckets("hour", "24 hours")}) AS day_buckets
    FROM ({counts.SELECT_COUNTS}) numbers, ({budget.SELECT_SPENT}) spent, lately, revelado.queue_control control
""",
    {"zone": "text", "batch_id": "bigint"},
)


#: Of what was finished last, newest first: how long each stage took of an article that came out well.
_STAGES = text("""
    SELECT stage.key AS stage, percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(stage.value AS float)) AS middle,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY CAST(stage.value AS float)) AS slow
    FROM (SELECT seconds FROM revelado.attempts ORDER BY id DESC LIMIT 200) lately, jsonb_each_text(seconds) stage
    WHERE jsonb_typeof(seconds) = 'object' GROUP BY 1
""")

_SPEND = text("""
    SELECT extract(epoch FROM slot) AS at, amount FROM revelado.spend
    WHERE slot >= date_trunc('hour', now()) - interval '24 hours' ORDER BY slot
""")
STAGES = ("fetch", "buy", "inspect", "host", "publish")


@dataclass(frozen=True)
class Pace:
    stages: list[
        tuple[str, float, float]
    ]  #: (stage, median seconds, seconds of the slow tenth), in the article's order
    spend: list[tuple[datetime, Decimal]]  #: US$ of the last day, by quarters of an hour; those of nothing left out


def pace(engine: Engine) -> Pace:
    with engine.connect() as connection:
        took = {row.stage: (float(row.middle), float(row.slow)) for row in connection.execute(_STAGES)}
        spend = [
            (datetime.fromtimestamp(float(row.at), UTC), row.amount) for row in connection.execute(_SPEND) if row.amount
        ]
    return Pace([(stage, *took[stage]) for stage in STAGES if stage in took], spend)


def overview(engine: Engine, timezone: str) -> Overview:
    """`timezone` is the shop's: today begins at its midnight."""
    with engine.connect() as connection:
        [row] = _OVERVIEW.all(connection, {"zone": timezone, "batch_id": 0})
    numbers, tuning = counts.from_row(row), from_stored(row.settings or {})
    economy = row.economy
    return Overview(
        counts=numbers,
        in_hand=[_in_hand(job) for job in row.in_hand or []],
        pause=pause.from_row(row),
        probing=row.probing,
        workers=[_worker(worker) for worker in row.workers or []],
        budget=budget.from_row(row, tuning),
        tuning=tuning,
        economy=Economy(row.economy_waiting, economy["sent"], _time(economy["since"])),
        hour=_read_buckets(row.hour),
        day=_read_buckets(row.day_buckets),
        eta_seconds=_time_left(numbers.pendientes + numbers.procesando, row.ten, float(row.span)),
        now=row.now,
        rate=row.ten * 60 / float(row.span) if row.ten >= 3 and row.span > 0 else None,
        ended_of_live=tuple(row.ended_of_live),
    )


def in_hand(connection: Connection) -> list[InHand]:
    """The articles being worked on, the one started first on top."""
    return [_in_hand(row._mapping) for row in connection.execute(text(_IN_HAND))]


def live_workers(connection: Connection) -> int:
    workers: int = connection.scalar(
        text(
            "SELECT count(*) FROM revelado.workers WHERE stopped_at IS NULL"
            " AND seen_at > now() - make_interval(secs => :within)"
        ),
        {"within": ALIVE_WITHIN},
    )
    return workers


def _time_left(left: int, finished: int, span: float) -> tuple[int, int] | None:
    """A range around the pace of the last ten minutes; too few finished articles tell nothing."""
    if left == 0 or finished < 3 or span <= 0:
        return None
    seconds = left * span / finished
    return round(seconds * 0.85), round(seconds * 1.25)


def _in_hand(job: Any) -> InHand:
    return InHand(
        id=job["id"],
        articulo_id=job["articulo_id"],
        articulo_nombre=job["articulo_nombre"] or "",
        estado=job["estado"],
        started_at=_time(job["started_at"]),  # type: ignore[arg-type] # every claim sets it
        intentos=job["intentos"] or 0,
        max_intentos=job["max_intentos"] or 0,
        stage=job["stage"],
        segundos_procesando=round(float(job["seconds"] or 0), 1),
        imagen_url_original=job["imagen_url_original"],
    )


def _worker(worker: dict[str, Any]) -> WorkerLight:
    since = float(worker["since"])
    return WorkerLight(
        UUID(worker["id"]),
        worker["host"],
        worker["pid"],
        worker["editor"],
        worker["model"],
        since,
        since < ALIVE_WITHIN,
    )


def _read_buckets(rows: list[list[Any]]) -> Buckets:
    return [(datetime.fromisoformat(start), completed, failed) for start, completed, failed in rows]


def _time(value: datetime | str | None) -> datetime | None:
    """As a column gives it, or as JSON does."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
