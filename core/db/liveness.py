"""Whether a pooled connection is still alive is asked only of one that has rested.

SQLAlchemy's `pool_pre_ping` asks at every checkout, a round trip that costs as much as a small statement and its wait for
the interpreter's lock. HikariCP, the JVM's pool, spares it within half a second of the last use (`aliveBypassWindowMs`).
What dies within that time is met by whoever uses it next, as it is met in the middle of a transaction anyway: a worker
tries again (`durably`), a page says that it reconnects, and the whole pool is replaced.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

TRUSTED = 0.5  #: seconds after its last use in which a connection is taken for alive
_RESTED = "rested_since"


def ask_after_rest(engine: Engine) -> None:
    """In place of `pool_pre_ping`. A dead one has the pool replaced and the checkout done again."""

    @event.listens_for(engine, "checkin")
    def rests(_connection: Any, record: Any) -> None:
        record.info[_RESTED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_RESTED)
        if since is None or time.monotonic() - since < TRUSTED:
            return  # new, or used a moment ago
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
