"""Connections: one engine a process, every session in UTC, and the way a worker outlives a database restart."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

from core.db.liveness import ask_after_rest

log = logging.getLogger("revelado.db")

T = TypeVar("T")

#: Milliseconds. No statement of ours needs this long, migrations apart; no transaction may idle with locks held.
STATEMENT_TIMEOUT = 60_000
IDLE_IN_TRANSACTION_TIMEOUT = 60_000


def make_engine(url: str, application_name: str, pool_size: int = 10) -> Engine:
    options = (
        f"-c timezone=UTC -c search_path=public -c statement_timeout={STATEMENT_TIMEOUT}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT}"
        # What is prepared (core/db/prepared.py) is planned once, not at each call.
        " -c plan_cache_mode=force_generic_plan"
    )
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={
            "application_name": application_name,
            "options": options,
            "connect_timeout": 10,
            # A server that vanishes without a word must not hold a worker for hours.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    )
    ask_after_rest(engine)
    return engine


def is_passing(error: BaseException) -> bool:
    """Whether waiting helps: the database is away, restarting, out of disk or connections, or broke a deadlock."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _passes(getattr(error.orig, "pgcode", None), error)


#: SQLSTATE classes: connection, rollback (deadlock), resources (disk, connections), system; and single codes: shutdown,
#: crash, starting up, read-only after a failover. Without a code the connection itself failed.
_PASSING_CLASSES = {"08", "40", "53", "58"}
_PASSING_CODES = {"57P01", "57P02", "57P03", "25006"}


def _passes(sqlstate: str | None, error: DBAPIError) -> bool:
    if sqlstate is None:
        return isinstance(error, OperationalError)
    return sqlstate[:2] in _PASSING_CLASSES or sqlstate in _PASSING_CODES


def is_not_our_fault(error: BaseException) -> bool:
    """Anything but a statement or a value that will be refused again: for what must be stored come what may."""
    return isinstance(error, DBAPIError) and not isinstance(
        error, DataError | IntegrityError | NotSupportedError | ProgrammingError
    )


def durably(
    engine: Engine,
    work: Callable[[Connection], T],
    give_up: Callable[[], bool] = lambda: False,
    passing: Callable[[BaseException], bool] = is_passing,
) -> T:
    """Runs `work` in one transaction, again and again while what keeps it from committing may pass.

    For steps that must not be lost and that are safe to repeat: a connection lost during COMMIT may have committed.
    Stops repeating, and raises the last error, once `give_up()` is true.
    """
    wait = 0.1
    while True:
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if not passing(error) or give_up():
                raise
            reason = str(error.orig).strip().splitlines()[:1]
            log.warning("⚠️ [Base] La base de datos no responde bien %s; se reintenta en %.1f s", reason, wait)
            time.sleep(wait)
            wait = min(wait * 2, 5.0)
