"""Puts articles in the queue: one set-based statement, every refused article with its reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import IntegrityError

from core.access import audit, harm
from core.access.actors import Actor, Role
from core.catalog import articles
from core.catalog.articles import ArticleFilter, SkipReason
from core.errors import InvalidInput
from core.queue.enqueue_sql import ENQUEUE, ENQUEUE_FEW, ENQUEUE_RACING, FEW
from core.settings.values import load_tuning

Origin = Literal["panel", "api", "cli"]
Lane = Literal["normal", "economy"]
PRIORITY_RANGE = range(-1000, 1001)
#: Any constant of its own: one enqueues after the other.
LOCK = 7_305_581_004


@dataclass(frozen=True)
class Matching:
    """All articles of a filter, looked up anew when they are queued. `seen`: how many they were when a person said yes."""

    where: ArticleFilter
    seen: int
    without: frozenset[int] = frozenset()


class Added(NamedTuple):
    """A tuple, since a batch makes thousands of them."""

    articulo_id: int
    queue_id: int


@dataclass(frozen=True)
class Skipped:
    articulo_id: int
    nombre: str | None
    reason: SkipReason


@dataclass(frozen=True)
class Enqueued:
    """`articulo_ids` and `queue_ids` go together, in the order of the queue."""

    batch_id: int
    articulo_ids: Sequence[int]
    queue_ids: Sequence[int]
    skipped: tuple[Skipped, ...]

    @cached_property
    def added(self) -> tuple[Added, ...]:
        return tuple(map(Added, self.articulo_ids, self.queue_ids))


def enqueue(
    engine: Engine,
    actor: Actor,
    articulo_ids: Sequence[int],
    *,
    origin: Origin,
    prioridad: int = 0,
    label: str = "",
    request_id: UUID | None = None,
    lane: Lane = "normal",
    fresh: bool = False,
    recipe_version_id: int | None = None,
    note: str = "",
    trial: bool = False,
    pilot: int = 0,
    cost: Decimal = Decimal(0),
    confirmed: bool = False,
    matching: Matching | None = None,
) -> Enqueued:
    """`matching`: besides `articulo_ids`. Many more than were seen are refused with Conflict: nobody agreed to those.

    `fresh` buys a new picture even where one was made of the very same. The same `request_id` again gives the first
    call's batch and adds nothing. Raises NotAllowed, InvalidInput; above the limits of harm, by number or by `cost` (US$,
    of all together), NeedsConfirmation unless `confirmed`, and NeedsAdministrator.

    `recipe_version_id`: instead of the category's recipe; `note`: added to its prompt. `trial`: to judge that recipe, never
    published, whatever else the article has in the queue. `pilot`: so many are made, the rest waits for a person's yes.
    """
    actor.require(Role.OPERATOR)
    if prioridad not in PRIORITY_RANGE:
        raise InvalidInput(field="prioridad", why="use un número entero entre -1000 y 1000.")
    if not articulo_ids and matching is None:
        raise InvalidInput(field="articuloIds", why="elija al menos un artículo.")
    # Out of the column's range means it can't exist; the statement would fail as a whole.
    asked_for = dict.fromkeys(articulo_ids)
    known_range = [i for i in asked_for if 0 <= i < 2**31]
    beyond: tuple[Skipped, ...] = ()
    if len(known_range) < len(asked_for):
        beyond = tuple(Skipped(i, None, "unknown") for i in asked_for if not 0 <= i < 2**31)
    order = _Order(known_range, beyond, prioridad, lane, fresh, recipe_version_id, note or None, trial, pilot)
    harmless = _Harmless(cost / max(1, len(known_range) + (matching.seen if matching else 0)), confirmed)
    by = _By(request_id, origin, actor.id, actor.name, label, "waiting" if pilot else None)
    try:
        with engine.begin() as connection:
            return _enqueue(connection, actor, order, by, harmless, matching)
    except IntegrityError:
        with engine.begin() as connection:
            return _enqueue(connection, actor, order, by, harmless, matching, racing=True)


@dataclass(frozen=True)
class _By:
    """Who wants it: the batch's columns."""

    request_id: UUID | None
    origin: Origin
    user_id: int | None
    user_name: str
    label: str
    pilot: str | None


