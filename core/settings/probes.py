"""Whether what Revelado depends on answers, asked by an administrator: free calls, timed, never raising."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.access.actors import Actor, Role
from core.errors import AppError

Facts = dict[str, int | str]
#: Bytes left on the disk below which it is time to act.
LITTLE = 2_000_000_000


class DatabaseAway(AppError):
    code, status = "database_away", 503
    message = "La base de datos no respondió. Revise que el servidor esté encendido; nada de lo guardado se pierde."


@dataclass(frozen=True)
class Probe:
    seconds: float
    error: AppError | None = None
    facts: Facts = field(default_factory=dict)


def probe(actor: Actor, check: Callable[[], Facts | None]) -> Probe:
    """Raises NotAllowed alone."""
    actor.require(Role.ADMIN)
    started = time.monotonic()
    try:
        facts = check() or {}
    except AppError as error:
        return Probe(time.monotonic() - started, error)
    except DBAPIError:
        return Probe(time.monotonic() - started, DatabaseAway())
    return Probe(time.monotonic() - started, facts=facts)


def database(engine: Engine) -> Facts:
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT split_part(current_setting('server_version'), ' ', 1) AS version,"
                " pg_database_size(current_database()) AS bytes"
            )
        ).one()
    return {"version": row.version, "bytes": row.bytes}


def disk(folder: Path) -> Facts:
    usage = shutil.disk_usage(folder)
    return {"free": usage.free, "total": usage.total}
