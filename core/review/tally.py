"""What a person decided today: the sum at the end of a sitting, also when the page was left meanwhile."""

from __future__ import annotations

from sqlalchemy import Engine, text

from core.access.actors import Actor

_TODAY = text("""
    SELECT action, count(*) AS n FROM revelado.decisions
    WHERE decided_at >= date_trunc('day', now() AT TIME ZONE :zone) AT TIME ZONE :zone
        AND user_id IS NOT DISTINCT FROM :me AND undone_at IS NULL
        AND action IN ('approve', 'reject', 'redo', 'keep_original')
    GROUP BY action
""")


def today(engine: Engine, actor: Actor, timezone: str) -> dict[str, int]:
    """Action → how many that stand. `timezone` is the shop's: today begins at its midnight."""
    with engine.connect() as connection:
        found = connection.execute(_TODAY, {"me": actor.id, "zone": timezone})
        return {row.action: row.n for row in found}
