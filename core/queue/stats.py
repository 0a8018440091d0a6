"""What is happening now, in one look: counts, the article in hand, workers, money, time left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from core.queue import pause

#: A worker reports every 5 s; three missed reports and it counts as gone.
ALIVE_WITHIN = 15
#: Seconds a picture takes (low, high) until enough of them were made here to know.
TYPICAL_SECONDS = {"local": (2, 5), "gemini": (8, 25)}


@dataclass(frozen=True)
class Counts:
    pendientes: int
    procesando: int
    completados: int
    fallidos: int

    @property
    def total(self) -> int:
        return self.pendientes + self.procesando + self.completados + self.fallidos


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
class Overview:
    counts: Counts
    in_hand: list[InHand]
    pause: pause.Pause | None
    workers: list[WorkerLight]
    cost_today: Decimal
    finished_last_hour: int
    eta_seconds: tuple[int, int] | None  #: None: nothing to wait for, or nothing known yet
    now: datetime


@dataclass(frozen=True)
class Estimate:
    cost: Decimal
    per_picture: Decimal
    seconds_low: int
    seconds_high: int


def counts(connection: Connection) -> Counts:
    rows = connection.execute(
        text("SELECT estado, count(*) AS jobs FROM public.image_processing_queue GROUP BY estado")
    )
    by_state: dict[str, int] = {row.estado: row.jobs for row in rows}
    return Counts(
        pendientes=by_state.get("pending", 0),
        procesando=by_state.get("processing", 0),
        completados=by_state.get("completed", 0),
        fallidos=by_state.get("failed", 0),
    )


def in_hand(connection: Connection) -> list[InHand]:
    """The articles being worked on, the one started first on top."""
    rows = connection.execute(
        text(
            "SELECT id, articulo_id, articulo_nombre, estado, started_at, intentos, max_intentos, stage,"
            " imagen_url_original, extract(epoch FROM clock_timestamp() - started_at) AS seconds"
            " FROM public.image_processing_queue WHERE estado = 'processing' ORDER BY started_at NULLS LAST, id LIMIT 100"
        )
    )
    return [
        InHand(
            id=row.id,
            articulo_id=row.articulo_id,
            articulo_nombre=row.articulo_nombre or "",
            estado=row.estado,
            started_at=row.started_at,
            intentos=row.intentos or 0,
            max_intentos=row.max_intentos or 0,
            stage=row.stage,
            segundos_procesando=round(float(row.seconds or 0), 1),
            imagen_url_original=row.imagen_url_original,
        )
        for row in rows
    ]


def workers(connection: Connection) -> list[WorkerLight]:
    """Those seen during the last day and not stopped in order, the freshest first."""
    rows = connection.execute(
        text(
            "SELECT id, host, pid, editor, model, extract(epoch FROM clock_timestamp() - seen_at) AS since"
            " FROM revelado.workers WHERE stopped_at IS NULL AND seen_at > now() - interval '1 day' ORDER BY seen_at DESC"
        )
    )
    return [
        WorkerLight(r.id, r.host, r.pid, r.editor, r.model, float(r.since), float(r.since) < ALIVE_WITHIN) for r in rows
    ]


def overview(engine: Engine, timezone: str) -> Overview:
    """`timezone` is the shop's: today begins at its midnight."""
    with engine.connect() as connection:
        numbers = counts(connection)
        cost_today = connection.scalar(
            text(
                "SELECT coalesce(sum(coalesce(cost, estimate)), 0) FROM revelado.purchases WHERE state <> 'free'"
                " AND opened_at >= date_trunc('day', now() AT TIME ZONE :zone) AT TIME ZONE :zone"
            ),
            {"zone": timezone},
        )
        lately = connection.execute(
            text(
                "SELECT count(*) FILTER (WHERE completed_at > now() - interval '1 hour') AS hour,"
                " count(*) FILTER (WHERE completed_at > now() - interval '10 minutes') AS ten,"
                " extract(epoch FROM now() - min(completed_at) FILTER (WHERE completed_at > now() - interval '10 minutes'))"
                " AS span, now() AS now FROM public.image_processing_queue WHERE completed_at > now() - interval '1 hour'"
            )
        ).one()
        left = numbers.pendientes + numbers.procesando
        return Overview(
            counts=numbers,
            in_hand=in_hand(connection),
            pause=pause.current(connection),
            workers=workers(connection),
            cost_today=cost_today or Decimal(0),
            finished_last_hour=lately.hour,
            eta_seconds=_time_left(left, lately.ten, float(lately.span or 0)),
            now=lately.now,
        )


def _time_left(left: int, finished: int, span: float) -> tuple[int, int] | None:
    """A range around the pace of the last ten minutes; too few finished articles tell nothing."""
    if left == 0 or finished < 3 or span <= 0:
        return None
    seconds = left * span / finished
    return round(seconds * 0.85), round(seconds * 1.25)


def throughput(engine: Engine, minutes: int = 60) -> list[tuple[datetime, int, int]]:
    """[(start of the bucket, completed, failed)], oldest first, gaps as zeros: a minute each for an hour, else an hour."""
    bucket = "minute" if minutes <= 120 else "hour"
    with engine.connect() as connection:
        rows = connection.execute(
            text(f"""
                SELECT slot, count(q.id) FILTER (WHERE q.estado = 'completed') AS completed,
                    count(q.id) FILTER (WHERE q.estado = 'failed') AS failed
                FROM generate_series(date_trunc('{bucket}', now() - make_interval(mins => :minutes)),
                    date_trunc('{bucket}', now()), interval '1 {bucket}') AS slot
                LEFT JOIN public.image_processing_queue q
                    ON q.completed_at >= slot AND q.completed_at < slot + interval '1 {bucket}'
                GROUP BY slot ORDER BY slot
            """),
            {"minutes": minutes},
        )
        return [(row.slot, row.completed, row.failed) for row in rows]


def estimate(engine: Engine, editor: str, per_picture: Decimal, count: int) -> Estimate:
    """What `count` more articles would cost and take at today's pace."""
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT count(*) AS n, percentile_cont(0.25) WITHIN GROUP (ORDER BY took) AS low,"
                " percentile_cont(0.75) WITHIN GROUP (ORDER BY took) AS high FROM ("
                "  SELECT extract(epoch FROM finished_at - started_at) AS took FROM revelado.attempts"
                "  WHERE outcome = 'completed' ORDER BY id DESC LIMIT 50) lately"
            )
        ).one()
        delay = connection.scalar(text("SELECT (value)::int FROM revelado.settings WHERE key = 'delay_seconds'"))
    low, high = (float(row.low), float(row.high)) if row.n >= 5 else TYPICAL_SECONDS[editor]
    pause_between = 2 if delay is None else int(delay)
    return Estimate(
        cost=per_picture * count,
        per_picture=per_picture,
        seconds_low=round((low + pause_between) * count),
        seconds_high=round((high * 1.2 + pause_between) * count),
    )
