"""A second factor for administrators: the codes of a phone's application (TOTP), and ten others for when it is lost."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy import Connection, Engine, text

from core.access import audit, passwords, sessions, throttle
from core.access.actors import Role
from core.access.sessions import Session
from core.errors import AppError, Conflict, InvalidInput

STEP = 30  #: seconds
RECOVERY_CODES = 10
ISSUER = "Revelado"

_SPEND = text("UPDATE revelado.users SET totp_step = :step WHERE id = :id AND coalesce(totp_step, 0) < :step")


class CodeNeeded(AppError):
    code, status = "code_needed", 401
    message = "Escriba también el código de seis cifras de su teléfono, o uno de recuperación."


@dataclass(frozen=True)
class Enrolment:
    secret: str
    address: str  #: otpauth://…, which applications read


def is_on(engine: Engine, session: Session) -> bool:
    with engine.connect() as connection:
        return bool(
            connection.scalar(text("SELECT totp_on FROM revelado.users WHERE id = :id"), {"id": session.actor.id})
        )


def begin(engine: Engine, session: Session) -> Enrolment:
    """Nothing is asked for yet: only `confirm` switches it on. Raises NotAllowed, Conflict (it is on)."""
    session.actor.require(Role.ADMIN)
    secret = pyotp.random_base32()
    with engine.begin() as connection:
        begun = connection.execute(
            text("UPDATE revelado.users SET totp_secret = :secret, totp_step = NULL WHERE id = :id AND NOT totp_on"),
            {"secret": secret, "id": session.actor.id},
        )
    if begun.rowcount == 0:
        raise Conflict(why="El segundo paso ya está activado.")
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=session.email, issuer_name=ISSUER))


def confirm(engine: Engine, session: Session, code: str) -> list[str]:
    """Switches it on; the recovery codes, shown once. Raises NotAllowed, InvalidInput."""
    session.actor.require(Role.ADMIN)
    codes = [passwords.one_time() for _ in range(RECOVERY_CODES)]
    with engine.begin() as connection:
        if not _matches(connection, session.actor.id or 0, code):
            raise InvalidInput(
                field="código", why="no es el de ahora. Mire la hora del teléfono y escriba el siguiente."
            )
        connection.execute(text("UPDATE revelado.users SET totp_on = true WHERE id = :id"), {"id": session.actor.id})
        connection.execute(text("DELETE FROM revelado.recovery_codes WHERE user_id = :id"), {"id": session.actor.id})
        connection.execute(
            text("INSERT INTO revelado.recovery_codes (user_id, code_hash) VALUES (:id, :hash)"),
            [{"id": session.actor.id, "hash": _digest(each)} for each in codes],
        )
        audit.record(connection, session.actor, "second_factor", after=True)
    return codes


def turn_off(engine: Engine, session: Session, code: str) -> None:
    """With a code, as at a sign-in, and throttled as one. Raises InvalidInput, SignInLocked."""

    def off(connection: Connection) -> bool | None:
        return True if accepts(connection, session.actor.id or 0, code) else None

    if throttle.attempt(engine, sessions.caller(session), off) is None:
        raise InvalidInput(field="código", why="no es correcto.")
    with engine.begin() as connection:
        forget(connection, session.actor.id or 0)
        audit.record(connection, session.actor, "second_factor", after=False)


def accepts(connection: Connection, user_id: int, code: str) -> bool:
    """The phone's code, each once, or a recovery code, which is used up."""
    if _matches(connection, user_id, code):
        return True
    used = connection.execute(
        text("DELETE FROM revelado.recovery_codes WHERE user_id = :id AND code_hash = :hash"),
        {"id": user_id, "hash": _digest(code)},
    )
    return used.rowcount == 1


def forget(connection: Connection, user_id: int) -> None:
    connection.execute(
        text("UPDATE revelado.users SET totp_on = false, totp_secret = NULL, totp_step = NULL WHERE id = :id"),
        {"id": user_id},
    )
    connection.execute(text("DELETE FROM revelado.recovery_codes WHERE user_id = :id"), {"id": user_id})


def _matches(connection: Connection, user_id: int, code: str) -> bool:
    """By the database's clock; phones may be half a minute off."""
    row = connection.execute(
        text(
            "SELECT totp_secret, floor(extract(epoch FROM clock_timestamp()))::bigint AS now"
            " FROM revelado.users WHERE id = :id"
        ),
        {"id": user_id},
    ).one_or_none()
    digits = "".join(code.split())
    if row is None or row.totp_secret is None or not (digits.isascii() and digits.isdigit()):
        return False
    totp = pyotp.TOTP(row.totp_secret)
    for step in (row.now // STEP, row.now // STEP - 1, row.now // STEP + 1):
        if hmac.compare_digest(totp.at(step * STEP), digits):
            return connection.execute(_SPEND, {"id": user_id, "step": step}).rowcount == 1
    return False


def _digest(code: str) -> bytes:
    """Of some 79 random bits: no slow hash is needed."""
    plain = "".join(c for c in code.lower() if c.isalnum()) or secrets.token_hex(8)
    return hashlib.sha256(plain.encode()).digest()
