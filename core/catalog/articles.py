"""Finding articles: by category, words, picture and state, a page at a time or all that match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Engine, text

from core.catalog import folding

#: As `categoria_id`: the articles of no category, and those of one that no longer exists.
UNCATEGORISED = 0
#: More words than this are not looked at.
MAX_WORDS = 10
MAX_WORD_LENGTH = 60

PictureFilter = Literal["any", "with", "without"]
StateFilter = Literal["any", "never", "queued", "done", "to_review", "rejected", "failed"]


class Order(StrEnum):
    NAME = "name"
    CODE = "code"
    ID = "id"


@dataclass(frozen=True)
class ArticleFilter:
    categoria_id: int | None = None  #: None: all; UNCATEGORISED: none
    search: str = ""  #: in name, code or description; all words must match
    picture: PictureFilter = "any"
    state: StateFilter = "any"
    activo: bool | None = True  #: None: both


@dataclass(frozen=True)
class ArticleRow:
    id: int
    codigo: str | None
    nombre: str
    descripcion: str | None
    unidad: str | None
    categoria_id: int | None
    categoria: str | None
    imagen_url: str | None  #: None: it has no picture
    activo: bool
    estado: str | None  #: of its live job, else of its last one; `completed` as well while it shows a result of ours
    lane: str | None  #: of that job
    stage: str | None  #: of that job while it is in hand
    review: str | None  #: a person's look at the picture which that job made; None: none is asked for
    verdict: str | None  #: what the inspection said of it
    decision: str | None  #: what a person did with it last, of `decisions.action`, unless it was taken back
    replaced: bool  #: the article showed it and shows another one now
    shown: bool  #: the article shows a picture that we made
    reusable: bool  #: a picture was made of it that the very same request would use again, for nothing


#: Why an article is not queued.
SkipReason = Literal["unknown", "inactive", "no_picture", "already_queued"]


class Processable(NamedTuple):
    ready: dict[int, bool]  #: id → reusable
    left_out: Counter[SkipReason]


@dataclass(frozen=True)
class CategoryRow:
    """A category and its active articles in numbers. What is neither done, queued, failed nor rejected was never
    processed."""

    id: int  #: UNCATEGORISED for the row that stands for no category
    nombre: str
    articles: int
    with_picture: int
    done: int
    queued: int
    failed: int
    to_review: int  #: of those done, whose picture awaits a person
    rejected: int  #: whose last picture somebody did not want


#: What tells an article's state: its live job, since a retry revives an older one, else the newest that ended. A recipe's
#: trial says nothing about the article. Each is read by its own index: none walks the history.
_LIVE = """EXISTS (SELECT FROM public.image_processing_queue q WHERE q.articulo_id = a.id AND NOT q.trial
    AND q.estado IN ('pending', 'processing'))"""
_ENDED = """(SELECT q.estado FROM public.image_processing_queue q WHERE q.articulo_id = a.id AND NOT q.trial
    AND q.estado IN ('completed', 'failed') ORDER BY q.id DESC LIMIT 1)"""
#: Begun from the failed, which are few: asking each article for its newest job would take longer.
_FAILED = """(SELECT q.articulo_id FROM public.image_processing_queue q WHERE q.estado = 'failed' AND NOT q.trial AND (
    SELECT later.id FROM public.image_processing_queue later WHERE later.articulo_id = q.articulo_id AND later.id > q.id
    AND later.estado IN ('completed', 'failed') AND NOT later.trial LIMIT 1) IS NULL)"""

#: Begun from the pictures, by their indexes. What an earlier job made says nothing once a later one ended.
_TO_REVIEW = """(SELECT p.articulo_id FROM revelado.pictures p WHERE p.review = 'awaiting' AND p.deleted_at IS NULL)"""
_REJECTED = """(SELECT p.articulo_id FROM revelado.pictures p WHERE p.judged_at IS NOT NULL AND p.review = 'rejected'
    AND p.job_id = (SELECT q.id FROM public.image_processing_queue q WHERE q.articulo_id = p.articulo_id AND NOT q.trial
        AND q.estado IN ('completed', 'failed') ORDER BY q.id DESC LIMIT 1))"""

#: Whether article `a` shows a picture that we made. Finished jobs are removed after some days; it is still done.
SHOWS_RESULT = """EXISTS (SELECT FROM revelado.pictures p WHERE p.articulo_id = a.id AND md5(p.url) = md5(a.imagen_url)
    AND p.url = a.imagen_url AND p.kind = 'result')"""

_STATES: dict[StateFilter, str] = {
    "any": "true",
    "never": f"NOT {_LIVE} AND {_ENDED} IS NULL AND NOT {SHOWS_RESULT}",
    "queued": _LIVE,
    "done": f"NOT {_LIVE} AND coalesce({_ENDED} = 'completed', {SHOWS_RESULT}) AND NOT coalesce(a.id IN {_REJECTED}, false)",
    "to_review": f"a.id IN {_TO_REVIEW}",
    "rejected": f"NOT {_LIVE} AND a.id IN {_REJECTED}",
    "failed": f"NOT {_LIVE} AND a.id IN {_FAILED}",
}
_HAS_PICTURE = "coalesce(a.imagen_url, '') <> ''"
_PICTURES: dict[PictureFilter, str] = {"any": "true", "with": _HAS_PICTURE, "without": f"NOT {_HAS_PICTURE}"}
_ACTIVE: dict[bool | None, str] = {None: "true", True: "a.activo IS NOT FALSE", False: "a.activo IS FALSE"}
_SEARCHED = "concat_ws(E'\\n', a.nombre, a.codigo, a.descripcion)"
_NO_CATEGORY = "NOT EXISTS (SELECT FROM public.categorias c WHERE c.id = a.categoria_id)"

_ORDERS: dict[Order, str] = {
    Order.NAME: "revelado.sort_key(a.nombre), a.id",
    Order.CODE: "lower(nullif(a.codigo, '')) COLLATE \"C\", a.id",
    Order.ID: "a.id",
}

#: As `core.pipeline.cache` takes them: what somebody rejected is made anew.
_REUSABLE = """EXISTS (SELECT FROM revelado.pictures p WHERE p.articulo_id = a.id AND p.kind = 'result'
    AND p.cache_key IS NOT NULL AND p.deleted_at IS NULL AND p.review IS DISTINCT FROM 'rejected')"""
_COLUMNS = f"""a.id, nullif(a.codigo, '') AS codigo, coalesce(a.nombre, '') AS nombre, a.descripcion, a.unidad,
    a.categoria_id, (SELECT c.nombre FROM public.categorias c WHERE c.id = a.categoria_id) AS categoria,
    nullif(a.imagen_url, '') AS imagen_url, a.activo IS NOT FALSE AS activo,
    coalesce(job.estado, CASE WHEN {SHOWS_RESULT} THEN 'completed' END) AS estado, job.lane, job.stage,
    made.review, made.verdict, decided.action AS decision,
    coalesce(made.published_at IS NOT NULL AND job.imagen_url_procesada <> nullif(a.imagen_url, ''), false) AS replaced,
    {SHOWS_RESULT} AS shown,
    {_REUSABLE} AS reusable"""
_LAST_JOB = """(SELECT q.id, q.estado, q.lane, q.stage, q.imagen_url_procesada
    FROM public.image_processing_queue q WHERE q.articulo_id = a.id AND NOT q.trial
    ORDER BY (q.estado IN ('pending', 'processing')) IS TRUE DESC, q.id DESC LIMIT 1)"""

#: What that job made; or, of one that used a picture again, what it used, which keeps the job that made it first.
_MADE = """(
    (SELECT m.id, m.review, m.verdict, m.published_at FROM revelado.pictures m WHERE m.job_id = job.id
        AND m.kind = 'result' AND job.estado = 'completed' ORDER BY m.id DESC LIMIT 1)
    UNION ALL
    (SELECT m.id, m.review, m.verdict, m.published_at FROM revelado.pictures m WHERE m.articulo_id = a.id
        AND job.estado = 'completed' AND m.kind = 'result' AND md5(m.url) = md5(job.imagen_url_procesada)
        AND m.url = job.imagen_url_procesada)
    LIMIT 1)"""
_DECIDED = """(SELECT d.action FROM revelado.decisions d WHERE d.picture_id = made.id AND d.undone_at IS NULL
    AND made.review IS DISTINCT FROM 'awaiting' ORDER BY d.id DESC LIMIT 1)"""

_CATEGORIES = text(f"""
    WITH live AS MATERIALIZED (
        SELECT DISTINCT articulo_id FROM public.image_processing_queue
        WHERE estado IN ('pending', 'processing') AND NOT trial
    ), awaiting AS MATERIALIZED {_TO_REVIEW}, rejected AS MATERIALIZED {_REJECTED},
    told AS MATERIALIZED (
        SELECT a.categoria_id, {_HAS_PICTURE} AS has_picture, a.id IN (TABLE awaiting) AS to_review,
            CASE WHEN live.articulo_id IS NOT NULL THEN 'live' WHEN a.id IN (TABLE rejected) THEN 'rejected'
            ELSE coalesce({_ENDED}, CASE WHEN {SHOWS_RESULT} THEN 'completed' END) END AS state
        FROM public.articulos a LEFT JOIN live ON live.articulo_id = a.id WHERE a.activo IS NOT FALSE
    ), counted AS (
        SELECT c.id, count(*) AS articles, count(*) FILTER (WHERE has_picture) AS with_picture,
            count(*) FILTER (WHERE state = 'completed') AS done, count(*) FILTER (WHERE state = 'live') AS queued,
            count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE to_review) AS to_review,
            count(*) FILTER (WHERE state = 'rejected') AS rejected
        FROM told LEFT JOIN public.categorias c ON c.id = told.categoria_id GROUP BY c.id
    )
    SELECT coalesce(c.id, {UNCATEGORISED}) AS id,
        CASE WHEN c.id IS NULL THEN 'Sin categoría' ELSE coalesce(c.nombre, '') END AS nombre,
        coalesce(articles, 0) AS articles, coalesce(with_picture, 0) AS with_picture, coalesce(done, 0) AS done,
        coalesce(queued, 0) AS queued, coalesce(failed, 0) AS failed, coalesce(to_review, 0) AS to_review,
        coalesce(rejected, 0) AS rejected
    FROM public.categorias c FULL JOIN counted ON counted.id = c.id
    ORDER BY c.id IS NULL, revelado.sort_key(c.nombre), c.id
