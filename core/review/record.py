"""One row for each decision: who, what, why, and what it changed in the shop, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, text

from core.access import audit
from core.access.actors import Actor
from core.review.looked import Looked
from core.review.shop_window import Swap

Action = Literal["approve", "reject", "redo", "keep_original", "restore", "undo_batch"]

_RECORD = text("""
    INSERT INTO revelado.decisions (picture_id, articulo_id, action, reason, user_id, user_name, batch_id, url_before,
        url_after, review_before, job_id)
    SELECT c.picture_id, c.articulo_id, :action, :reason, :user_id, :user_name, CAST(:batch AS bigint), c.url_before,
        c.url_after, c.review_before, CAST(:job AS integer)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:articulo_ids AS integer[]), CAST(:before AS text[]), CAST(:after AS text[]),
        CAST(:reviews AS text[])) AS c(picture_id, articulo_id, url_before, url_after, review_before)
    RETURNING id
""")


@dataclass(frozen=True)
class Change:
    """`swap` is None when the shop stays as it is."""

    case: Looked
    swap: Swap | None


def record(
    connection: Connection,
    actor: Actor,
    action: Action,
    changes: Sequence[Change],
    *,
    reason: str = "",
    batch_id: int | None = None,
    job_id: int | None = None,
) -> list[int]:
    """The decisions' ids. `batch_id`: they were made for a whole batch at once; `job_id`: what a redo enqueued."""
    if not changes:
        return []
    decided = connection.scalars(
        _RECORD,
        {
            "action": action,
            "reason": reason,
            "user_id": actor.id,
            "user_name": actor.name,
            "batch": batch_id,
            "job": job_id,
            "ids": [change.case.id for change in changes],
            "articulo_ids": [change.case.articulo_id for change in changes],
            "before": [change.swap.before if change.swap else None for change in changes],
            "after": [change.swap.after if change.swap else None for change in changes],
            "reviews": [change.case.review for change in changes],
        },
    )
    made = list(decided)
    audit.record(connection, actor, action, pictures=len(made), first=_told(changes), batch=batch_id, reason=reason)
    return made


def _told(changes: Sequence[Change]) -> list[dict[str, object]]:
    """The first few: all are rows of `decisions`."""
    return [
        {
            "picture": change.case.id,
            "articulo_id": change.case.articulo_id,
            "before": change.swap.before if change.swap else None,
            "after": change.swap.after if change.swap else None,
        }
        for change in changes[:10]
    ]
