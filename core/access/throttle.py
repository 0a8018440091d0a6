"""Guessing slowed down: five wrong passwords lock an account for 15 minutes, twenty an address for an hour.

Accounts that don't exist lock just the same, or the lock would tell which ones do.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, TextClause, text

from core.errors import AppError

T = TypeVar("T")

FAILURES_PER_ACCOUNT, ACCOUNT_MINUTES = 5, 15
FAILURES_PER_ADDRESS, ADDRESS_MINUTES = 20, 60

#: A turn holds a connection while a password is checked: a flood of sign-ins must not take them all.
_turns = threading.BoundedSemaphore(4)


class SignInLocked(AppError):
    """`until` by the database's clock; `seconds` from now."""

    code, status = "sign_in_locked", 429
    message = "Hubo demasiados intentos fallidos. Espere {minutes} min y vuelva a probar."

    def __init__(self, until: datetime, seconds: int) -> None:
        self.until, self.seconds = until, seconds
        super().__init__(until=until, seconds=seconds, minutes=max(1, -(-seconds // 60)))


#: Every fifth failure in a row locks; the failures of a day are remembered.
_ACCOUNT_LOCK = text("""
    SELECT until, ceil(extract(epoch FROM until - clock_timestamp()))::int AS seconds FROM (
        SELECT max(at) + make_interval(mins => :minutes) AS until, count(*) AS failures
        FROM revelado.sign_in_failures WHERE source = :source AND at > now() - interval '1 day') recent
    WHERE failures > 0 AND failures % :limit = 0 AND until > clock_timestamp()
""")

_ADDRESS_LOCK = text("""
    SELECT until, ceil(extract(epoch FROM until - clock_timestamp()))::int AS seconds FROM (
        SELECT at + make_interval(mins => :minutes) AS until FROM revelado.sign_in_failures WHERE source = :source
        ORDER BY at DESC OFFSET :limit - 1 LIMIT 1) oldest
    WHERE until > clock_timestamp()
""")


def attempt(engine: Engine, account: str, address: str | None, check: Callable[[Connection], T | None]) -> T | None:
    """What `check` gives; None counts as a failure, anything else forgives the account's. Raises SignInLocked.

    Tries at one account, and from one address, run one after another: many at once get no further.
    """
    with _turns, engine.begin() as connection:
        _refuse_if_locked(connection, _ACCOUNT_LOCK, source_of_account(account), FAILURES_PER_ACCOUNT, ACCOUNT_MINUTES)
        if address is not None:
            source = source_of_address(address)
            _refuse_if_locked(connection, _ADDRESS_LOCK, source, FAILURES_PER_ADDRESS, ADDRESS_MINUTES)
        result = check(connection)
        if result is None:
            _record(connection, account, address)
        else:
            forgive(connection, account)
        return result


def forgive(connection: Connection, account: str) -> None:
    connection.execute(
        text("DELETE FROM revelado.sign_in_failures WHERE source = :source"), {"source": source_of_account(account)}
    )


def source_of_account(email: str) -> str:
    # Hashed: people type passwords into the wrong field.
    return "account:" + hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()


def source_of_address(ip: str) -> str:
    """An IPv6 customer holds a whole /64."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def _refuse_if_locked(connection: Connection, lock: TextClause, source: str, limit: int, minutes: int) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))"), {"source": source})
    row = connection.execute(lock, {"source": source, "limit": limit, "minutes": minutes}).one_or_none()
    if row is not None:
        raise SignInLocked(row.until, row.seconds)


def _record(connection: Connection, account: str, address: str | None) -> None:
    connection.execute(
        text(
            "DELETE FROM revelado.sign_in_failures WHERE id IN (SELECT id FROM revelado.sign_in_failures"
            " WHERE at < now() - interval '1 day' FOR UPDATE SKIP LOCKED)"
        )
    )
    sources = [source_of_account(account)] + ([] if address is None else [source_of_address(address)])
    # Not now(), which is when the transaction began: this one may have waited for others.
    connection.execute(
        text(
            "INSERT INTO revelado.sign_in_failures (source, at) SELECT unnest(CAST(:sources AS text[])), clock_timestamp()"
        ),
        {"sources": sources},
    )
