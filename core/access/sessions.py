"""Sessions: rows in the database, so that revoking one ends it everywhere at once. Only a token's sha256 is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Engine, text

from core.access import audit, passwords, throttle
from core.access.actors import Actor, Role
from core.db.prepared import Prepared
from core.errors import Conflict, InvalidInput
from core.settings.values import Tuning

Kind = Literal["panel", "api"]

#: Hours until a session of a program ends; the panel's are settings (`idle_minutes`, `session_hours`).
API_HOURS = 12


def _setting(name: str) -> str:
    """In a statement, so that a session is resolved in one."""
    kept = f"SELECT (value #>> '{{}}')::int FROM revelado.settings WHERE key = '{name}'"  # noqa: S608 - our own constants
    return f"coalesce(({kept}), {getattr(Tuning(), name)})"


#: Of a session `s`: somebody did something there lately, or nobody has to.
NOT_IDLE = f"(s.kind <> 'panel' OR s.last_seen_at > now() - make_interval(mins => {_setting('idle_minutes')}))"
HOURS = f"(CASE WHEN :kind = 'panel' THEN {_setting('session_hours')} ELSE {API_HOURS} END)"
TICKET_SECONDS = 30


@dataclass(frozen=True)
class Session:
    token_hash: bytes
    actor: Actor
    email: str
    language: str
    must_change_password: bool
    kind: Kind


_SIGN_OUT = text("""
    UPDATE revelado.sessions s SET revoked_at = now() FROM revelado.users u
    WHERE s.token_hash = :hash AND s.revoked_at IS NULL AND u.id = s.user_id RETURNING u.id, u.name, u.role, s.kind
""")

#: `stale`: seen more than a minute ago, so that a busy page writes once a minute and not at every run.
_RESOLVE = Prepared(
    "session",
    f"""
    SELECT u.id, u.name, u.role, u.email, u.language, u.must_change_password, s.ip,
        s.last_seen_at < now() - interval '1 minute' AS stale
    FROM revelado.sessions s JOIN revelado.users u ON u.id = s.user_id
    WHERE s.token_hash = :hash AND s.kind = :kind AND s.revoked_at IS NULL AND s.expires_at > now() AND u.active
        AND {NOT_IDLE}
    """,  # noqa: S608 - our own constants
)
_TOUCH = text("UPDATE revelado.sessions SET last_seen_at = now() WHERE token_hash = :hash")


def resolve(
    engine: Engine, token: str, kind: Kind, *, touch: bool = True, address: str | None = None
) -> Session | None:
    """None when the token is unknown, ended or of the other kind. `touch=False` doesn't count as a person's action.

    `address`: from where they ask now; without it, from where they signed in.
    """
    token_hash = digest(token)
    # Every run and every tick of every open page asks this: it is planned once, and no transaction is opened around it.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        row = next(iter(_RESOLVE.all(connection, {"hash": token_hash, "kind": kind})), None)
        if row is None:
            return None
        if touch and row.stale:
            connection.execute(_TOUCH, {"hash": token_hash})
    actor = Actor(row.id, row.name, Role(row.role), address or row.ip or "", kind)
    return Session(token_hash, actor, row.email, row.language, row.must_change_password, kind)


def revoke(engine: Engine, token: str, address: str = "") -> None:
    """Signing out."""
    with engine.begin() as connection:
        row = connection.execute(_SIGN_OUT, {"hash": digest(token)}).one_or_none()
        if row is not None:
            audit.record(connection, Actor(row.id, row.name, Role(row.role), address, row.kind), "sign_out")


def end_all(connection: Connection, user_id: int, keep: bytes | None = None) -> int:
    ended = connection.execute(
        text(
            "UPDATE revelado.sessions SET revoked_at = now() WHERE user_id = :id AND revoked_at IS NULL"
            " AND token_hash IS DISTINCT FROM CAST(:keep AS bytea)"
        ),
        {"id": user_id, "keep": keep},
    )
    return ended.rowcount


def issue_ticket(engine: Engine, token: str) -> str:
    """A secret for one exchange within seconds: how the browser gets its HttpOnly cookie for a session just opened."""
    ticket = new_token()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM revelado.sign_in_tickets WHERE expires_at < now()"))
        connection.execute(
            text(
                "INSERT INTO revelado.sign_in_tickets (ticket_hash, token, expires_at)"
                " VALUES (:hash, :token, now() + make_interval(secs => :seconds))"
            ),
            {"hash": digest(ticket), "token": token, "seconds": TICKET_SECONDS},
        )
    return ticket


def redeem_ticket(engine: Engine, ticket: str) -> str | None:
    """The token of a live session, once; None for a ticket that is unknown, used or late."""
    with engine.begin() as connection:
        token: str | None = connection.scalar(
            text(
                "DELETE FROM revelado.sign_in_tickets WHERE ticket_hash = :hash AND expires_at > now() RETURNING token"
            ),
            {"hash": digest(ticket)},
        )
    return token if token is not None and resolve(engine, token, "panel", touch=False) else None


def change_password(engine: Engine, session: Session, current: str, new: str) -> None:
    """Raises InvalidInput, SignInLocked (guessing `current` is throttled like a sign-in). Ends the user's other sessions."""
    stored = throttle.attempt(engine, caller(session), lambda connection: _verified(connection, session, current))
    if stored is None:
        raise InvalidInput(field="contraseña actual", why="no es correcta.")
    if new == current:
        raise InvalidInput(field="contraseña nueva", why="debe ser distinta de la actual.")
    passwords.check_new(new, session.actor.name, session.email)
    replacement = passwords.hash_password(new)
    with engine.begin() as connection:
        changed = connection.execute(
            text(
                "UPDATE revelado.users SET password_hash = :new, must_change_password = false"
                " WHERE id = :id AND active AND password_hash = :stored"
            ),
            {"id": session.actor.id, "new": replacement, "stored": stored},
        )
        if changed.rowcount == 0:
            raise Conflict(why="Su contraseña cambió mientras tanto. Inicie sesión otra vez.")
        assert session.actor.id is not None
        ended = end_all(connection, session.actor.id, keep=session.token_hash)
        audit.record(connection, session.actor, "password_changed", sessions_ended=ended)


def caller(session: Session) -> throttle.Caller:
    """Somebody who is in guesses at their own count: strangers neither see it nor fill it."""
    return throttle.Caller(session.email, device=throttle.device_of(session.token_hash))


def _verified(connection: Connection, session: Session, password: str) -> str | None:
    """The stored hash when `password` is right."""
    stored: str | None = connection.scalar(
        text("SELECT password_hash FROM revelado.users WHERE id = :id AND active"), {"id": session.actor.id}
    )
    if stored is not None and passwords.verify(stored, password):
        return stored
    audit.record(connection, session.actor, "sign_in_refused", why="current_password")
    return None


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
