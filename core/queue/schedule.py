"""The hours in which the shop processes, by its own clock: outside them the queue is paused, and goes on by itself.

A pause like any other, so that every claim and every purchase obeys it. Whichever worker's heartbeat looks first, within
a second, closes the queue for all of them; no attempt is counted, since nothing has failed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from core.queue import pause
from core.queue.pause import OUT_OF_HOURS
from core.settings.values import Tuning, from_stored

_STATE = text("""
    SELECT now() AS now, (schedule_off_until > now()) IS TRUE AS off,
        (SELECT jsonb_object_agg(key, value) FROM revelado.settings WHERE key LIKE 'schedule%') AS hours
    FROM revelado.queue_control
""")


def opens_at(tuning: Tuning, timezone: str, now: datetime) -> datetime | None:
    """When processing begins next; None while it is allowed."""
    if not (tuning.schedule_from and tuning.schedule_to):
        return None
    begin, end = time.fromisoformat(tuning.schedule_from), time.fromisoformat(tuning.schedule_to)
    here = now.astimezone(ZoneInfo(timezone))
    clock = here.time().replace(tzinfo=None)
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    if inside:
        return None
    day = here.date() if clock < begin else here.date() + timedelta(days=1)
    return datetime.combine(day, begin, ZoneInfo(timezone))


def close(connection: Connection, timezone: str) -> bool:
    """Pauses the queue outside its hours. True when this closed it. A pause that lasts longer stays."""
    row: Any = connection.execute(_STATE).one()
    if row.hours is None or row.off:
        return False
    tuning = from_stored(row.hours)
    begins = opens_at(tuning, timezone, row.now)
    if begins is None:
        return False
    reason = f"La tienda procesa de {tuning.schedule_from} a {tuning.schedule_to}."
    params: dict[str, object] = {"from": tuning.schedule_from, "to": tuning.schedule_to}
    seconds = (begins - row.now).total_seconds()
    standing = pause.current(connection)
    if standing and standing.reason_code == OUT_OF_HOURS:
        return False
    return pause.pause_for(connection, "sistema", OUT_OF_HOURS, reason, params, seconds)


def begin_anew(connection: Connection, timezone: str) -> None:
    """The hours were changed: what the old ones paused goes on, unless the new ones pause it too."""
    pause.resume_if_for(connection, OUT_OF_HOURS)
    connection.execute(text("UPDATE revelado.queue_control SET schedule_off_until = NULL"))
    close(connection, timezone)
