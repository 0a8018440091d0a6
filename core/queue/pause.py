"""The queue's one switch: who or what paused it, why, and until when. Every claim looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.db.text import storable, to_json
from core.notify import notices, webhook

#: The code of the pause that the shop's hours make (`schedule`).
OUT_OF_HOURS = "out_of_hours"
BY_PERSON = "by_person"


@dataclass(frozen=True)
class Pause:
    reason_code: str
    reason: str
    paused_by: str
    paused_at: datetime
    paused_until: datetime | None  #: None: until a person resumes


def current(connection: Connection) -> Pause | None:
    return from_row(connection.execute(text("SELECT * FROM revelado.queue_control")).one())


def from_row(row: Any) -> Pause | None:
    if not row.paused:
        return None
    return Pause(row.reason_code or "", row.reason or "", row.paused_by or "", row.paused_at, row.paused_until)


def pause_for(
    connection: Connection, by: str, code: str, reason: str, params: dict[str, object], seconds: float | None
) -> bool:
    """Pauses for `seconds` (None: until resumed). A pause never shortens a longer one that stands: then False."""
    paused = connection.execute(
        text(
            "UPDATE revelado.queue_control SET paused = true, reason_code = :code, reason = :reason,"
            " reason_params = CAST(:params AS jsonb), paused_by = :by, paused_at = now(),"
            " paused_until = now() + make_interval(secs => :seconds)"
            " WHERE NOT paused OR (paused_until IS NOT NULL"
            " AND (CAST(:seconds AS float) IS NULL OR paused_until < now() + make_interval(secs => :seconds)))"
        ),
        {"code": code, "reason": storable(reason), "params": to_json(params), "by": by, "seconds": seconds},
    )
    if paused.rowcount:
        if code not in (BY_PERSON, OUT_OF_HOURS):  # neither is a surprise to anybody
            notices.tell(connection, "queue_paused", {"code": code, "reason": storable(reason), "seconds": seconds})
        told: dict[str, object] = {"by": by, "code": code, "reason": storable(reason), "seconds": seconds}
        webhook.promise(connection, "queue.paused", told)
    return paused.rowcount == 1


def pause(engine: Engine, actor: Actor, reason: str) -> None:
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        pause_for(connection, actor.name, BY_PERSON, reason, {}, None)
        audit.record(connection, actor, "pause", reason=reason[:500])


def resume(engine: Engine, actor: Actor) -> None:
    """What the shop's hours stopped goes on until they begin anew; then they count again."""
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE revelado.queue_control SET schedule_off_until = paused_until"
                f" WHERE paused AND reason_code = '{OUT_OF_HOURS}'"
            )
        )
        if _clear(connection, "paused"):
            audit.record(connection, actor, "resume")


def resume_when_due(connection: Connection) -> bool:
    return _clear(connection, "paused AND paused_until <= now()")


def resume_if_for(connection: Connection, code: str) -> bool:
    """Ends the pause if this is its reason."""
    return _clear(connection, "paused AND reason_code = :code", code=code)


def _clear(connection: Connection, condition: str, **params: object) -> bool:
    cleared = connection.execute(
        text(
            "UPDATE revelado.queue_control SET paused = false, paused_until = NULL, reason_code = NULL, reason = NULL,"
            f" reason_params = NULL, paused_by = NULL, paused_at = NULL WHERE {condition}"
        ),
        params,
    )
    if cleared.rowcount:
        webhook.promise(connection, "queue.resumed", {})
        connection.execute(text("SELECT pg_notify('revelado_queue', '')"))
    return cleared.rowcount > 0
