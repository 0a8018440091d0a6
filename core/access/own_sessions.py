"""Where somebody is signed in, as they themselves see and end it; administrators, as anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.access import audit, sessions
from core.access.actors import Actor, Role
from core.access.sessions import NOT_IDLE, Session
from core.errors import NotFound

_OPEN = text(f"""
    SELECT encode(token_hash, 'hex') AS id, kind, created_at, last_seen_at, expires_at, coalesce(ip, '') AS address,
        coalesce(user_agent, '') AS user_agent, token_hash = CAST(:mine AS bytea) AS current
    FROM revelado.sessions s WHERE user_id = :user AND revoked_at IS NULL AND expires_at > now() AND {NOT_IDLE}
    ORDER BY current DESC, last_seen_at DESC LIMIT 200
""")  # noqa: S608 - our own constants


@dataclass(frozen=True)
class OpenSession:
    id: str
    kind: str  #: panel, api
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    current: bool  #: the one that asks


def open_sessions(engine: Engine, session: Session) -> list[OpenSession]:
    return _open(engine, session.actor.id, session.token_hash)


def open_sessions_of(engine: Engine, actor: Actor, user_id: int) -> list[OpenSession]:
    """Raises NotAllowed."""
    actor.require(Role.ADMIN)
    return _open(engine, user_id, b"")


def _open(engine: Engine, user_id: int | None, mine: bytes) -> list[OpenSession]:
    with engine.connect() as connection:
        rows = connection.execute(_OPEN, {"user": user_id, "mine": mine})
        return [OpenSession(**row._mapping) for row in rows]


def end_one(engine: Engine, session: Session, session_id: str) -> None:
    """Raises NotFound: it is nobody's, somebody else's, or over."""
    _end_that(engine, session.actor, session.actor.id, session_id)


def end_one_of(engine: Engine, actor: Actor, user_id: int, session_id: str) -> None:
    """Raises NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    _end_that(engine, actor, user_id, session_id)


def _end_that(engine: Engine, actor: Actor, user_id: int | None, session_id: str) -> None:
    try:
        token_hash = bytes.fromhex(session_id)
    except ValueError:
        raise NotFound(what="esa sesión") from None
    with engine.begin() as connection:
        ended = connection.execute(
            text(
                "UPDATE revelado.sessions SET revoked_at = now()"
                " WHERE token_hash = :hash AND user_id = :user AND revoked_at IS NULL"
            ),
            {"hash": token_hash, "user": user_id},
        )
        if ended.rowcount == 0:
            raise NotFound(what="esa sesión")
        audit.record(connection, actor, "sessions_ended", user=user_id, sessions=1)


def end_others(engine: Engine, session: Session) -> int:
    """All but the one that asks; how many."""
    return _end_own(engine, session, keep=session.token_hash)


def end_all(engine: Engine, session: Session) -> int:
    """«Salir de todos»: also the one that asks; how many."""
    return _end_own(engine, session, keep=None)


def end_all_of(engine: Engine, actor: Actor, user_id: int) -> int:
    """Raises NotAllowed."""
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        return _end(connection, actor, user_id, None)


def _end_own(engine: Engine, session: Session, keep: bytes | None) -> int:
    assert session.actor.id is not None
    with engine.begin() as connection:
        return _end(connection, session.actor, session.actor.id, keep)


def _end(connection: Connection, actor: Actor, user_id: int, keep: bytes | None) -> int:
    ended = sessions.end_all(connection, user_id, keep)
    if ended:
        audit.record(connection, actor, "sessions_ended", user=user_id, sessions=ended)
    return ended
