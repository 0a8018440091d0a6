"""Email and password in, a session's token out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from core.access import audit, passwords, second_factor, throttle
from core.access.actors import Actor, Role
from core.access.sessions import HOURS, Kind, digest, new_token
from core.access.throttle import SignInLocked
from core.errors import AppError, MustChangePassword

__all__ = ["SignInLocked", "SignInRefused", "normal_email", "sign_in"]


#: In the audit log, who tried with an address that nobody has.
UNKNOWN = "desconocido"


class SignInRefused(AppError):
    """One text for an unknown address, a wrong password and a user who was switched off."""

    code, status = "sign_in_refused", 401
    message = "El correo o la contraseña no son correctos."


#: Only if the password checked is still the one that stands: a reset at the same moment ends this session, or stops it.
_OPEN = text(f"""
    INSERT INTO revelado.sessions (token_hash, user_id, kind, expires_at, ip, user_agent)
    SELECT :hash, id, :kind, now() + make_interval(hours => {HOURS}), :ip, :user_agent
    FROM revelado.users WHERE id = :id AND active AND password_hash = :stored FOR SHARE
""")  # noqa: S608 - our own constants


_RENEW = text("UPDATE revelado.users SET password_hash = :hash WHERE id = :id AND password_hash = :stored")


def sign_in(
    engine: Engine,
    email: str,
    password: str,
    *,
    ip: str,
    user_agent: str,
    kind: Kind,
    code: str = "",
    device: str = "",
) -> str:
    """`code`: the second factor's; `device`: what the browser kept (`throttle.device_of`).

    Raises SignInRefused, SignInLocked, CodeNeeded (the password is right, a code is asked for); for `api`
    MustChangePassword while a one-time password stands.
    """
    account = normal_email(email)
    caller = Actor(None, UNKNOWN, Role.VIEWER, storable(ip), kind)
    try:
        user = throttle.attempt(
            engine,
            throttle.Caller(account, ip, device),
            lambda connection: _verified(connection, caller, account, password, code),
        )
    except SignInLocked:
        _note_locked(engine, caller, account)
        raise
    if user is None:
        raise SignInRefused
    if kind == "api" and user.must_change_password:
        raise MustChangePassword
    with engine.begin() as connection:
        token = open_session(connection, user, kind, ip, user_agent)
        if token is None:
            # Another sign-in of theirs may have renewed the hash meanwhile.
            user = user_of(connection, account)
            if user is None or not passwords.verify(user.password_hash, password):
                raise SignInRefused
            token = open_session(connection, user, kind, ip, user_agent)
            if token is None:
                raise SignInRefused
        if passwords.outdated(user.password_hash):
            renewed = {"id": user.id, "stored": user.password_hash, "hash": passwords.hash_password(password)}
            connection.execute(_RENEW, renewed)
        audit.record(connection, known(caller, user), "sign_in")
    return token


def open_session(connection: Connection, user: Row[Any], kind: Kind, ip: str, user_agent: str) -> str | None:
    """Its token; None: another password stands by now, or the user was switched off."""
    token = new_token()
    _forget_old(connection)
    asked = {
        "hash": digest(token),
        "kind": kind,
        "ip": storable(ip),
        "user_agent": storable(user_agent),
        "id": user.id,
        "stored": user.password_hash,
    }
    return token if connection.execute(_OPEN, asked).rowcount == 1 else None


def _verified(connection: Connection, caller: Actor, account: str, password: str, code: str) -> Row[Any] | None:
    decoy = passwords.decoy()
    user = user_of(connection, account)
    right = passwords.verify(user.password_hash if user else decoy, password)
    why = "unknown" if user is None else "password" if not right else "inactive"
    if user is not None and right and user.active:
        if not user.totp_on:
            return user
        if not code.strip():
            raise second_factor.CodeNeeded
        if second_factor.accepts(connection, user.id, code):
            return user
        why = "code"
    audit.record(connection, known(caller, user), "sign_in_refused", why=why)
    return None


def user_of(connection: Connection, account: str) -> Row[Any] | None:
    return connection.execute(
        text(
            "SELECT id, email, name, role, password_hash, active, must_change_password, totp_on FROM revelado.users"
            " WHERE email = :email"
        ),
        {"email": account},
    ).one_or_none()


def known(caller: Actor, user: Row[Any] | None) -> Actor:
    """What was typed is never kept: people type passwords into the wrong field."""
    return caller if user is None else replace(caller, id=user.id, name=user.name, role=Role(user.role))


def _note_locked(engine: Engine, caller: Actor, account: str) -> None:
    """Once a minute an account: whoever keeps trying must not fill the log."""
    source = throttle.source_of_account(account)[:20]
    with engine.begin() as connection:
        noted = connection.scalar(
            text(
                "SELECT EXISTS (SELECT FROM revelado.audit WHERE at > now() - interval '1 minute'"
                " AND kind = 'sign_in_refused' AND details->>'account' = :source)"
            ),
            {"source": source},
        )
        if not noted:
            caller = known(caller, user_of(connection, account))
            audit.record(connection, caller, "sign_in_refused", why="locked", account=source)


def normal_email(email: str) -> str:
    """As it is stored. What can't be an address becomes one that nobody has."""
    normal = email.strip().lower()
    return normal if normal.isascii() and normal.isprintable() else ""


def _forget_old(connection: Connection) -> None:
    connection.execute(text("DELETE FROM revelado.sessions WHERE expires_at < now() - interval '30 days'"))


def storable(header: str) -> str:
    return "".join(c for c in header if c.isprintable())[:300]
