"""The batches under way: what each person put in the queue and how much of it is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine, TextClause, text

from core.queue import counts
from core.queue.counts import Counts

#: Counted from `counts`, not from the jobs. The last job that is left tells lane and priority: from the end of the
#: batch it is found at once.
_LIVE = text(f"""
    SELECT b.id, b.label, b.user_name, b.created_at, b.pilot, n.*, last.lane, last.prioridad, NULL AS cost
    FROM ({counts.SELECT_LIVE}) n
    JOIN revelado.batches b ON b.id = n.batch_id
    LEFT JOIN LATERAL (
        SELECT lane, prioridad FROM public.image_processing_queue q
        WHERE q.id BETWEEN b.first_id AND b.last_id AND q.batch_id = b.id AND q.estado IN ('pending', 'processing')
        ORDER BY q.id DESC LIMIT 1
    ) last ON true
    ORDER BY b.id DESC LIMIT :limit
""")


#: Whatever is left of them. A trial's batch is told of where recipes are.
_RECENT = text("""
    SELECT b.id, b.label, b.user_name, b.created_at, b.pilot, n.*, NULL AS lane, 0 AS prioridad,
        (SELECT coalesce(sum(coalesce(p.cost, p.estimate)) FILTER (WHERE p.state NOT IN ('free', 'reused')), 0)
            FROM revelado.purchases p WHERE p.batch_id = b.id) AS cost
    FROM (SELECT * FROM revelado.batches WHERE added > 0 ORDER BY id DESC LIMIT :limit) b
    JOIN LATERAL (
        SELECT coalesce(sum(pending), 0)::bigint AS pending, coalesce(sum(processing), 0)::bigint AS processing,
            coalesce(sum(completed), 0)::bigint AS completed, coalesce(sum(failed), 0)::bigint AS failed
        FROM (
            SELECT pending, processing, completed, failed FROM revelado.counts WHERE batch_id = b.id
            UNION ALL SELECT pending, processing, completed, failed FROM revelado.count_deltas WHERE batch_id = b.id
        ) parts
    ) n ON n.pending + n.processing + n.completed + n.failed > 0
    ORDER BY b.id DESC
""")


@dataclass(frozen=True)
class LiveBatch:
    id: int
    label: str
    user_name: str
    created_at: datetime
    counts: Counts
    lane: str
    prioridad: int
    pilot: str | None = None  #: waiting: the first few are made, the rest is held until a person's yes
    cost: Decimal | None = None  #: US$, of all that was bought for it so far; None: not asked for

    @property
    def left(self) -> int:
        return self.counts.pendientes + self.counts.procesando


def live(engine: Engine, limit: int = 200) -> list[LiveBatch]:
    """Those with anything left, the newest first."""
    return _read(engine, _LIVE, limit)


def recent(engine: Engine, limit: int = 5) -> list[LiveBatch]:
    """The newest, also those that ended; `lane` and `prioridad` are not told."""
    return _read(engine, _RECENT, limit)


def _read(engine: Engine, statement: TextClause, limit: int) -> list[LiveBatch]:
    with engine.connect() as connection:
        return [
            LiveBatch(
                id=row.id,
                label=row.label,
                user_name=row.user_name,
                created_at=row.created_at,
                counts=counts.from_row(row),
                lane=row.lane or "normal",
                prioridad=row.prioridad or 0,
                pilot=row.pilot,
                cost=row.cost,
            )
            for row in connection.execute(statement, {"limit": limit})
        ]


def until_done(batch: LiveBatch, live: Sequence[LiveBatch]) -> int | None:
    """How many articles of the queue are made until this batch is: batches of one priority take turns. None: no telling,
    as it waits for the night or for a person's yes."""
    if _held(batch):
        return None
    first = sum(other.left for other in live if other.prioridad > batch.prioridad and not _held(other))
    beside = (other for other in live if other.prioridad == batch.prioridad and not _held(other))
    return first + sum(min(other.left, batch.left) for other in beside)


def _held(batch: LiveBatch) -> bool:
    return batch.lane == "economy" or batch.pilot == "waiting"
