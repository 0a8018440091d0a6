"""Tokens for scripts: shown once, kept as a hash, of their maker's role at most, sixty calls in any minute."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, Row, text

from core.access import audit
from core.access.actors import Actor, Role
from core.access.sessions import digest, new_token
from core.errors import AppError, InvalidInput, NotAllowed, NotFound

Scope = Literal["read", "operate"]
#: By which a leaked one is known, here and by those who search code for secrets.
PREFIX = "rvl_"
CALLS_A_MINUTE = 60
MAX_DAYS = 365
MOST = 20  #: that work at the same time, a person

#: Role and state of its maker count now, not as they were when it was made. A refused call isn't counted.
_USE = text(f"""
    WITH held AS (
        SELECT t.id AS token_id, t.calls, t.scope, u.id, u.name, u.role
        FROM revelado.api_tokens t JOIN revelado.users u ON u.id = t.user_id
        WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND t.expires_at > now() AND u.active FOR UPDATE OF t
    ), recent AS (
        SELECT held.*, coalesce(minute.calls, '{{}}') AS kept, minute.many, minute.oldest FROM held, LATERAL (
            SELECT array_agg(c ORDER BY c) AS calls, count(*) AS many, min(c) AS oldest
            FROM unnest(held.calls) c WHERE c > clock_timestamp() - interval '1 minute') minute
    )
    UPDATE revelado.api_tokens t SET last_used_at = now(), last_address = :address,
        calls = CASE WHEN many < {CALLS_A_MINUTE} THEN kept || clock_timestamp() ELSE kept END
    FROM recent WHERE t.id = recent.token_id
    RETURNING recent.id, recent.name, recent.role, recent.scope, many,
        ceil(60 - extract(epoch FROM clock_timestamp() - oldest))::int AS seconds
""")  # noqa: S608 - our own constant


class TooManyCalls(AppError):
    code, status = "too_many_calls", 429
    message = "Este token admite {limit} llamadas por minuto. Espere {seconds} s."

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        super().__init__(limit=CALLS_A_MINUTE, seconds=self.seconds)


@dataclass(frozen=True)
class ApiToken:
    id: int
    user_id: int
    name: str
    starts: str
    scope: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_address: str | None
    revoked_at: datetime | None


def create(engine: Engine, actor: Actor, name: str, scope: Scope, days: int) -> tuple[ApiToken, str]:
    """The token and its secret, shown once. Raises NotAllowed, InvalidInput."""
    actor.require(Role.OPERATOR if scope == "operate" else Role.VIEWER)
    if actor.id is None:
        raise NotAllowed
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= 60 or not shown.isprintable():
        raise InvalidInput(field="nombre", why="escriba entre 1 y 60 caracteres.")
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(field="días", why=f"use entre 1 y {MAX_DAYS}.")
    secret = PREFIX + new_token()
    with engine.begin() as connection:
        # The user's row: of two tokens made at once, the second counts the first.
        connection.execute(text("SELECT FROM revelado.users WHERE id = :id FOR UPDATE"), {"id": actor.id})
        working = connection.scalar(
            text(
                "SELECT count(*) FROM revelado.api_tokens WHERE user_id = :id AND revoked_at IS NULL AND expires_at > now()"
            ),
            {"id": actor.id},
        )
        if (working or 0) >= MOST:
            raise InvalidInput(field="token", why=f"ya tiene {MOST}. Retire antes alguno que no use.")
        row = connection.execute(
            text(
                "INSERT INTO revelado.api_tokens (user_id, name, token_hash, starts, scope, expires_at)"
                " VALUES (:user, :name, :hash, :starts, :scope, now() + make_interval(days => :days)) RETURNING *"
            ),
            {
                "user": actor.id, "name": shown, "hash": digest(secret), "starts": secret[:8], "scope": scope, "days": days,
            },
        ).one()  # fmt: skip
        audit.record(connection, actor, "token_created", token=row.id, name=shown, scope=scope, days=days)
    return _token(row), secret


def own(engine: Engine, actor: Actor) -> list[ApiToken]:
    """Those that work, the newest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT * FROM revelado.api_tokens"
                " WHERE user_id = :id AND revoked_at IS NULL AND expires_at > now() ORDER BY id DESC"
            ),
            {"id": actor.id},
        )
        return [_token(row) for row in rows]


def revoke(engine: Engine, actor: Actor, token_id: int) -> None:
    """One's own; administrators: anybody's. From the next call on it opens nothing. Raises NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    with engine.begin() as connection:
        name = connection.scalar(
            text(
                "UPDATE revelado.api_tokens SET revoked_at = now() WHERE id = :id AND revoked_at IS NULL"
                " AND (user_id = :user OR :admin) RETURNING name"
            ),
            {"id": token_id, "user": actor.id, "admin": actor.can(Role.ADMIN)},
        )
        if name is None:
            raise NotFound(what="ese token")
        audit.record(connection, actor, "token_revoked", token=token_id, name=name)


def resolve(engine: Engine, secret: str, address: str) -> Actor | None:
    """None: unknown, expired, revoked, or its maker was switched off. Raises TooManyCalls."""
    with engine.begin() as connection:
        row = connection.execute(_USE, {"hash": digest(secret), "address": address}).one_or_none()
    if row is None:
        return None
    if row.many >= CALLS_A_MINUTE:
        raise TooManyCalls(row.seconds)
    # Nothing that needs an administrator is done by a token: those who have it are at the panel.
    role = (
        Role.OPERATOR
        if row.scope == "operate" and Actor(row.id, "", Role(row.role)).can(Role.OPERATOR)
        else Role.VIEWER
    )
    return Actor(row.id, row.name, role, address, "api")


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(**{field.name: getattr(row, field.name) for field in fields(ApiToken)})
