"""What staff tune: typed values in the database, with the defaults of the system that people already know."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Connection, Engine, text

from core.access.actors import Actor, Role
from core.errors import InvalidInput


@dataclass(frozen=True)
class Tuning:
    delay_seconds: int = 2  #: between one article and the next
    poll_seconds: int = 10  #: the longest a worker goes without looking, should a wake-up get lost
    max_intentos: int = 3
    clean_days: int = 7  #: what *Limpiar* removes: finished jobs older than this
    keep_superseded_days: int = 30  #: a replaced picture of ours stays this long at the host
    doubtful_rebuys: int = 1  #: how often a purchase that may have been charged is bought again; 0: ask a person


#: field → (lowest, highest), inclusive.
BOUNDS = {
    "delay_seconds": (0, 3600),
    "poll_seconds": (1, 60),
    "max_intentos": (1, 10),
    "clean_days": (1, 3650),
    "keep_superseded_days": (1, 3650),
    "doubtful_rebuys": (0, 1),
}


def load_tuning(connection: Connection) -> Tuning:
    """Values that this version doesn't know are left alone; values out of bounds count as absent."""
    stored: dict[str, object] = {
        row.key: row.value for row in connection.execute(text("SELECT key, value FROM revelado.settings"))
    }
    known = {
        field.name: value
        for field in fields(Tuning)
        if isinstance(value := stored.get(field.name), int) and _in_bounds(field.name, value)
    }
    return Tuning(**known)


def _in_bounds(name: str, value: int) -> bool:
    low, high = BOUNDS[name]
    return low <= value <= high


def change(engine: Engine, actor: Actor, name: str, value: int) -> None:
    """Raises NotAllowed, InvalidInput."""
    actor.require(Role.ADMIN)
    if name not in BOUNDS:
        raise InvalidInput(field=name, why="no es un ajuste de Revelado.")
    if not _in_bounds(name, value):
        raise InvalidInput(field=name, why="use un número entre {} y {}.".format(*BOUNDS[name]))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revelado.settings (key, value, updated_by)"
                " VALUES (:key, to_jsonb(CAST(:value AS integer)), :by)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by,"
                " updated_at = now()"
            ),
            {"key": name, "value": value, "by": actor.name},
        )
