"""Guessing slowed down, in the database: so many failures in five minutes, an hour, a day.

Accounts that don't exist lock just the same, or the lock would tell which ones do. A stranger's failures lock out strangers
only: who signed in before from the same browser or the same address has a count of their own (`_pool`).
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, text

from core.errors import AppError

T = TypeVar("T")
_NOWHERE = "unknown"

#: (failures, minutes): with so many in so long, no more until the first of them is that long ago.
ACCOUNT_LIMITS = ((5, 5), (20, 60), (50, 24 * 60))
ADDRESS_LIMITS = ((20, 60),)
#: Days that a browser or an address is known after a sign-in.
KNOWN_DAYS = 30

#: A turn holds a connection while a password is checked: a flood of sign-ins must not take them all.
_turns = threading.BoundedSemaphore(4)


class SignInLocked(AppError):
    """`until` by the database's clock; `seconds` from now."""

    code, status = "sign_in_locked", 429
    message = "Hubo demasiados intentos fallidos. Espere {minutes} min y vuelva a probar."

    def __init__(self, until: datetime, seconds: int) -> None:
        self.until, self.seconds = until, seconds
        super().__init__(until=until, seconds=seconds, minutes=max(1, -(-seconds // 60)))


_UNTIL = text("""
    SELECT until, ceil(extract(epoch FROM until - clock_timestamp()))::int AS seconds FROM (
        SELECT max(failed.at + make_interval(mins => l.minutes)) AS until
        FROM unnest(CAST(:failures AS int[]), CAST(:minutes AS int[])) AS l (failures, minutes), LATERAL (
            SELECT at FROM revelado.sign_in_failures WHERE source = :source
            ORDER BY at DESC OFFSET l.failures - 1 LIMIT 1) failed) last
    WHERE until > clock_timestamp()
""")

_KNOWN = text("""
    SELECT EXISTS (SELECT FROM revelado.sessions s WHERE s.user_id = u.id AND s.token_hash = CAST(:device AS bytea)
            AND s.created_at > now() - make_interval(days => :days)) AS device,
        ARRAY(SELECT DISTINCT s.ip FROM revelado.sessions s WHERE s.user_id = u.id
            AND s.created_at > now() - make_interval(days => :days)) AS addresses
    FROM (SELECT max(id) AS id FROM revelado.users WHERE email = :email) u
""")


@dataclass(frozen=True)
class Caller:
    """Who tries: from where, and with what their browser kept of an earlier sign-in (`device_of`)."""

    account: str
    address: str | None = None  #: None: from within a session
    device: str = ""


def attempt(engine: Engine, caller: Caller, check: Callable[[Connection], T | None]) -> T | None:
    """What `check` gives; None counts as a failure, anything else forgives those before. Raises SignInLocked.

    Tries at one account, and from one address, run one after another: many at once get no further.
    """
    with _turns, engine.begin() as connection:
        pool, is_device = _pool(connection, caller)
        _refuse_if_locked(connection, pool, ACCOUNT_LIMITS)
        sources = [pool]
        # A known browser isn't locked out by others at its address either.
        if caller.address is not None and not is_device:
            sources.append(source_of_address(caller.address))
            _refuse_if_locked(connection, sources[1], ADDRESS_LIMITS)
        result = check(connection)
        if result is None:
            _record(connection, sources)
        else:
            connection.execute(text("DELETE FROM revelado.sign_in_failures WHERE source = :source"), {"source": pool})
        return result


def device_of(token_hash: bytes) -> str:
    """What a browser keeps of its session after that ended. It opens nothing."""
    return token_hash.hex()


def _pool(connection: Connection, caller: Caller) -> tuple[str, bool]:
    """In which count a failure goes, and whether it is a known browser's."""
    account = source_of_account(caller.account)
    device = bytes.fromhex(caller.device) if re.fullmatch("[0-9a-f]{64}", caller.device) else b""
    known = connection.execute(_KNOWN, {"email": caller.account, "device": device, "days": KNOWN_DAYS}).one()
    if known.device:
        return f"{account} {caller.device}", True
    here = source_of_address(caller.address or "")
    if here != _NOWHERE and here in {source_of_address(address or "") for address in known.addresses}:
        return f"{account} {here}", False
    return account, False


def forgive(connection: Connection, account: str) -> None:
    """All of an account's failures, wherever they were made."""
    source = source_of_account(account)
    connection.execute(
        text("DELETE FROM revelado.sign_in_failures WHERE source = :source OR starts_with(source, :source || ' ')"),
        {"source": source},
    )


def source_of_account(email: str) -> str:
    # Hashed: people type passwords into the wrong field.
    return "account:" + hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()


def source_of_address(ip: str) -> str:
    """An IPv6 customer holds a whole /64."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return _NOWHERE
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def _refuse_if_locked(connection: Connection, source: str, limits: Sequence[tuple[int, int]]) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))"), {"source": source})
    failures, minutes = zip(*limits, strict=True)
    asked = {"source": source, "failures": list(failures), "minutes": list(minutes)}
    row = connection.execute(_UNTIL, asked).one_or_none()
    if row is not None:
        raise SignInLocked(row.until, row.seconds)


def _record(connection: Connection, sources: list[str]) -> None:
    connection.execute(
        text(
            "DELETE FROM revelado.sign_in_failures WHERE id IN (SELECT id FROM revelado.sign_in_failures"
            " WHERE at < now() - interval '1 day' FOR UPDATE SKIP LOCKED)"
        )
    )
    # Not now(), which is when the transaction began: this one may have waited for others.
    connection.execute(
        text(
            "INSERT INTO revelado.sign_in_failures (source, at) SELECT unnest(CAST(:sources AS text[])), clock_timestamp()"
        ),
        {"sources": sources},
    )
