"""What people are told in the panel: a batch ended, the queue stopped, a colleague asks for help. Each until seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, text

from core.access.actors import Actor, Role
from core.db.text import to_json

Kind = Literal["batch_ended", "queue_paused", "help_wanted"]
#: Days a notice is kept, and shown to who didn't see it.
KEPT_DAYS = 7
MOST = 20

#: What only administrators can help with is told to them alone.
_UNSEEN = text(f"""
    SELECT n.id, n.at, n.kind, n.batch_id, n.params, coalesce(b.label, '') AS label
    FROM revelado.notices n LEFT JOIN revelado.batches b ON b.id = n.batch_id
    WHERE n.id > coalesce((SELECT seen_id FROM revelado.notice_choices WHERE user_id = :user), 0)
        AND n.at > now() - interval '{KEPT_DAYS} days' AND (:admin OR n.kind <> 'help_wanted')
        AND n.at >= coalesce((SELECT created_at FROM revelado.users WHERE id = :user), n.at)
    ORDER BY n.id DESC LIMIT {MOST}
""")
_CHOOSE = """
    INSERT INTO revelado.notice_choices AS c (user_id, {column}) SELECT id, :value FROM revelado.users WHERE id = :user
    ON CONFLICT (user_id) DO UPDATE SET {column} = {value}
"""
_SEEN = text(_CHOOSE.format(column="seen_id", value="greatest(c.seen_id, excluded.seen_id)"))
_BROWSER = text(_CHOOSE.format(column="browser", value="excluded.browser"))


@dataclass(frozen=True)
class Notice:
    id: int
    at: datetime
    kind: Kind
    batch_id: int | None
    label: str  #: of the batch
    params: dict[str, Any]


def tell(connection: Connection, kind: Kind, params: dict[str, object]) -> None:
    """Part of the transaction it tells of."""
    connection.execute(
        text("INSERT INTO revelado.notices (kind, params) VALUES (:kind, CAST(:params AS jsonb))"),
        {"kind": kind, "params": to_json(params)},
    )


def ask_for_help(engine: Engine, actor: Actor, cause: str, count: int) -> bool:
    """Tells the administrators of a cause of failures that others can't mend. False: they were told today already."""
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE revelado.notices IN SHARE ROW EXCLUSIVE MODE"))
        told = connection.scalar(
            text(
                "SELECT true FROM revelado.notices WHERE kind = 'help_wanted' AND params ->> 'cause' = :cause"
                " AND at > now() - interval '1 day' LIMIT 1"
            ),
            {"cause": cause},
        )
        if not told:
            tell(connection, "help_wanted", {"cause": cause, "count": count, "by": actor.name})
    return not told


def unseen(engine: Engine, actor: Actor) -> list[Notice]:
    """The newest first; none for an actor without an account."""
    if actor.id is None:
        return []
    with engine.connect() as connection:
        rows = connection.execute(_UNSEEN, {"user": actor.id, "admin": actor.can(Role.ADMIN)})
        return [Notice(row.id, row.at, row.kind, row.batch_id, row.label, row.params) for row in rows]


def mark_seen(engine: Engine, actor: Actor, up_to: int) -> None:
    """`up_to`: the id of the newest one that was shown."""
    _choose(engine, actor, _SEEN, up_to)


def wants_browser(engine: Engine, actor: Actor) -> bool:
    with engine.connect() as connection:
        return bool(
            connection.scalar(
                text("SELECT browser FROM revelado.notice_choices WHERE user_id = :user"), {"user": actor.id}
            )
        )


def set_browser(engine: Engine, actor: Actor, wanted: bool) -> None:
    _choose(engine, actor, _BROWSER, wanted)


def purge(connection: Connection) -> None:
    connection.execute(text(f"DELETE FROM revelado.notices WHERE at < now() - interval '{KEPT_DAYS} days'"))


def _choose(engine: Engine, actor: Actor, statement: Any, value: object) -> None:
    actor.require(Role.VIEWER)
    with engine.begin() as connection:
        connection.execute(statement, {"user": actor.id, "value": value})
