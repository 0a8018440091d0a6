"""An administrator changes a setting."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.queue import pause
from core.settings.values import Value, checked, load_tuning

#: The pause that a limit caused ends when the limit is changed; if it still holds, the next purchase says so again.
PAUSES = {"daily_budget": "budget_day", "monthly_budget": "budget_month", "images_per_day": "images_day"}


def change(engine: Engine, actor: Actor, name: str, value: Value) -> None:
    """Raises NotAllowed, InvalidInput."""
    actor.require(Role.ADMIN)
    kept = checked(name, value)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('revelado.settings', 0))"))
        before: Value = getattr(load_tuning(connection), name)
        connection.execute(
            text(
                "INSERT INTO revelado.settings (key, value, updated_by) VALUES (:key, CAST(:value AS jsonb), :by)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by,"
                " updated_at = now()"
            ),
            {"key": name, "value": json.dumps(str(kept) if isinstance(kept, Decimal) else kept), "by": actor.name},
        )
        # Workers look at their speed again at once.
        connection.execute(text("SELECT pg_notify('revelado_queue', '')"))
        if name in PAUSES:
            pause.resume_if_for(connection, PAUSES[name])
        audit.record(connection, actor, "setting", setting=name, before=_told(name, before), after=_told(name, kept))


def _told(name: str, value: Value) -> Value:
    """The address of a webhook often holds its key."""
    return urlsplit(str(value)).hostname or "" if name == "webhook_url" else value
