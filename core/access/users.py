"""Who may enter, and as what. People are switched off, never deleted: the history names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, TextClause, text
from sqlalchemy.exc import IntegrityError

from core.access import audit, passwords, sessions, throttle
from core.access.actors import Actor, Role
from core.access.sign_in import normal_email
from core.errors import Conflict, InvalidInput, NotFound, StartupError, Words

DEFAULT_ADMIN_EMAIL = "admin@revelado.local"
LANGUAGES = ("es", "en")

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
#: Taken by whatever could leave no administrator, or make two first ones.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('revelado.users', 0))")

_SET_ACTIVE = text("UPDATE revelado.users SET active = :value WHERE id = :id RETURNING email")
_SET_ROLE = text("UPDATE revelado.users SET role = :value WHERE id = :id RETURNING email")
RESET = text(
    "UPDATE revelado.users SET password_hash = :value, must_change_password = true, totp_on = false, totp_secret = NULL"
    " WHERE id = :id RETURNING email"
)


@dataclass(frozen=True)
class User:
    id: int
    email: str
    name: str
    role: Role
    active: bool
    must_change_password: bool
    language: str


@dataclass(frozen=True)
class FirstAdmin:
    email: str
    one_time_password: str | None  #: None: the password was given


def create_user(engine: Engine, actor: Actor, *, email: str, name: str, role: Role) -> tuple[User, str]:
    """The user and a one-time password, shown once. Raises NotAllowed, InvalidInput, Conflict (the address is taken)."""
    actor.require(Role.ADMIN)
    address = _checked_email(email)
    shown = " ".join(name.split())
    if not shown or len(shown) > 100 or not shown.isprintable():
        raise InvalidInput(field="nombre", why="escriba entre 1 y 100 caracteres.")
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    try:
        with engine.begin() as connection:
            row = connection.execute(
                text(
                    "INSERT INTO revelado.users (email, name, password_hash, role, must_change_password)"
                    " VALUES (:email, :name, :hash, :role, true) RETURNING *"
                ),
                {"email": address, "name": shown, "hash": hashed, "role": role},
            ).one()
            audit.record(connection, actor, "user_created", email=address, role=role)
    except IntegrityError as error:
        raise Conflict(why=Words("Ya existe un usuario con el correo {address}.", address=address)) from error
    return _user(row), password


def list_users(engine: Engine, actor: Actor) -> list[User]:
    """By name, those switched off too. Raises NotAllowed."""
    actor.require(Role.ADMIN)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM revelado.users ORDER BY revelado.sort_key(name), id"))
        return [_user(row) for row in rows]


def set_active(engine: Engine, actor: Actor, user_id: int, active: bool) -> None:
    """Switching off ends the user's sessions. Raises NotAllowed, NotFound, Conflict (the last administrator)."""
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        connection.execute(_LOCK)
        email = update(connection, _SET_ACTIVE, user_id, active)
        if not active:
            _require_an_admin(connection)
            sessions.end_all(connection, user_id)
        audit.record(connection, actor, "user_active", email=email, after=active)


def set_role(engine: Engine, actor: Actor, user_id: int, role: Role) -> None:
    """Counts from the user's next click on. Raises NotAllowed, NotFound, Conflict (the last administrator)."""
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        connection.execute(_LOCK)
        before = connection.scalar(text("SELECT role FROM revelado.users WHERE id = :id"), {"id": user_id})
        email = update(connection, _SET_ROLE, user_id, role)
        _require_an_admin(connection)
        audit.record(connection, actor, "user_role", email=email, before=before, after=role)


def set_language(engine: Engine, actor: Actor, language: str) -> None:
    """One's own. Raises InvalidInput."""
    if language not in LANGUAGES:
        raise InvalidInput(field="idioma", why="elija español o inglés.")
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE revelado.users SET language = :language WHERE id = :id"),
            {"language": language, "id": actor.id},
        )


def reset_password(engine: Engine, actor: Actor, user_id: int) -> str:
    """A new one-time password; ends the user's sessions, second factor and any lock. Raises NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with engine.begin() as connection:
        email = update(connection, RESET, user_id, hashed)
        sessions.end_all(connection, user_id)
        throttle.forgive(connection, email)
        audit.record(connection, actor, "user_reset", email=email)
    return password


def ensure_first_admin(engine: Engine, email: str | None, password: str | None) -> FirstAdmin | None:
    """Makes the first administrator of a new installation; None when there are users. Raises StartupError."""
    with engine.connect() as connection:
        if connection.scalar(text("SELECT EXISTS (SELECT FROM revelado.users)")):
            return None
    try:
        address = _checked_email(email or DEFAULT_ADMIN_EMAIL)
        if password is not None:
            passwords.check_new(password, address)
    except InvalidInput as error:
        name = "ADMIN_EMAIL" if error.params["field"] == "correo" else "ADMIN_PASSWORD"
        raise StartupError(
            f"{name} no sirve: {error.params['why']}",
            f"{name} is not acceptable: " + ("not an e-mail address." if name == "ADMIN_EMAIL" else "choose another."),
        ) from error
    one_time = passwords.one_time() if password is None else None
    hashed = passwords.hash_password(password or one_time or "")
    with engine.begin() as connection:
        connection.execute(_LOCK)
        made = connection.execute(
            text(
                "INSERT INTO revelado.users (email, name, password_hash, role, must_change_password)"
                " SELECT :email, 'Administrador', :hash, 'administrador', :must_change"
                " WHERE NOT EXISTS (SELECT FROM revelado.users)"
            ),
            {"email": address, "hash": hashed, "must_change": password is None},
        )
    return FirstAdmin(address, one_time) if made.rowcount else None


def _checked_email(email: str) -> str:
    address = normal_email(email)
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise InvalidInput(field="correo", why="escriba una dirección como ana@ferreteria.com.")
    return address


def update(connection: Connection, change: TextClause, user_id: int, value: object) -> str:
    """Gives the user's address."""
    email: str | None = connection.scalar(change, {"id": user_id, "value": value})
    if email is None:
        raise NotFound(what="ese usuario")
    return email


def _require_an_admin(connection: Connection) -> None:
    if not connection.scalar(
        text("SELECT EXISTS (SELECT FROM revelado.users WHERE active AND role = 'administrador')")
    ):
        raise Conflict(why="Es el último administrador activo. Nombre antes a otro.")


def _user(row: Row[Any]) -> User:
    return User(row.id, row.email, row.name, Role(row.role), row.active, row.must_change_password, row.language)
