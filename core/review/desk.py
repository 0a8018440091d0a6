"""The pictures that await a person's verdict, handed out so that no two people judge the same one at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.catalog.articles import UNCATEGORISED
from core.review.looked import reviewer

#: Minutes that whoever looks at a picture has it for, from their last sign of life.
LEASE = 2


@dataclass(frozen=True)
class Filter:
    categoria_id: int | None = None  #: UNCATEGORISED: none
    batch_id: int | None = None
    verdict: str | None = None  #: good | doubtful | bad


@dataclass(frozen=True)
class Case:
    picture_id: int
    articulo_id: int
    nombre: str
    codigo: str | None
    descripcion: str | None
    unidad: str | None
    categoria: str | None
    before_url: str | None  #: the photo it was made from
    after_url: str
    current_url: str | None  #: what the article shows now
    shown: bool  #: which is this picture
    report: dict[str, Any]
    verdict: str | None
    recipe_name: str | None
    recipe_version: int | None
    recipe_kind: str | None
    model: str | None
    cost: Decimal | None
    batch_id: int | None
    created_at: datetime
    redo_by: str | None  #: who asked for it in place of another
    came_out_same: bool  #: as that other: it is the same picture


@dataclass(frozen=True)
class Counts:
    """`total` includes pictures that were never inspected."""

    total: int
    good: int
    doubtful: int
    bad: int


_WAITING = "p.review = 'awaiting' AND p.deleted_at IS NULL"

#: A picture of an article that is gone can't be published: it is not worth anybody's look.
_FROM = "revelado.pictures p JOIN public.articulos a ON a.id = p.articulo_id"


def next_cases(engine: Engine, actor: Actor, where: Filter, limit: int = 4, skip: Sequence[int] = ()) -> list[Case]:
    """The oldest that nobody else looks at, `skip` left out; they are the actor's for `LEASE` minutes. Raises NotAllowed."""
    actor.require(Role.OPERATOR)
    condition, params = _condition(where)
    statement = f"""
        WITH free AS MATERIALIZED (
            SELECT p.id FROM {_FROM} WHERE {_WAITING} AND p.id <> ALL(CAST(:skip AS bigint[]))
            AND (p.reviewer_id IS NULL OR p.reviewer_id = :me OR p.reviewer_until < now()) AND {condition}
            ORDER BY p.id LIMIT :limit FOR NO KEY UPDATE OF p SKIP LOCKED
        ), leased AS (
            UPDATE revelado.pictures p SET reviewer_id = :me, reviewer_until = now() + make_interval(mins => {LEASE})
            FROM free WHERE p.id = free.id RETURNING p.*
        )
        SELECT p.id AS picture_id, p.articulo_id, coalesce(a.nombre, '') AS nombre, nullif(a.codigo, '') AS codigo,
            a.descripcion, a.unidad, c.nombre AS categoria, p.source_url AS before_url, p.url AS after_url,
            nullif(a.imagen_url, '') AS current_url, coalesce(a.imagen_url = p.url, false) AS shown,
            coalesce(p.report, '{{}}') AS report, p.verdict, r.name AS recipe_name, v.number AS recipe_version,
            v.kind AS recipe_kind, p.model, p.cost, p.batch_id, p.created_at,
            redone.user_name AS redo_by, coalesce(redone.picture_id = p.id, false) AS came_out_same
        FROM leased p JOIN public.articulos a ON a.id = p.articulo_id
        LEFT JOIN public.categorias c ON c.id = a.categoria_id
        LEFT JOIN revelado.recipe_versions v ON v.id = p.recipe_version_id
        LEFT JOIN revelado.recipes r ON r.id = v.recipe_id
        LEFT JOIN LATERAL (SELECT d.action, d.user_name, d.picture_id FROM revelado.decisions d
            WHERE d.articulo_id = p.articulo_id AND d.picture_id <= p.id AND d.undone_at IS NULL
            ORDER BY d.id DESC LIMIT 1) redone ON redone.action = 'redo'
        ORDER BY p.id
    """
    asked = {**params, "me": reviewer(actor), "skip": list(skip), "limit": limit}
    with engine.begin() as connection:
        return [Case(**row._mapping) for row in connection.execute(text(statement), asked)]


def renew(engine: Engine, actor: Actor, picture_ids: Sequence[int]) -> int:
    """For as long as they stay on the screen; how many are still the actor's."""
    return _change(engine, actor, picture_ids, f"reviewer_until = now() + make_interval(mins => {LEASE})")


def release(engine: Engine, actor: Actor, picture_ids: Sequence[int]) -> int:
    """Others may have them at once; how many there were."""
    return _change(engine, actor, picture_ids, "reviewer_id = NULL, reviewer_until = NULL")


def waiting(engine: Engine, where: Filter) -> Counts:
    condition, params = _condition(where)
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT count(*) AS total, count(*) FILTER (WHERE p.verdict = 'good') AS good,"
                " count(*) FILTER (WHERE p.verdict = 'doubtful') AS doubtful,"
                f" count(*) FILTER (WHERE p.verdict = 'bad') AS bad FROM {_FROM} WHERE {_WAITING} AND {condition}"
            ),
            params,
        ).one()
    return Counts(**row._mapping)


def _change(engine: Engine, actor: Actor, picture_ids: Sequence[int], what: str) -> int:
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        changed = connection.execute(
            text(
                f"UPDATE revelado.pictures p SET {what} WHERE {_WAITING} AND p.id = ANY(CAST(:ids AS bigint[]))"
                " AND p.reviewer_id = :me"
            ),
            {"ids": list(picture_ids), "me": reviewer(actor)},
        )
    return changed.rowcount


def _condition(where: Filter) -> tuple[str, dict[str, object]]:
    parts, params = ["true"], dict[str, object]()
    if where.categoria_id == UNCATEGORISED:
        parts.append("NOT EXISTS (SELECT FROM public.categorias c WHERE c.id = a.categoria_id)")
    elif where.categoria_id is not None:
        parts.append("a.categoria_id = :categoria_id")
        params["categoria_id"] = where.categoria_id
    if where.batch_id is not None:
        parts.append("p.batch_id = :batch_id")
        params["batch_id"] = where.batch_id
    if where.verdict is not None:
        parts.append("p.verdict = :verdict")
        params["verdict"] = where.verdict
    return " AND ".join(parts), params