@dataclass(frozen=True)
class _Order:
    """What is wanted, as the statement takes it; `beyond`: articles that can't exist."""

    ids: list[int]
    beyond: tuple[Skipped, ...]
    prioridad: int
    lane: Lane
    fresh: bool
    recipe: int | None
    note: str | None
    trial: bool
    pilot: int


@dataclass(frozen=True)
class _Harmless:
    """What the limits of harm look at: what one article is expected to cost (US$), and whether a person confirmed."""

    each: Decimal
    confirmed: bool


def _enqueue(
    connection: Connection,
    actor: Actor,
    order: _Order,
    by: _By,
    harmless: _Harmless,
    matching: Matching | None,
    *,
    racing: bool = False,
) -> Enqueued:
    # Two that queue the same articles in opposite orders would each wait for the other's rows, and one would fail.
    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": LOCK})
    batch_id = _open_batch(connection, by)
    if batch_id is None:
        assert by.request_id is not None
        return _earlier(connection, by.request_id)
    if matching is not None:
        order = replace(order, ids=list(dict.fromkeys((*_found_now(connection, matching), *order.ids))))
    tuning = load_tuning(connection)
    asked: dict[str, object] = {
        **{name: value for name, value in vars(order).items() if name != "beyond"},
        "ids": f"{{{str(order.ids)[1:-1]}}}",
        "asked": len(order.ids),
        "max_intentos": tuning.max_intentos,
        "batch_id": batch_id,
    }
    if racing or len(order.ids) > FEW:
        row: Row[Any] = connection.execute(ENQUEUE_RACING if racing else ENQUEUE, asked).one()
    else:
        [row] = ENQUEUE_FEW[order.lane].all(connection, asked)
    added = row.many
    harm.check_enqueue(actor, tuning, added, harmless.each * added, harmless.confirmed)
    skipped = (*(Skipped(**article) for article in row.skipped or ()), *order.beyond)
    connection.execute(
        text(
            "UPDATE revelado.batches SET added = :added, skipped = :skipped,"
            " skipped_articles = CAST(:articles AS jsonb) WHERE id = :id"
        ),
        {
            "id": batch_id,
            "added": added,
            "skipped": len(skipped),
            "articles": json.dumps([asdict(article) for article in skipped]),
        },
    )
    told = {"batch": batch_id, "added": added, "skipped": len(skipped)}
    how = {"prioridad": order.prioridad, "lane": order.lane, "label": by.label[:200], "trial": order.trial}
    audit.record(connection, actor, "enqueue", **told, **how)
    return Enqueued(batch_id, row.articulo_ids or (), row.queue_ids or (), skipped)


def _found_now(connection: Connection, matching: Matching) -> list[int]:
    """Raises Conflict."""
    now = [id_ for id_ in articles.ids_now(connection, matching.where) if id_ not in matching.without]
    harm.check_grown(matching.seen, len(now))
    return now


def _open_batch(connection: Connection, by: _By) -> int | None:
    """None when this request was answered before (a double click, a repeated POST)."""
    batch_id: int | None = connection.scalar(
        text(
            "INSERT INTO revelado.batches (request_id, origin, user_id, user_name, label, pilot)"
            " VALUES (:request_id, :origin, :user_id, :user_name, :label, :pilot)"
            " ON CONFLICT (request_id) DO NOTHING RETURNING id"
        ),
        vars(by),
    )
    return batch_id


def _earlier(connection: Connection, request_id: UUID) -> Enqueued:
    rows = connection.execute(
        text(
            "SELECT b.id AS batch_id, b.skipped_articles, q.id, q.articulo_id FROM revelado.batches b"
            " LEFT JOIN public.image_processing_queue q ON q.id BETWEEN b.first_id AND b.last_id AND q.batch_id = b.id"
            " WHERE b.request_id = :id ORDER BY q.id"
        ),
        {"id": request_id},
    ).all()
    there = [row for row in rows if row.id is not None]
    return Enqueued(
        rows[0].batch_id,
        [row.articulo_id for row in there],
        [row.id for row in there],
        tuple(Skipped(**article) for article in rows[0].skipped_articles),
    )
