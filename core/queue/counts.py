"""How many jobs are in each state: exact at any size, at the cost of a few rows.

Triggers write what every statement moved to `count_deltas`; the answer is the folded row plus what was not folded yet,
both as one snapshot sees them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.notify import webhook

#: Any constant: two workers don't fold at once.
FOLD_LOCK = 7_305_581_002
#: Folded rows worth a VACUUM of the table they were in.
MANY = 500


@dataclass(frozen=True)
class Counts:
    pendientes: int = 0
    procesando: int = 0
    completados: int = 0
    fallidos: int = 0

    @property
    def total(self) -> int:
        return self.pendientes + self.procesando + self.completados + self.fallidos


_STATES = ("pending", "processing", "completed", "failed")
_SUMS = ", ".join(f"sum({state})::bigint AS {state}" for state in _STATES)
_COLUMNS = ", ".join(_STATES)

_COUNTED = ", ".join(f"count(*) FILTER (WHERE estado = '{state}') AS {state}" for state in _STATES)

#: `batch_id = 0` is the whole queue, which has its own deltas.
SELECT_COUNTS = f"""
    SELECT {_SUMS} FROM (
        SELECT {_COLUMNS} FROM revelado.counts WHERE batch_id = :batch_id
        UNION ALL SELECT {_COLUMNS} FROM revelado.total_deltas WHERE :batch_id = 0
        UNION ALL SELECT {_COLUMNS} FROM revelado.count_deltas WHERE :batch_id <> 0 AND batch_id = :batch_id
    ) parts
"""

#: By batch, of those with anything left.
SELECT_LIVE = f"""
    SELECT batch_id, {_SUMS} FROM (
        SELECT batch_id, {_COLUMNS} FROM revelado.counts WHERE batch_id <> 0 AND (pending > 0 OR processing > 0)
        UNION ALL
        SELECT batch_id, {_COLUMNS} FROM revelado.counts
        WHERE batch_id = ANY (ARRAY (SELECT batch_id FROM revelado.count_deltas WHERE batch_id <> 0))
            AND NOT (pending > 0 OR processing > 0)
        UNION ALL
        SELECT batch_id, {_COLUMNS} FROM revelado.count_deltas WHERE batch_id <> 0
    ) parts GROUP BY batch_id HAVING sum(pending + processing) > 0
"""

_FOLD = text(f"""
    WITH folded AS (DELETE FROM revelado.total_deltas RETURNING *), of_batches AS (
        DELETE FROM revelado.count_deltas RETURNING *
    ), ended AS (
        INSERT INTO revelado.finished AS f (minute, completed, failed)
        SELECT date_trunc('minute', at), sum(greatest(completed, 0)), sum(greatest(failed, 0)) FROM folded
        WHERE completed > 0 OR failed > 0 GROUP BY 1
        ON CONFLICT (minute) DO UPDATE
            SET completed = f.completed + excluded.completed, failed = f.failed + excluded.failed
    ), moved AS (
        SELECT batch_id, {_SUMS} FROM (
            SELECT 0 AS batch_id, {_COLUMNS} FROM folded
            UNION ALL SELECT batch_id, {_COLUMNS} FROM of_batches WHERE batch_id <> 0
        ) parts GROUP BY batch_id
    ), now_is AS (
        INSERT INTO revelado.counts AS c (batch_id, {_COLUMNS}) SELECT * FROM moved
        ON CONFLICT (batch_id) DO UPDATE SET {", ".join(f"{state} = c.{state} + excluded.{state}" for state in _STATES)}
        RETURNING *
    )
    SELECT (SELECT count(*) FROM folded) AS folded, (SELECT array_agg(batch_id) FROM now_is JOIN moved USING (batch_id)
        WHERE batch_id <> 0 AND now_is.pending = 0 AND now_is.processing = 0
        AND (moved.pending + moved.processing < 0 OR moved.completed > 0 OR moved.failed > 0)) AS ended
