"""A link that lets a new user choose a password, once and for three days. Opening it uses nothing up: mail programs do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from core.access import audit, passwords, sessions, throttle, users
from core.access.actors import Actor, Role
from core.access.sessions import digest, new_token
from core.access.users import User
from core.errors import AppError

HOURS = 72


class InvitationOver(AppError):
    code, status = "invitation_over", 410
    message = "Esta invitación ya se usó o venció. Pida otra a un administrador."


@dataclass(frozen=True)
class Invited:
    email: str
    name: str


def invite(engine: Engine, actor: Actor, *, email: str, name: str, role: Role) -> tuple[User, str]:
    """A new user and the secret of their link. Raises NotAllowed, InvalidInput, Conflict (the address is taken)."""
    user, _password = users.create_user(engine, actor, email=email, name=name, role=role)
    return user, invite_again(engine, actor, user.id)


def invite_again(engine: Engine, actor: Actor, user_id: int) -> str:
    """Another link; earlier ones and the password so far stop working. Raises NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    token, unknown = new_token(), passwords.hash_password(secrets.token_urlsafe(32))
    with engine.begin() as connection:
        email = users.update(connection, users.RESET, user_id, unknown)
        _forget(connection, user_id)
        connection.execute(
            text(
                "INSERT INTO revelado.invitations (token_hash, user_id, expires_at)"
                " VALUES (:hash, :id, now() + make_interval(hours => :hours))"
            ),
            {"hash": digest(token), "id": user_id, "hours": HOURS},
        )
        sessions.end_all(connection, user_id)
        audit.record(connection, actor, "user_invited", email=email)
    return token


def who(engine: Engine, token: str) -> Invited | None:
    with engine.connect() as connection:
        row = connection.execute(_WHO, {"hash": digest(token)}).one_or_none()
    return Invited(row.email, row.name) if row else None


def accept(engine: Engine, token: str, password: str, address: str = "") -> str:
    """The address to sign in with. Raises InvitationOver, InvalidInput."""
    invited = who(engine, token)
    if invited is None:
        raise InvitationOver
    passwords.check_new(password, invited.name, invited.email)
    hashed = passwords.hash_password(password)
    with engine.begin() as connection:
        row = connection.execute(_USE, {"hash": digest(token)}).one_or_none()
        if row is None:
            raise InvitationOver
        user = connection.execute(_CHOOSE, {"id": row.user_id, "hash": hashed}).one_or_none()
        if user is None:
            raise InvitationOver
        _forget(connection, row.user_id)
        throttle.forgive(connection, user.email)
        audit.record(
            connection,
            Actor(row.user_id, user.name, Role(user.role), address, "panel"),
            "password_changed",
            invited=True,
        )
    return str(user.email)


_WHO = text("""
    SELECT u.email, u.name FROM revelado.invitations i JOIN revelado.users u ON u.id = i.user_id
    WHERE i.token_hash = :hash AND i.expires_at > now() AND u.active
""")
_USE = text("DELETE FROM revelado.invitations WHERE token_hash = :hash AND expires_at > now() RETURNING user_id")
_CHOOSE = text(
    "UPDATE revelado.users SET password_hash = :hash, must_change_password = false WHERE id = :id AND active"
    " RETURNING email, name, role"
)


def _forget(connection: Connection, user_id: int) -> None:
    connection.execute(
        text("DELETE FROM revelado.invitations WHERE user_id = :id OR expires_at < now()"), {"id": user_id}
    )