""")


def count(engine: Engine, where: ArticleFilter) -> int:
    condition, params = _condition(where)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM public.articulos a WHERE {condition}"), params)
    return int(found or 0)


def any_of(engine: Engine, where: ArticleFilter) -> bool:
    """Whether one matches: found long before all are counted."""
    condition, params = _condition(where)
    with engine.connect() as connection:
        return bool(
            connection.scalar(text(f"SELECT EXISTS (SELECT FROM public.articulos a WHERE {condition})"), params)
        )


def page(
    engine: Engine, where: ArticleFilter, order: Order = Order.NAME, limit: int = 50, offset: int = 0
) -> list[ArticleRow]:
    ids, params = _matching(where, order)
    return _rows(engine, f"{ids} LIMIT :limit OFFSET :offset", {**params, "limit": limit, "offset": offset})


def ids(engine: Engine, where: ArticleFilter, order: Order = Order.ID) -> list[int]:
    """All that match."""
    with engine.connect() as connection:
        return ids_now(connection, where, order)


def ids_now(connection: Connection, where: ArticleFilter, order: Order = Order.ID) -> list[int]:
    """All that match, as this transaction sees them."""
    matching, params = _matching(where, order)
    return list(connection.scalars(text(matching), params))


def get(engine: Engine, ids: Sequence[int]) -> list[ArticleRow]:
    """In the order asked for; ids that don't exist are left out."""
    possible = [i for i in dict.fromkeys(ids) if 0 <= i < 2**31]
    return _rows(engine, "SELECT unnest(CAST(:ids AS integer[])) AS id", {"ids": possible})


