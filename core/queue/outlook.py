"""What a waiting worker wants to know: whether anything is left, and when something falls due."""

from __future__ import annotations

from sqlalchemy import Connection, text

from core.queue import claim, pause


def is_drained(connection: Connection) -> bool:
    """Nothing pending but what is held without an hour, nothing in any worker's hands; or paused by a person."""
    return not connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM public.image_processing_queue WHERE estado = 'processing'"
            " OR (estado = 'pending' AND run_after IS DISTINCT FROM 'infinity'))"
            " AND NOT EXISTS (SELECT FROM revelado.queue_control WHERE paused AND paused_until IS NULL)"
        )
    )


def seconds_until_due(connection: Connection) -> float | None:
    """Until a snoozed job or the end of a pause is due; the heartbeat makes them ready. None: nothing has an hour."""
    seconds = connection.scalar(
        text(
            "SELECT extract(epoch FROM min(due) - clock_timestamp()) FROM ("
            " (SELECT run_after AS due FROM public.image_processing_queue WHERE estado = 'pending'"
            "  AND run_after IS NOT NULL AND run_after < 'infinity' ORDER BY run_after LIMIT 1)"
            " UNION ALL SELECT paused_until FROM revelado.queue_control WHERE paused) soon"
        )
    )
    return None if seconds is None else float(seconds)


def make_ready(connection: Connection) -> bool:
    """Wakes what is due: snoozed jobs, and the queue after its pause."""
    woken = claim.wake_snoozed(connection)
    resumed = pause.resume_when_due(connection)
    return woken > 0 or resumed
