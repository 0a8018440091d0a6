"""Removes old finished jobs; what they cost and made stays."""

from __future__ import annotations

from sqlalchemy import Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.errors import InvalidInput

_CUTOFF = "now() - make_interval(days => :days)"
#: Dated by its end, in the order of an index; rows of the earlier backend may lack one.
_DATED = f"estado IN ('completed', 'failed') AND completed_at < {_CUTOFF}"
_UNDATED = f"""estado IN ('completed', 'failed') AND completed_at IS NULL
    AND coalesce(updated_at, created_at, '-infinity') < {_CUTOFF}"""

#: `= ANY (ARRAY (…))`, not a join: a planner that expects 10,000 rows would read the whole table to find them.
_CLEAN = text(f"""
    WITH dated AS (
        SELECT id FROM public.image_processing_queue WHERE {_DATED}
        ORDER BY completed_at LIMIT 10000 FOR UPDATE SKIP LOCKED
    ), undated AS (
        SELECT id FROM public.image_processing_queue WHERE {_UNDATED} ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
    ), old AS (
        SELECT ARRAY (SELECT id FROM dated UNION ALL SELECT id FROM undated) AS ids
    ), released AS (
        UPDATE revelado.purchases p SET answer_sha256 = NULL, state = 'useless'
        WHERE p.job_id = ANY ((SELECT ids FROM old)::int[]) AND p.state = 'answered'
    ), remembered AS (
        -- Only the old backend's own row tells what its picture was made from; a second run must not edit an edit.
        INSERT INTO revelado.pictures (articulo_id, kind, url, job_id, source_url, host)
        SELECT DISTINCT ON (q.articulo_id) q.articulo_id, 'result', q.imagen_url_procesada, q.id, q.imagen_url_original,
            'external'
        FROM public.image_processing_queue q JOIN public.articulos a ON a.id = q.articulo_id
        WHERE q.id = ANY ((SELECT ids FROM old)::int[]) AND q.adopted AND q.estado = 'completed'
            AND q.imagen_url_procesada = a.imagen_url AND coalesce(q.imagen_url_original, '') <> ''
        ORDER BY q.articulo_id, q.id DESC ON CONFLICT (articulo_id, md5(url)) DO NOTHING
    ), forgotten AS (DELETE FROM revelado.checkpoints WHERE job_id = ANY ((SELECT ids FROM old)::int[]))
    DELETE FROM public.image_processing_queue WHERE id = ANY ((SELECT ids FROM old)::int[]) RETURNING id
""")


def count_old(engine: Engine, days: int) -> int:
    """How many `clean` would remove now."""
    with engine.connect() as connection:
        count = connection.scalar(
            text(
                f"SELECT (SELECT count(*) FROM public.image_processing_queue WHERE {_DATED})"
                f" + (SELECT count(*) FROM public.image_processing_queue WHERE {_UNDATED})"
            ),
            {"days": _days(days)},
        )
    return int(count or 0)


def clean(engine: Engine, actor: Actor, days: int) -> int:
    """Removes completed and failed jobs older than `days`; what they cost and made stays. Gives how many."""
    actor.require(Role.ADMIN)
    removed = 0
    while True:
        with engine.begin() as connection:
            batch = len(connection.execute(_CLEAN, {"days": _days(days)}).all())
            if batch:
                audit.record(connection, actor, "clean", jobs=batch, days=days)
        removed += batch
        if batch == 0:
            return removed


def _days(days: int) -> int:
    if not 0 <= days <= 36500:
        raise InvalidInput(field="dias", why="use un número de días entre 0 y 36500.")
    return days