""")

#: A trial of a recipe is told of beside the recipe, to whoever made it.
_ENDED = text("""
    SELECT b.id, b.label, b.user_name, n.completed, n.failed, (SELECT count(*) FROM revelado.pictures p
        WHERE p.batch_id = b.id AND p.review = 'awaiting' AND p.deleted_at IS NULL) AS to_review,
        (SELECT count(*) FROM public.image_processing_queue q
            JOIN public.articulos a ON a.id = q.articulo_id AND a.imagen_url = q.imagen_url_procesada
            WHERE q.id BETWEEN b.first_id AND b.last_id AND q.batch_id = b.id AND q.estado = 'completed') AS in_shop
    FROM revelado.batches b JOIN revelado.counts n ON n.batch_id = b.id WHERE b.id = ANY(:ids)
        AND (SELECT q.trial FROM public.image_processing_queue q WHERE q.id BETWEEN b.first_id AND b.last_id
            AND q.batch_id = b.id ORDER BY q.id DESC LIMIT 1) IS NOT TRUE
    ORDER BY b.id
""")

_NOTICE = text(
    "INSERT INTO revelado.notices (kind, batch_id, params) VALUES ('batch_ended', :batch, CAST(:params AS jsonb))"
)

_AUDIT = text(f"""
    WITH kept AS (
        SELECT batch_id, {_SUMS} FROM (
            SELECT batch_id, {_COLUMNS} FROM revelado.counts
            UNION ALL SELECT batch_id, {_COLUMNS} FROM revelado.count_deltas WHERE batch_id <> 0
            UNION ALL SELECT 0, {_COLUMNS} FROM revelado.total_deltas
        ) parts GROUP BY batch_id
    ), counted AS (
        SELECT coalesce(batch_id, 0) AS batch_id, {_COUNTED}
        FROM public.image_processing_queue
        GROUP BY GROUPING SETS ((batch_id), ()) HAVING batch_id IS NOT NULL OR grouping(batch_id) = 1
    )
    SELECT batch_id, kept.pending AS kept_pending, counted.pending, kept.processing AS kept_processing,
        counted.processing, kept.completed AS kept_completed, counted.completed, kept.failed AS kept_failed, counted.failed
    FROM kept FULL JOIN counted USING (batch_id)
    WHERE ({", ".join(f"coalesce(kept.{s}, 0)" for s in _STATES)})
        IS DISTINCT FROM ({", ".join(f"coalesce(counted.{s}, 0)" for s in _STATES)})
""")


def read(connection: Connection, batch_id: int = 0) -> Counts:
    """Of one batch; of the whole queue for 0."""
    row: Any = connection.execute(text(SELECT_COUNTS), {"batch_id": batch_id}).one()
    return from_row(row)


def from_row(row: Any) -> Counts:
    return Counts(row.pending or 0, row.processing or 0, row.completed or 0, row.failed or 0)


def fold(engine: Engine) -> int:
    """Adds the deltas to the counts, and gives how many there were; 0 while another worker is at it.

    Here it is seen, exactly once, that the last job of a batch has ended: also again, after a retry.
    """
    with engine.begin() as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": FOLD_LOCK}):
            return 0
        row: Any = connection.execute(_FOLD).one()
        folded: int = row.folded
        if row.ended:
            _tell_of(connection, row.ended)
    if folded > MANY:
        # A reader walks over dead rows too, and the server's own cleaning comes once a minute at best.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (SKIP_LOCKED) revelado.count_deltas, revelado.total_deltas"))
    return folded


def _tell_of(connection: Connection, ended: list[int]) -> None:
    for batch in connection.execute(_ENDED, {"ids": ended}):
        told: dict[str, object] = {"batch": batch.id, "label": batch.label, "by": batch.user_name}
        came_of_it = {"completed": batch.completed, "failed": batch.failed}
        webhook.promise(connection, "batch.finished", {**told, **came_of_it})
        if any(came_of_it.values()):
            told_people = {**came_of_it, "to_review": batch.to_review, "in_shop": batch.in_shop}
            connection.execute(_NOTICE, {"batch": batch.id, "params": json.dumps(told_people)})


def audit(connection: Connection) -> list[str]:
    """What differs from counting every row, batch by batch; empty when all is well."""
    return [str(dict(row._mapping)) for row in connection.execute(_AUDIT)]
