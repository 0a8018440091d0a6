"""Every job there ever was and what came of it: page by page at any depth, or all of it as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from core.db.prepared import Prepared
from core.queue.history_filter import OF_STATE, HistoryFilter, condition_of, joins_for, order_of


@dataclass(frozen=True)
class Totals:
    jobs: int
    completed: int
    failed: int
    cost: Decimal  #: US$
    seconds: int  #: of work, those that ended


class HistoryRow(NamedTuple):
    """A tuple, since a page makes fifty of them, an export all there are; the fields are the columns of `_SELECT`."""

    id: int
    articulo_id: int | None
    articulo_nombre: str
    codigo: str | None
    categoria: str | None
    estado: str
    lane: str
    stage: str | None  #: of a job in hand
    prioridad: int
    intentos: int
    max_intentos: int
    error_code: str | None
    error_message: str | None
    error_stack: str | None
    created_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    duracion_segundos: int | None
    imagen_url_original: str | None
    imagen_url_procesada: str | None
    batch_id: int | None
    cost: Decimal | None  #: US$, everything bought for this job, doubtful purchases included
    reused: bool  #: it took a picture that an earlier purchase had made
    doubts: list[Any]  #: why a person should look at the picture: findings, or codes of earlier versions
    model: str | None
    review: str | None  #: a person's look at the picture; None: none is asked for
    verdict: str | None  #: what the inspection said of it
    decision: str | None  #: what a person did with the picture last, of `decisions.action`, unless it was taken back
    decided_by: str | None
    decided_why: str | None
    replaced: bool | None  #: the article showed its picture and shows another one now
    shown: bool | None  #: the article shows its picture


@dataclass(frozen=True)
class HistoryPage:
    rows: list[HistoryRow]
    next_before: int | None  #: give it as `before_id` for the following page; None on the last


@dataclass(frozen=True)
class AttemptRow:
    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    error_code: str | None
    error_message: str | None
    error_stack: str | None
    seconds: dict[str, float]


_TABLE = "public.image_processing_queue"
#: A picture that was used again keeps the job that made it first: then its address tells. What was decided of it before
#: was decided of the earlier job.
_SELECT = """
    SELECT q.id, q.articulo_id, coalesce(q.articulo_nombre, ''), a.codigo, c.nombre, coalesce(q.estado, ''), q.lane, q.stage,
        coalesce(q.prioridad, 0), coalesce(q.intentos, 0), coalesce(q.max_intentos, 0),
        q.error_code, q.error_message, q.error_stack, q.created_at, q.started_at, q.completed_at,
        CASE WHEN q.completed_at >= q.started_at THEN extract(epoch FROM q.completed_at - q.started_at)::int END,
        q.imagen_url_original, q.imagen_url_procesada, q.batch_id,
        bought.cost, coalesce(bought.reused, false), coalesce(made.report -> 'findings', made.report -> 'doubts', '[]'),
        made.model, made.review, made.verdict, decided.action, decided.user_name, decided.reason,
        NOT q.trial AND made.published_at IS NOT NULL AND q.imagen_url_procesada <> nullif(a.imagen_url, ''),
        NOT q.trial AND q.imagen_url_procesada = nullif(a.imagen_url, '')
    FROM {jobs} q
    LEFT JOIN public.articulos a ON a.id = q.articulo_id
    LEFT JOIN public.categorias c ON c.id = a.categoria_id
    LEFT JOIN LATERAL (SELECT sum(coalesce(p.cost, p.estimate)) FILTER (WHERE p.state <> 'free') AS cost,
        bool_or(p.state = 'reused') AS reused FROM revelado.purchases p WHERE p.job_id = q.id) bought ON true
    LEFT JOIN LATERAL (
        (SELECT id, report, model, review, verdict, published_at FROM revelado.pictures m
            WHERE m.job_id = q.id AND m.kind = 'result' ORDER BY m.id DESC LIMIT 1)
        UNION ALL
        (SELECT id, report, model, review, verdict, published_at FROM revelado.pictures m
            WHERE m.articulo_id = q.articulo_id AND m.kind = 'result' AND md5(m.url) = md5(q.imagen_url_procesada)
            AND m.url = q.imagen_url_procesada)
        LIMIT 1
    ) made ON true
    LEFT JOIN LATERAL (SELECT later.completed_at AS at FROM public.image_processing_queue later
        WHERE later.articulo_id = q.articulo_id AND later.id > q.id AND later.estado = 'completed' AND NOT later.trial
        AND later.imagen_url_procesada = q.imagen_url_procesada ORDER BY later.id LIMIT 1) again ON made.id IS NOT NULL
    LEFT JOIN LATERAL (SELECT d.action, d.user_name, d.reason FROM revelado.decisions d WHERE d.picture_id = made.id
        AND d.undone_at IS NULL AND (d.decided_at < again.at
            OR again.at IS NULL AND made.review IS DISTINCT FROM 'awaiting') ORDER BY d.id DESC LIMIT 1) decided ON true
