"""What the shop shows, changed for many articles at once: only where it still shows what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from core.catalog import superseded

_SHOW = text("""
    UPDATE public.articulos a SET imagen_url = s.after
    FROM unnest(CAST(:articulo_ids AS integer[]), CAST(:before AS text[]), CAST(:after AS text[])) AS s(id, before, after)
    WHERE a.id = s.id AND nullif(a.imagen_url, '') IS NOT DISTINCT FROM s.before RETURNING a.id
""")

#: What comes back without anybody's verdict awaits one again; what goes without one needs none.
_FOLLOW = text("""
    UPDATE revelado.pictures p SET reviewer_id = NULL, reviewer_until = NULL,
        review = CASE WHEN p.url = s.before AND p.review = 'awaiting' THEN 'superseded'
            WHEN p.url = s.after AND p.review = 'superseded' THEN 'awaiting' ELSE p.review END,
        published_at = CASE WHEN p.url = s.after THEN coalesce(p.published_at, now()) ELSE p.published_at END
    FROM unnest(CAST(:articulo_ids AS integer[]), CAST(:before AS text[]), CAST(:after AS text[])) AS s(id, before, after)
    WHERE p.articulo_id = s.id AND p.kind = 'result' AND p.url IN (s.before, s.after)
""")


@dataclass(frozen=True)
class Swap:
    """What one article shows: from one address to another."""

    articulo_id: int
    before: str | None
    after: str | None


def show(connection: Connection, swaps: Sequence[Swap]) -> set[int]:
    """The articles that changed: the others show something else by now. What they showed is promised to go."""
    if not swaps:
        return set()
    changed = set(connection.scalars(_SHOW, _columns(swaps)))
    done = [swap for swap in swaps if swap.articulo_id in changed]
    connection.execute(_FOLLOW, _columns(done))
    superseded.schedule_shown(connection, [(swap.articulo_id, swap.before) for swap in done if swap.before])
    return changed


def _columns(swaps: Sequence[Swap]) -> dict[str, object]:
    return {
        "articulo_ids": [swap.articulo_id for swap in swaps],
        "before": [swap.before for swap in swaps],
        "after": [swap.after for swap in swaps],
    }
