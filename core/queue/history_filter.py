"""Which jobs of the history somebody asks for, and in what order they come: the words of its statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, text

from core.catalog import folding
from core.queue.jobs import of_batch

Review = Literal["awaiting", "rejected"]
#: Begun from the pictures, by their partial indexes.
_JUDGED: dict[Review, str] = {
    "awaiting": "p.review = 'awaiting' AND p.deleted_at IS NULL",
    "rejected": "p.review = 'rejected' AND p.judged_at IS NOT NULL",
}
#: The job that made it, and those that used it again.
_OF_PICTURES = """q.id IN (SELECT p.job_id FROM revelado.pictures p WHERE {judged}
    UNION ALL SELECT again.id FROM revelado.pictures p JOIN public.image_processing_queue again
        ON again.articulo_id = p.articulo_id AND again.imagen_url_procesada = p.url WHERE {judged})"""


@dataclass(frozen=True)
class HistoryFilter:
    estado: str | None = None
    categoria_id: int | None = None
    search: str = ""  #: in the article's name or code; all words must match
    batch_id: int | None = None
    since: datetime | None = None  #: by when the job was created
    until: datetime | None = None
    articulo_id: int | None = None
    person: str | None = None  #: who put it in the queue, by the name of then
    cost_from: Decimal | None = None  #: US$, of everything bought for the job; a job without a purchase cost nothing
    cost_to: Decimal | None = None
    review: Review | None = None  #: what became of its picture


_COST = """coalesce((SELECT sum(coalesce(p.cost, p.estimate)) FROM revelado.purchases p
    WHERE p.job_id = q.id AND p.state NOT IN ('free', 'reused')), 0)"""
#: A range: with `=` the planner drops the state from the order, and may walk the primary key past all that wait.
OF_STATE = "q.estado BETWEEN :estado AND :estado"

#: What a field that is set asks of a job.
_PLAIN = {
    "estado": OF_STATE,
    "categoria_id": "a.categoria_id = :categoria_id",
    "batch_id": of_batch(":batch_id"),
    "since": "q.created_at >= :since",
    "until": "q.created_at < :until",
    "articulo_id": "q.articulo_id = :articulo_id",
    "person": "b.user_name = :person",
    "cost_from": f"{_COST} >= :cost_from",
    "cost_to": f"{_COST} <= :cost_to",
}


def joins_for(where: HistoryFilter) -> str:
    """The joins that these conditions speak of."""
    named = where.categoria_id is not None or where.search.strip()
    joins = " LEFT JOIN public.articulos a ON a.id = q.articulo_id" if named else ""
    if where.person is not None:
        joins += " JOIN revelado.batches b ON b.id = q.batch_id AND q.id BETWEEN b.first_id AND b.last_id"
    return joins


def _articles_of_code(connection: Connection, search: str) -> list[int]:
    """Who asks for one whole code means that article: by index, where a search of names reads the whole history."""
    word = search.strip()
    if not any(c.isdigit() for c in word) or word.isdigit():
        return []
    found = connection.execute(
        text("SELECT id FROM public.articulos WHERE codigo = ANY(:codes)"),
        {"codes": list({word, word.upper(), word.lower()})},
    )
    return list(found.scalars())


def condition_of(connection: Connection, where: HistoryFilter) -> tuple[str, dict[str, object]]:
    """(the condition, its parameters); the condition speaks of the job as `q`, and of what `joins_for` joins."""
    given = {name: value for name in _PLAIN if (value := getattr(where, name)) is not None}
    parts, params = ["true", *(_PLAIN[name] for name in given)], dict[str, object](given)
    if where.review is not None:
        parts.append(_OF_PICTURES.format(judged=_JUDGED[where.review]))
    of_code = _articles_of_code(connection, where.search)
    if of_code:
        parts.append("q.articulo_id = ANY(:of_code)")
        params["of_code"] = of_code
    words = [word[:60] for word in where.search.split()[:10]]
    found, sought = folding.search("concat_ws(' ', q.articulo_nombre, a.codigo)", [] if of_code else words)
    return " AND ".join([*parts, *found]), params | sought


def order_of(where: HistoryFilter) -> tuple[str, str]:
    """(what comes after `:before`, the order), both as the filter's own index has them."""
    if where.batch_id is None and (where.since or where.until):
        # By id it would walk past all that is newer than the time asked for.
        last = "(SELECT created_at, id FROM public.image_processing_queue WHERE id = :before)"
        return f"(q.created_at, q.id) < {last}", "q.created_at DESC, q.id DESC"
    if where.estado is not None and where.batch_id is None:
        return "(q.estado, q.id) < (:estado, :before)", "q.estado DESC, q.id DESC"
    return "q.id < :before", "q.id DESC"
