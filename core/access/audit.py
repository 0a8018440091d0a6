"""The audit log: what people did, each act written in its own transaction, chained by the database so that a gap shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Engine, Row, text

from core.access.actors import Actor, Role
from core.db.text import storable, to_json

Kind = Literal[
    "sign_in", "sign_in_refused", "sign_out", "refused", "user_created", "user_invited", "user_active", "user_role",
    "user_reset", "password_changed", "sessions_ended", "second_factor", "token_created", "token_revoked", "enqueue",
    "retry", "cancel", "priority", "pause", "resume", "pilot", "clean", "approve", "reject", "redo", "keep_original",
    "restore", "undo_batch", "take_back", "setting", "recipe", "trial", "catalog_import", "catalog_photos", "demo_removed",
    "export",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

#: The chain makes writers take turns until they commit: let it be the last statement of its transaction.
_RECORD = text("""
    INSERT INTO revelado.audit (kind, user_id, user_name, address, via, details)
    VALUES (:kind, :user_id, :user_name, :address, :via, CAST(:details AS jsonb))
""")

_PAGE = text("""
    SELECT id, at, kind, user_id, user_name, address, via, details, encode(hash, 'hex') AS hash FROM revelado.audit
    WHERE (CAST(:before AS bigint) IS NULL OR id < :before) AND (CAST(:kind AS text) IS NULL OR kind = :kind)
    AND (CAST(:user_name AS text) IS NULL OR user_name = :user_name
        OR user_id IN (SELECT id FROM revelado.users WHERE name = :user_name))
    AND (CAST(:since AS timestamptz) IS NULL OR at >= :since) AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
    ORDER BY id DESC LIMIT :limit
""")


@dataclass(frozen=True)
class Line:
    id: int
    at: datetime
    kind: str
    user_id: int | None
    user_name: str
    address: str
    via: str
    details: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class AuditFilter:
    """`since` is part of it, `until` is not."""

    user_name: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(connection: Connection, actor: Actor, kind: Kind, **details: object) -> None:
    """In the transaction of the act itself, so that there is never the one without the other."""
    connection.execute(
        _RECORD,
        {
            "kind": kind,
            "user_id": actor.id,
            "user_name": storable(actor.name)[:200],
            "address": actor.address,
            "via": actor.via,
            "details": to_json(details),
        },
    )


def refusal(engine: Engine, actor: Actor, what: str) -> None:
    """Somebody asked for what their role doesn't allow."""
    with engine.begin() as connection:
        record(connection, actor, "refused", what=what[:200], role=actor.role)


def export(engine: Engine, actor: Actor, what: str, **details: object) -> None:
    """Raises NotAllowed."""
    actor.require(Role.VIEWER)
    with engine.begin() as connection:
        record(connection, actor, "export", what=what, **details)


def page(engine: Engine, actor: Actor, where: AuditFilter, limit: int, before: int | None = None) -> list[Line]:
    """The newest first; `before`: older than that line. Raises NotAllowed."""
    actor.require(Role.ADMIN)
    asked = {**asdict(where), "before": before, "limit": limit}
    with engine.connect() as connection:
        rows = connection.execute(_PAGE, asked)
        return [_line(row) for row in rows]


def stream(engine: Engine, actor: Actor, where: AuditFilter, chunk: int = 2000) -> Iterator[Line]:
    """All of it, the newest first, without holding a transaction open. Raises NotAllowed."""
    before: int | None = None
    while lines := page(engine, actor, where, chunk, before):
        yield from lines
        before = lines[-1].id


def people(engine: Engine, actor: Actor) -> list[str]:
    """Who may be filtered by. Raises NotAllowed."""
    actor.require(Role.ADMIN)
    # One index probe a person, however long the log is.
    statement = text("""
        WITH RECURSIVE seen AS (
            (SELECT user_id FROM revelado.audit WHERE user_id IS NOT NULL ORDER BY user_id LIMIT 1)
            UNION ALL
            SELECT (SELECT a.user_id FROM revelado.audit a WHERE a.user_id > seen.user_id ORDER BY a.user_id LIMIT 1)
            FROM seen WHERE seen.user_id IS NOT NULL
        )
        SELECT DISTINCT u.name FROM seen JOIN revelado.users u ON u.id = seen.user_id ORDER BY 1
    """)
    with engine.connect() as connection:
        return list(connection.scalars(statement))


def _line(row: Row[Any]) -> Line:
    return Line(row.id, row.at, row.kind, row.user_id, row.user_name, row.address, row.via, row.details, row.hash)