def processable(engine: Engine, ids: Sequence[int]) -> Processable:
    """Which of them could be queued now, and why the others could not."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                f"SELECT a.id, {_REUSABLE} AS reusable, CASE WHEN NOT {_ACTIVE[True]} THEN 'inactive'"
                f" WHEN NOT {_HAS_PICTURE} THEN 'no_picture' WHEN {_LIVE} THEN 'already_queued' END AS left_out"
                " FROM public.articulos a WHERE a.id = ANY(CAST(:ids AS integer[])) ORDER BY a.id"
            ),
            {"ids": list(ids)},
        ).all()
    left_out = Counter[SkipReason](row.left_out for row in found if row.left_out)
    left_out["unknown"] = len(set(ids)) - len(found)
    return Processable({row.id: row.reusable for row in found if not row.left_out}, +left_out)


def categories(engine: Engine) -> list[CategoryRow]:
    """By name, empty ones too; last, when there are any, the articles of no category."""
    with engine.connect() as connection:
        return [CategoryRow(**row._mapping) for row in connection.execute(_CATEGORIES)]


def category_names(engine: Engine) -> dict[int, str]:
    """By name; without any figures."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT id, coalesce(nombre, '') AS nombre FROM public.categorias ORDER BY revelado.sort_key(nombre), id"
            )
        )
        return {row.id: row.nombre for row in found}


def _matching(where: ArticleFilter, order: Order) -> tuple[str, dict[str, object]]:
    condition, params = _condition(where)
    return f"SELECT a.id FROM public.articulos a WHERE {condition} ORDER BY {_ORDERS[order]}", params


def _rows(engine: Engine, ids: str, params: dict[str, object]) -> list[ArticleRow]:
    """The articles of a statement that gives ids. Apart, so that the rest is read for those alone."""
    statement = f"""
        SELECT {_COLUMNS} FROM unnest(ARRAY({ids})) WITH ORDINALITY AS chosen(id, position)
        JOIN public.articulos a ON a.id = chosen.id LEFT JOIN LATERAL {_LAST_JOB} job ON true
        LEFT JOIN LATERAL {_MADE} made ON true LEFT JOIN LATERAL {_DECIDED} decided ON true
        ORDER BY chosen.position
    """
    with engine.connect() as connection:
        return [ArticleRow(**row._mapping) for row in connection.execute(text(statement), params)]


def _condition(where: ArticleFilter) -> tuple[str, dict[str, object]]:
    parts = [_ACTIVE[where.activo], _PICTURES[where.picture], _STATES[where.state]]
    params: dict[str, object] = {}
    if where.categoria_id == UNCATEGORISED:
        parts.append(_NO_CATEGORY)
    elif where.categoria_id is not None:
        parts.append("a.categoria_id = :categoria_id")
        params["categoria_id"] = where.categoria_id
    words = [word[:MAX_WORD_LENGTH] for word in where.search.replace("\0", " ").split()[:MAX_WORDS]]
    found, sought = folding.search(_SEARCHED, words)
    parts += found
    params |= sought
    return " AND ".join(part for part in parts if part != "true") or "true", params
