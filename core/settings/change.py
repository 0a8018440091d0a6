"""An administrator changes a setting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.errors import InvalidInput
from core.queue import pause, schedule
from core.settings.values import Value, checked, load_tuning

#: The pause that a limit caused ends when the limit is changed; if it still holds, the next purchase says so again.
PAUSES = {"daily_budget": "budget_day", "monthly_budget": "budget_month", "images_per_day": "images_day"}


#: Two that mean something only together, and are compared with each other once both are known.
_HOURS = ("schedule_from", "schedule_to")


def change(engine: Engine, actor: Actor, name: str, value: Value, timezone: str = "UTC") -> None:
    """Raises NotAllowed, InvalidInput."""
    change_all(engine, actor, {name: value}, timezone)


def change_all(engine: Engine, actor: Actor, values: Mapping[str, Value], timezone: str) -> None:
    """All of them or none. `timezone` is the shop's, by which its hours are. Raises NotAllowed, InvalidInput."""
    actor.require(Role.ADMIN)
    kept = {name: checked(name, value) for name, value in values.items()}
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('revelado.settings', 0))"))
        before = load_tuning(connection)
        for name, value in kept.items():
            _keep(connection, actor, name, value)
        _refuse_half_a_schedule(connection)
        # Workers look at their speed again at once.
        connection.execute(text("SELECT pg_notify('revelado_queue', '')"))
        for name in kept.keys() & PAUSES.keys():
            pause.resume_if_for(connection, PAUSES[name])
        if not kept.keys().isdisjoint(_HOURS):
            schedule.begin_anew(connection, timezone)
        for name, value in kept.items():
            was: Value = getattr(before, name)
            audit.record(connection, actor, "setting", setting=name, before=_told(name, was), after=_told(name, value))


def _keep(connection: Connection, actor: Actor, name: str, value: Value) -> None:
    connection.execute(
        text(
            "INSERT INTO revelado.settings (key, value, updated_by) VALUES (:key, CAST(:value AS jsonb), :by)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by,"
            " updated_at = now()"
        ),
        {"key": name, "value": json.dumps(str(value) if isinstance(value, Decimal) else value), "by": actor.name},
    )


def _refuse_half_a_schedule(connection: Connection) -> None:
    tuning = load_tuning(connection)
    if bool(tuning.schedule_from) != bool(tuning.schedule_to):
        raise InvalidInput(field="horario", why="ponga las dos horas, o ninguna.")
    if tuning.schedule_from and tuning.schedule_from == tuning.schedule_to:
        raise InvalidInput(field="horario", why="las dos horas son la misma. Para procesar siempre, déjelas vacías.")


def _told(name: str, value: Value) -> Value:
    """The address of a webhook often holds its key."""
    return urlsplit(str(value)).hostname or "" if name == "webhook_url" else value
