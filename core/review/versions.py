"""Every picture an article had, and showing one of them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.access.actors import Actor, Role
from core.errors import NotAllowed, NotFound
from core.review import refusals
from core.review.looked import look
from core.review.record import Change, record
from core.review.shop_window import Swap, show
from core.review.undo_batch import UndoResult, undo_batch, undoable

__all__ = ["UndoResult", "VersionRow", "may_restore", "restore", "undo_batch", "undoable", "versions"]

_VERSIONS = text("""
    SELECT p.id, p.articulo_id, p.kind, p.url, p.source_url, p.replaces_url, p.model, p.cost, p.created_at, p.published_at,
        p.deleted_at, p.verdict, coalesce(p.report, '{}') AS report, p.review, p.judged_by, p.judged_at, p.batch_id,
        r.name AS recipe_name, v.number AS recipe_number, v.kind AS recipe_kind,
        coalesce(a.imagen_url = p.url, false) AS shown, last.action, last.reason, last.user_name AS decided_by,
        last.decided_at, array_remove(array_append(ARRAY(SELECT DISTINCT d.user_id FROM revelado.decisions d
            WHERE d.picture_id = p.id AND d.user_id IS NOT NULL), b.user_id), NULL) AS owners
    FROM revelado.pictures p
    LEFT JOIN public.articulos a ON a.id = p.articulo_id
    LEFT JOIN revelado.batches b ON b.id = p.batch_id
    LEFT JOIN revelado.recipe_versions v ON v.id = p.recipe_version_id
    LEFT JOIN revelado.recipes r ON r.id = v.recipe_id
    LEFT JOIN LATERAL (SELECT action, reason, user_name, decided_at FROM revelado.decisions d
        WHERE d.picture_id = p.id AND d.undone_at IS NULL ORDER BY d.id DESC LIMIT 1) last ON true
    WHERE p.articulo_id = :articulo_id ORDER BY p.id DESC
""")

#: Whoever shows a picture has approved it, whatever was thought of it before.
_APPROVE = text("""
    UPDATE revelado.pictures SET review = 'approved', judged_at = now(), judged_by = :name, reviewer_id = NULL,
        reviewer_until = NULL
    WHERE id = :id AND review IN ('awaiting', 'rejected', 'superseded')
""")


@dataclass(frozen=True)
class VersionRow:
    id: int
    articulo_id: int
    kind: str  #: original: it came from outside; result: we made it
    url: str
    source_url: str | None
    replaces_url: str | None
    model: str | None
    cost: Decimal | None
    created_at: datetime
    published_at: datetime | None
    deleted_at: datetime | None
    verdict: str | None
    report: dict[str, Any]
    review: str | None
    judged_by: str | None
    judged_at: datetime | None
    batch_id: int | None
    recipe_name: str | None
    recipe_number: int | None
    recipe_kind: str | None
    shown: bool
    action: str | None  #: the last decision about it that stands
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    owners: list[int]  #: who decided about it or put its batch in the queue

    @property
    def restorable(self) -> bool:
        return not self.shown and self.deleted_at is None and self.review != "trial"


def versions(engine: Engine, articulo_id: int) -> list[VersionRow]:
    """The newest first."""
    with engine.connect() as connection:
        return _versions(connection, articulo_id)


def may_restore(actor: Actor, wanted: VersionRow, rows: Sequence[VersionRow]) -> bool:
    """Administrators any; operators what is of their own decisions and batches, and what such a picture replaced.

    `rows`: all versions of the article.
    """
    if actor.can(Role.ADMIN):
        return True
    if not actor.can(Role.OPERATOR) or actor.id is None:
        return False
    own_work = (row for row in rows if row.shown and actor.id in row.owners)
    return actor.id in wanted.owners or any(wanted.url in (row.replaces_url, row.source_url) for row in own_work)


def restore(engine: Engine, actor: Actor, picture_id: int) -> int:
    """The article shows it again; the decision's id, which can be taken back.

    Raises NotAllowed, NotFound, Conflict: PictureGone, OnlyATrial, AlreadyShown, Taken.
    """
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        found = look(connection, actor, [picture_id])
        if not found:
            raise NotFound(what="esa imagen")
        case = found[0]
        rows = _versions(connection, case.articulo_id)
        if not any(may_restore(actor, row, rows) for row in rows if row.id == picture_id):
            raise NotAllowed
        if case.deleted:
            raise refusals.PictureGone
        if case.review == "trial":
            raise refusals.OnlyATrial
        if case.shown:
            raise refusals.AlreadyShown
        if case.review == "awaiting" and case.held_by_other:
            raise refusals.Taken
        swap = Swap(case.articulo_id, case.current, case.url)
        if not show(connection, [swap]):
            raise refusals.ArticleMoved
        connection.execute(_APPROVE, {"id": case.id, "name": actor.name})
        return record(connection, actor, "restore", [Change(case, swap)])[0]


def _versions(connection: Connection, articulo_id: int) -> list[VersionRow]:
    rows = connection.execute(_VERSIONS, {"articulo_id": articulo_id})
    return [VersionRow(**row._mapping) for row in rows]
