"""Undoing one decision: the picture and the shop are as they were before it, if nothing happened since."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.errors import NotAllowed, NotFound
from core.queue import manage
from core.review import refusals
from core.review.looked import Looked, look
from core.review.shop_window import Swap, show

_DECISION = text("""
    SELECT id, picture_id, articulo_id, action, user_id, url_before, url_after, review_before, job_id, undone_at,
        EXISTS (SELECT FROM revelado.pictures o WHERE md5(o.url) = md5(url_before) AND o.url = url_before
            AND o.deleted_at IS NOT NULL) AS gone
    FROM revelado.decisions WHERE id = :id FOR UPDATE
""")

_JOB = text("SELECT estado FROM public.image_processing_queue WHERE id = :id FOR UPDATE")

#: A verdict that stands again is its own person's, not of whoever took back what came after it.
_UNJUDGE = text("""
    UPDATE revelado.pictures p SET review = :review, reviewer_id = NULL, reviewer_until = NULL,
        published_at = CASE WHEN :published THEN published_at END,
        judged_at = CASE WHEN :judged THEN coalesce(earlier.decided_at, now()) END,
        judged_by = CASE WHEN :judged THEN coalesce(earlier.user_name, :name) END
    FROM (SELECT) once LEFT JOIN LATERAL (
        SELECT decided_at, user_name FROM revelado.decisions WHERE picture_id = :id AND id < :decision
        AND undone_at IS NULL AND action <> 'undo_batch' ORDER BY id DESC LIMIT 1) earlier ON true
    WHERE p.id = :id
""")

#: What each decision made of the picture it was about; a restored one may have been approved long before.
_MADE_IT = {"approve": "approved", "reject": "rejected", "redo": "rejected", "keep_original": "rejected"}


def take_back(engine: Engine, actor: Actor, decision_id: int) -> None:
    """One's own decisions; administrators: anybody's. A redo's job leaves the queue if it still waits there.

    Raises NotAllowed, NotFound, Conflict (refusals.py) when something happened since.
    """
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        decision: Any = connection.execute(_DECISION, {"id": decision_id}).one_or_none()
        if decision is None:
            raise NotFound(what="esa decisión")
        if not actor.can(Role.ADMIN) and (actor.id is None or decision.user_id != actor.id):
            raise NotAllowed
        if decision.undone_at is not None:
            raise refusals.TakenBackAlready
        if decision.job_id is not None:
            _cancel(connection, actor, decision.job_id)
        case = _unchanged_since(connection, actor, decision)
        if decision.url_before != decision.url_after:
            back = Swap(decision.articulo_id, decision.url_after, decision.url_before)
            if not show(connection, [back]):
                raise refusals.ArticleMoved
        if decision.action != "undo_batch" and case.review != decision.review_before:
            # After the shop: there, what is shown no more and awaits a verdict would be taken for replaced.
            connection.execute(
                _UNJUDGE,
                {
                    "id": case.id,
                    "decision": decision.id,
                    "review": decision.review_before,
                    "judged": decision.review_before in ("approved", "rejected"),
                    "name": actor.name,
                    "published": not (decision.action == "approve" and decision.url_after == case.url),
                },
            )
        connection.execute(
            text("UPDATE revelado.decisions SET undone_at = now(), undone_by = :name WHERE id = :id"),
            {"id": decision.id, "name": actor.name},
        )
        audit.record(
            connection,
            actor,
            "take_back",
            decision=decision.id,
            action=decision.action,
            articulo_id=decision.articulo_id,
            job=decision.job_id,
        )


def _cancel(connection: Connection, actor: Actor, job_id: int) -> None:
    """Raises NewPictureComing, NewPictureMade. A job that failed, or was cancelled, is nobody's hindrance."""
    estado = connection.scalar(_JOB, {"id": job_id})
    if estado == "processing":
        raise refusals.NewPictureComing
    if estado == "completed":
        raise refusals.NewPictureMade
    manage.cancel_in(connection, actor, job_ids=[job_id])


def _unchanged_since(connection: Connection, actor: Actor, decision: Any) -> Looked:
    found = look(connection, actor, [decision.picture_id])
    if not found:
        raise NotFound(what="esa imagen")
    case = found[0]
    made_it = _MADE_IT.get(decision.action)
    if made_it and case.review != made_it:
        raise refusals.JudgedSince
    if case.deleted or decision.gone:
        raise refusals.PictureGone
    if case.current != _expected(decision, case):
        raise refusals.ArticleMoved
    return case


def _expected(decision: Any, case: Looked) -> str | None:
    """What the article shows if nobody changed it since."""
    if decision.url_before != decision.url_after:
        url: str | None = decision.url_after
        return url
    return case.url if decision.action == "approve" else case.replaces_url
