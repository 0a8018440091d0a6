"""What failed and still stands so, grouped by its cause: a page of a few causes, at any size of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from core.queue.history_filter import HistoryFilter, condition_of, joins_for

#: An article that was queued again since, whatever came of it, is told of by its newer job. (Not EXISTS: that becomes a
#: join, for which a planner may read the whole history.)
STANDING = """q.estado = 'failed' AND NOT q.trial AND (
    SELECT later.id FROM public.image_processing_queue later WHERE later.articulo_id = q.articulo_id
    AND later.id > q.id AND later.estado IN ('completed', 'failed') AND NOT later.trial LIMIT 1) IS NULL AND (
    SELECT live.id FROM public.image_processing_queue live WHERE live.articulo_id = q.articulo_id
    AND live.estado IN ('pending', 'processing') AND NOT live.adopted AND NOT live.trial LIMIT 1) IS NULL"""
#: The earlier backend gave no code.
OF_CAUSE = "q.error_code IS NOT DISTINCT FROM nullif(:cause, '')"
SAMPLES = 6

_GROUPS = text(f"""
    WITH standing AS MATERIALIZED (
        SELECT q.error_code, q.id, q.completed_at FROM public.image_processing_queue q WHERE {STANDING}
    ), causes AS (
        SELECT error_code, count(*) AS jobs, min(completed_at) AS since, max(completed_at) AS last,
            (array_agg(id ORDER BY id DESC))[1:{SAMPLES}] AS newest
        FROM standing GROUP BY error_code
    )
    SELECT coalesce(c.error_code, '') AS cause, c.jobs, c.since, c.last, q.id AS job_id, q.articulo_id,
        q.articulo_nombre, a.codigo, a.categoria_id, q.imagen_url_original, q.completed_at, q.error_message, q.error_stack
    FROM causes c JOIN public.image_processing_queue q ON q.id = ANY (c.newest)
    LEFT JOIN public.articulos a ON a.id = q.articulo_id
    ORDER BY c.jobs DESC, cause, q.id DESC
""")

_ARTICLES = text(f"""
    SELECT q.id AS job_id, q.articulo_id, q.articulo_nombre, a.codigo, a.categoria_id, q.imagen_url_original,
        q.completed_at, q.error_message, q.error_stack
    FROM public.image_processing_queue q LEFT JOIN public.articulos a ON a.id = q.articulo_id
    WHERE {STANDING} AND {OF_CAUSE} ORDER BY q.id DESC LIMIT :limit
""")

_ARTICLE_IDS = text(
    f"SELECT q.articulo_id FROM public.image_processing_queue q WHERE {STANDING} AND {OF_CAUSE}"
    " AND q.articulo_id IS NOT NULL"
)


@dataclass(frozen=True)
class Failed:
    job_id: int
    articulo_id: int | None
    articulo_nombre: str
    codigo: str | None
    categoria_id: int | None
    imagen_url_original: str | None
    completed_at: datetime | None
    error_message: str
    error_stack: str


@dataclass(frozen=True)
class FailureGroup:
    cause: str  #: a code of `core.errors`; empty: none was kept
    count: int
    since: datetime | None
    last: datetime | None
    newest: tuple[Failed, ...]  #: at most SAMPLES


def groups(engine: Engine) -> list[FailureGroup]:
    """The most frequent cause first."""
    with engine.connect() as connection:
        return list(_grouped(connection.execute(_GROUPS).all()))


def articles(engine: Engine, cause: str, limit: int) -> list[Failed]:
    """The newest first."""
    with engine.connect() as connection:
        return [_failed(row) for row in connection.execute(_ARTICLES, {"cause": cause, "limit": limit})]


def article_ids(engine: Engine, cause: str) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(_ARTICLE_IDS, {"cause": cause}))


def jobs_of_cause(connection: Connection, cause: str) -> list[int]:
    return _jobs(connection, OF_CAUSE, {"cause": cause})


def jobs_matching(connection: Connection, where: HistoryFilter) -> list[int]:
    """Of whatever cause."""
    condition, params = condition_of(connection, where)
    return _jobs(connection, condition, params, joins_for(where))


def _jobs(connection: Connection, condition: str, params: Mapping[str, object], joins: str = "") -> list[int]:
    found = f"SELECT q.id FROM public.image_processing_queue q{joins} WHERE {STANDING} AND {condition} ORDER BY q.id"
    return list(connection.scalars(text(found), params))


def _grouped(rows: Sequence[Row[Any]]) -> Iterator[FailureGroup]:
    for _cause, of_cause in groupby(rows, key=lambda row: row.cause):
        found = list(of_cause)
        first = found[0]
        yield FailureGroup(first.cause, first.jobs, first.since, first.last, tuple(map(_failed, found)))


def _failed(row: Any) -> Failed:
    return Failed(
        job_id=row.job_id,
        articulo_id=row.articulo_id,
        articulo_nombre=row.articulo_nombre or "",
        codigo=row.codigo,
        categoria_id=row.categoria_id,
        imagen_url_original=row.imagen_url_original,
        completed_at=row.completed_at,
        error_message=row.error_message or "",
        error_stack=row.error_stack or "",
    )
