"""The circuit breaker: how the services outside answered lately, over all workers.

Five failures in a row open the circuit: the queue pauses, and after the pause one job at a time probes the service until
it answers. A failure of a service is no fault of the job it hit, so it counts no attempt of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from core.queue import pause

OPENS_AFTER = 5
#: Seconds the circuit stays open: doubled at each opening in a row, up to the last.
SHORTEST, LONGEST = 30.0, 600.0
REASON = (
    "{name} no responde: falló {failures} veces seguidas. Los artículos esperan y no pierden intentos. La cola prueba"
    " sola con un artículo dentro de {wait} s."
)
#: As staff know them.
NAMES = {"gemini": "Google Gemini", "cloudinary": "Cloudinary", "local": "El disco de las fotos"}
#: Seconds a service's failures may keep one job back without counting, if the service answers nobody. Those of a
#: photo's own site, of which there are many, open no circuit; an address that never existed must end some day.
PATIENCE, PHOTO_PATIENCE = 86_400.0, 4_500.0

_FAILED = text("""
    INSERT INTO revelado.services AS s (name, failures_in_row, last_failure_at) VALUES (:name, 1, now())
    ON CONFLICT (name) DO UPDATE SET failures_in_row = s.failures_in_row + 1, last_failure_at = now()
    RETURNING failures_in_row, openings
""")

#: Written only when it tells something new: a success of every article would make this one row the busiest of all.
_SUCCEEDED = text("""
    INSERT INTO revelado.services AS s (name, last_success_at)
    SELECT :name, now() WHERE :always OR EXISTS (SELECT FROM revelado.services WHERE name = :name)
    ON CONFLICT (name) DO UPDATE SET failures_in_row = 0, openings = 0, last_success_at = now()
    WHERE s.failures_in_row > 0 OR s.openings > 0 OR s.last_success_at IS NULL
        OR s.last_success_at < now() - interval '5 seconds'
""")


def succeeded(connection: Connection, name: str) -> None:
    """The service answered, were it to refuse: it is there. Ends a probe of it."""
    known = name in NAMES
    connection.execute(_SUCCEEDED, {"name": name, "always": known})
    if not known:
        return
    freed = connection.execute(
        text("UPDATE revelado.queue_control SET probing = NULL WHERE probing = :name"), {"name": name}
    )
    if freed.rowcount:
        connection.execute(text("SELECT pg_notify('revelado_queue', '')"))


def failed(connection: Connection, name: str) -> bool:
    """The service did not answer, or fell over. True when this opened the circuit."""
    row: Any = connection.execute(_FAILED, {"name": name}).one()
    if row.failures_in_row < OPENS_AFTER or name not in NAMES or pause.current(connection):
        return False
    wait = min(SHORTEST * 2.0**row.openings, LONGEST)
    params: dict[str, object] = {"name": NAMES.get(name, name), "failures": row.failures_in_row, "wait": round(wait)}
    opened = pause.pause_for(connection, "sistema", "circuit", REASON.format(**params), params, wait)
    if opened:
        connection.execute(text("UPDATE revelado.services SET openings = openings + 1 WHERE name = :n"), {"n": name})
        connection.execute(text("UPDATE revelado.queue_control SET probing = :name"), {"name": name})
    return opened


@dataclass(frozen=True)
class Trouble:
    """What a service's failure means for the job it hit."""

    seconds: float  #: since the job's first failure of the kind
    own: bool  #: the service answers the others: the failure is the job's own
    too_long: bool  #: nobody was answered, but this can't go on for ever

    @property
    def counts(self) -> bool:
        return self.own or self.too_long


def trouble(connection: Connection, name: str, since: datetime | None) -> Trouble:
    """`since`: the job's last failure that was its own, or its first that was not; None: it had none yet."""
    if since is None:
        return Trouble(0.0, own=False, too_long=False)
    row: Any = connection.execute(
        text(
            "SELECT extract(epoch FROM now() - CAST(:since AS timestamptz)) AS seconds,"
            # And it failed nobody since: a call that left before an outage may be answered in the middle of it.
            " EXISTS (SELECT FROM revelado.services WHERE name = :name AND last_success_at > :since"
            "  AND failures_in_row <= 1) AS answered"
        ),
        {"name": name, "since": since},
    ).one()
    patience = PATIENCE if name in NAMES else PHOTO_PATIENCE
    return Trouble(float(row.seconds), own=row.answered, too_long=row.seconds > patience)