"""


def _daily(name: str, where: HistoryFilter, condition: str, types: dict[str, str]) -> Prepared:
    """What is looked at all day, planned once a connection. For a rare category or one code the plan hangs on the value."""
    place, order = order_of(where)
    wanted = f"WHERE {condition} AND {place} ORDER BY {order} LIMIT :limit"
    return Prepared(name, f"{_SELECT.format(jobs=_TABLE)} {wanted}", {"before": "bigint", **types})


_LAST = 2**63 - 1  #: no job's number
_NEWEST = _daily("history", HistoryFilter(), "true", {})
_NEWEST_OF_STATE = _daily("history_of_state", HistoryFilter(estado="any"), OF_STATE, {"estado": "varchar"})


def page(engine: Engine, where: HistoryFilter, before_id: int | None = None, limit: int = 50) -> HistoryPage:
    """Newest first, by keyset: the hundredth page costs what the first does."""
    place, order = order_of(where)
    with engine.connect() as connection:
        if where == HistoryFilter(estado=where.estado):
            daily = _NEWEST if where.estado is None else _NEWEST_OF_STATE
            before = _LAST if before_id is None else before_id
            return _page(daily.all(connection, {"estado": where.estado, "before": before, "limit": limit + 1}), limit)
        condition, params = condition_of(connection, where)
        if before_id is not None:
            condition += f" AND {place}"
            params["before"] = before_id
        statement = f"{_SELECT.format(jobs=_TABLE)} WHERE {condition} ORDER BY {order} LIMIT :limit"
        if joins := joins_for(where):
            # First which ones: of few articles they must be sorted, and what was bought is not looked up for all.
            jobs = f"(SELECT q.* FROM {_TABLE} q{joins} WHERE {condition} ORDER BY {order} LIMIT :limit)"
            statement = f"{_SELECT.format(jobs=jobs)} ORDER BY {order}"
        return _page(connection.execute(text(statement), {**params, "limit": limit + 1}).all(), limit)


def _page(found: Sequence[Any], limit: int) -> HistoryPage:
    """Of one row more than are shown, if there is one."""
    rows = [_row(row) for row in found]
    return HistoryPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def offset_page(engine: Engine, limit: int, offset: int) -> list[HistoryRow]:
    """The REST contract's way of paging; deep pages are slow by nature."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                f"{_SELECT.format(jobs=_TABLE)} WHERE q.id IN (SELECT id FROM public.image_processing_queue ORDER BY id DESC"
                " LIMIT :limit OFFSET :offset) ORDER BY q.id DESC"
            ),
            {"limit": limit, "offset": offset},
        )
        return [_row(row) for row in found]


def count(engine: Engine, where: HistoryFilter) -> int:
    with engine.connect() as connection:
        condition, params = condition_of(connection, where)
        found = connection.scalar(text(f"SELECT count(*) FROM {_TABLE} q{joins_for(where)} WHERE {condition}"), params)
    return int(found or 0)


def totals(engine: Engine, where: HistoryFilter) -> Totals:
    """Of all that match. One walk over the jobs and one over what was bought for them, whichever page is shown."""
    with engine.connect() as connection:
        condition, params = condition_of(connection, where)
        jobs = f"FROM {_TABLE} q{joins_for(where)} WHERE {condition}"
        bought = "" if condition == "true" else f" AND p.job_id IN (SELECT q.id {jobs})"
        row: Any = connection.execute(
            text(
                "SELECT count(*) AS jobs, count(*) FILTER (WHERE q.estado = 'completed') AS completed,"
                " count(*) FILTER (WHERE q.estado = 'failed') AS failed,"
                " coalesce(sum(extract(epoch FROM q.completed_at - q.started_at))"
                "  FILTER (WHERE q.completed_at >= q.started_at), 0)::bigint AS seconds,"
                f" (SELECT coalesce(sum(coalesce(p.cost, p.estimate)), 0) FROM revelado.purchases p"
                f"  WHERE p.state NOT IN ('free', 'reused'){bought}) AS cost {jobs}"
            ),
            params,
        ).one()
    return Totals(row.jobs, row.completed, row.failed, row.cost, row.seconds)


def people(engine: Engine) -> list[str]:
    """Who ever put something in the queue, by name."""
    with engine.connect() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT user_name FROM revelado.batches WHERE user_name <> '' GROUP BY user_name"
                    " ORDER BY revelado.sort_key(user_name) LIMIT 500"
                )
            )
        )


def stream(engine: Engine, where: HistoryFilter) -> Iterator[HistoryRow]:
    """All that match, newest first, through a cursor on the server: memory does not grow with them."""
    with engine.connect() as connection:
        condition, params = condition_of(connection, where)
    with engine.connect().execution_options(stream_results=True, max_row_buffer=1000) as connection:
        jobs = f"(SELECT q.* FROM {_TABLE} q{joins_for(where)} WHERE {condition})"
        statement = f"{_SELECT.format(jobs=jobs)} ORDER BY q.id DESC"
        for row in connection.execute(text(statement), params):
            yield _row(row)


def attempts(engine: Engine, job_id: int) -> list[AttemptRow]:
    with engine.connect() as connection:
        return _attempts(connection, job_id)


def _attempts(connection: Connection, job_id: int) -> list[AttemptRow]:
    rows = connection.execute(
        text("SELECT * FROM revelado.attempts WHERE job_id = :id ORDER BY claim_token"), {"id": job_id}
    )
    return [
        AttemptRow(
            r.number,
            r.started_at,
            r.finished_at,
            r.outcome,
            r.error_code,
            r.error_message,
            r.error_stack,
            r.seconds or {},
        )
        for r in rows
    ]


def _row(row: Any) -> HistoryRow:
    return HistoryRow._make(row)
