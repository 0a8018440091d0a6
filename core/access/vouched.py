"""Signing in where another provider says who somebody is: the same users, roles and session rows as with a password."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Row, text

from core.access import audit, passwords
from core.access.actors import Actor, Role
from core.access.sessions import new_token
from core.access.sign_in import UNKNOWN, SignInRefused, known, normal_email, open_session, storable, user_of
from core.errors import AppError


class NoSuchUser(AppError):
    code, status = "oidc_unknown", 403
    message = (
        "Su cuenta de {provider} no tiene usuario en Revelado. Pida a un administrador que la invite con ese correo."
    )


class SwitchedOff(AppError):
    code, status = "oidc_inactive", 403
    message = "Su usuario de Revelado está desactivado. Pida a un administrador que lo active."


class SecondStepHere(AppError):
    code, status = "oidc_second_step", 403
    message = (
        "Su usuario tiene un segundo paso en Revelado: entre con su contraseña y su código. Si prefiere entrar siempre con"
        " {provider}, desactívelo en Mi cuenta."
    )


class NoEmail(AppError):
    code, status = "oidc_no_email", 403
    message = "{provider} no confirma su correo, y sin eso no se sabe qué usuario es. Entre con su contraseña."


_NO_PASSWORD = text(
    "UPDATE revelado.users SET password_hash = :hash, must_change_password = false WHERE id = :id RETURNING password_hash"
)


def enter(engine: Engine, email: str | None, *, provider: str, ip: str, user_agent: str) -> str:
    """A session's token. Raises NoSuchUser, SwitchedOff, SecondStepHere, NoEmail, SignInRefused.

    A one-time password that wasn't used until now never works again: there is another way in.
    """
    caller = Actor(None, UNKNOWN, Role.VIEWER, storable(ip), "panel")
    unknown = passwords.hash_password(new_token())
    with engine.begin() as connection:
        user = user_of(connection, normal_email(email or ""))
        refusal = _refusal(user, provider, email)
        if user is not None and refusal is None:
            if user.must_change_password:
                connection.execute(_NO_PASSWORD, {"id": user.id, "hash": unknown})
                user = user_of(connection, user.email)
            token = open_session(connection, user, "panel", ip, user_agent) if user else None
            if token is None:
                raise SignInRefused
            audit.record(connection, known(caller, user), "sign_in", provider=provider)
            return token
        refusal = refusal or SignInRefused()
        audit.record(connection, known(caller, user), "sign_in_refused", why=refusal.code, provider=provider)
    raise refusal


def _refusal(user: Row[Any] | None, provider: str, email: str | None) -> AppError | None:
    if not email:
        return NoEmail(provider=provider)
    if user is None:
        return NoSuchUser(provider=provider)
    if not user.active:
        return SwitchedOff()
    return SecondStepHere(provider=provider) if user.totp_on else None
