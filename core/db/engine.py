"""Connections: one engine a process, every session in UTC, and the way a worker outlives a database restart."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

log = logging.getLogger("revelado.db")

T = TypeVar("T")

#: Milliseconds. No statement of ours needs this long, migrations apart; no transaction may idle with locks held.
STATEMENT_TIMEOUT = 60_000
IDLE_IN_TRANSACTION_TIMEOUT = 60_000


def make_engine(url: str, application_name: str, pool_size: int = 10) -> Engine:
    options = (
        f"-c timezone=UTC -c search_path=public -c statement_timeout={STATEMENT_TIMEOUT}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT}"
    )
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"application_name": application_name, "options": options, "connect_timeout": 10},
    )


def is_connection_loss(error: BaseException) -> bool:
    """Whether the database went away, as opposed to refusing what was asked."""
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or (isinstance(error, OperationalError) and _sqlstate(error) in _GOING_AWAY)
    )


#: No SQLSTATE (the connection itself failed), shutdown, crash, starting up, connection exceptions, too many clients.
_GOING_AWAY = {None, "57P01", "57P02", "57P03", "08000", "08003", "08006", "53300"}


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "pgcode", None)


def durably(engine: Engine, work: Callable[[Connection], T], give_up: Callable[[], bool] = lambda: False) -> T:
    """Runs `work` in one transaction, again and again while the database is away.

    For steps that must not be lost (a paid answer) and that are safe to repeat: a connection lost during COMMIT may have
    committed. Stops repeating, and raises the last error, once `give_up()` is true.
    """
    wait = 0.1
    while True:
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if not is_connection_loss(error) or give_up():
                raise
            log.warning("⚠️ [Base] Sin conexión con la base de datos; se reintenta en %.1f s", wait)
            time.sleep(wait)
            wait = min(wait * 2, 5.0)
