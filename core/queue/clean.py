"""Removes old finished jobs; what they cost and made stays."""

from __future__ import annotations

from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.errors import InvalidInput

#: Dated by its end; rows of the earlier backend may lack one.
_OLD = """estado IN ('completed', 'failed')
    AND coalesce(completed_at, updated_at, created_at, '-infinity') < now() - make_interval(days => :days)"""

_CLEAN = text(f"""
    WITH old AS (
        SELECT id FROM public.image_processing_queue WHERE {_OLD} ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
    ), released AS (
        UPDATE revelado.purchases p SET answer_sha256 = NULL, state = 'useless' FROM old
        WHERE p.job_id = old.id AND p.state = 'answered'
    ), remembered AS (
        -- Only the old backend's own row tells what its picture was made from; a second run must not edit an edit.
        INSERT INTO revelado.pictures (articulo_id, kind, url, job_id, source_url, host)
        SELECT DISTINCT ON (q.articulo_id) q.articulo_id, 'result', q.imagen_url_procesada, q.id, q.imagen_url_original,
            'external'
        FROM public.image_processing_queue q JOIN old USING (id) JOIN public.articulos a ON a.id = q.articulo_id
        WHERE q.adopted AND q.estado = 'completed' AND q.imagen_url_procesada = a.imagen_url
            AND coalesce(q.imagen_url_original, '') <> ''
        ORDER BY q.articulo_id, q.id DESC ON CONFLICT (articulo_id, md5(url)) DO NOTHING
    ), forgotten AS (DELETE FROM revelado.checkpoints c USING old WHERE c.job_id = old.id)
    DELETE FROM public.image_processing_queue q USING old WHERE q.id = old.id RETURNING q.id
""")


def count_old(engine: Engine, days: int) -> int:
    """How many `clean` would remove now."""
    with engine.connect() as connection:
        count = connection.scalar(
            text(f"SELECT count(*) FROM public.image_processing_queue WHERE {_OLD}"), {"days": _days(days)}
        )
    return int(count or 0)


def clean(engine: Engine, actor: Actor, days: int) -> int:
    """Removes completed and failed jobs older than `days`; what they cost and made stays. Gives how many."""
    actor.require(Role.ADMIN)
    removed = 0
    while True:
        with engine.begin() as connection:
            batch = len(connection.execute(_CLEAN, {"days": _days(days)}).all())
        removed += batch
        if batch == 0:
            return removed


def _days(days: int) -> int:
    if not 0 <= days <= 36500:
        raise InvalidInput(field="dias", why="use un número de días entre 0 y 36500.")
    return days
