"""First originals that a picture of ours has replaced: deleted only when an administrator switched that on, after a grace.

Only photos that were uploaded here have a host to be deleted from; those that came with the catalogue are never ours.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.pipeline.outbox import LOCK_VERSIONS, Effect, mark_deleted
from core.providers.ports import Host
from core.settings.values import load_tuning

log = logging.getLogger("revelado.worker")

#: Replaced for the whole grace by a picture nobody doubts; nothing decided, awaited or in work about the article since;
#: and nobody else's photo. `p` is the original.
_REPLACED = """
    p.kind = 'original' AND p.public_id IS NOT NULL AND p.deleted_at IS NULL
    AND EXISTS (SELECT FROM public.articulos a JOIN revelado.pictures r ON r.articulo_id = a.id
            AND md5(r.url) = md5(a.imagen_url) AND r.url = a.imagen_url
        WHERE a.id = p.articulo_id AND r.kind = 'result' AND r.source_url = p.url AND r.deleted_at IS NULL
        AND (r.review IS NULL OR r.review = 'approved') AND r.published_at <= now() - make_interval(days => :days))
    AND NOT EXISTS (SELECT FROM revelado.decisions d WHERE d.articulo_id = p.articulo_id
        AND greatest(d.decided_at, d.undone_at) > now() - make_interval(days => :days))
    AND NOT EXISTS (SELECT FROM public.articulos a WHERE a.imagen_url = p.url)
    AND NOT EXISTS (SELECT FROM revelado.pictures o WHERE md5(o.url) = md5(p.url) AND o.url = p.url AND o.id <> p.id)
    AND NOT EXISTS (SELECT FROM revelado.pictures o WHERE o.articulo_id = p.articulo_id AND o.review = 'awaiting')
    AND NOT EXISTS (SELECT FROM public.image_processing_queue q WHERE q.articulo_id = p.articulo_id
        AND q.estado IN ('pending', 'processing'))
"""

_PROMISE = text(f"""
    INSERT INTO revelado.outbox (kind, payload, run_after)
    SELECT 'delete_original', jsonb_build_object('picture_id', p.id), now() FROM revelado.pictures p
    WHERE {_REPLACED} AND NOT EXISTS (SELECT FROM revelado.outbox o WHERE o.kind = 'delete_original'
        AND o.done_at IS NULL AND CAST(o.payload ->> 'picture_id' AS bigint) = p.id)
    ORDER BY p.id LIMIT :limit
""")

_LOCK_ARTICLE = text("""
    SELECT id FROM public.articulos WHERE id = (SELECT articulo_id FROM revelado.pictures WHERE id = :id)
    FOR NO KEY UPDATE
""")
_STILL_REPLACED = text(
    f"SELECT p.public_id, p.url FROM revelado.pictures p WHERE p.id = :id AND p.host = :host AND {_REPLACED}"
)


def promise(engine: Engine, limit: int = 500) -> int:
    """Those whose grace is over by now go to the outbox; gives how many. None while the switch is off."""
    with engine.begin() as connection:
        days = load_tuning(connection).keep_originals_days
        return connection.execute(_PROMISE, {"days": days, "limit": limit}).rowcount if days else 0


def deletion(host: Host) -> Effect:
    """Looks again first: what was decided, enqueued or switched off meanwhile keeps the photo."""

    def delete(engine: Engine, payload: Any) -> None:
        with engine.begin() as connection:
            photo = _mark(connection, host, payload["picture_id"])
        if photo is not None:
            host.delete(photo.public_id)
            log.info("🧹 [Cola] Se borró la foto original reemplazada %s", photo.public_id)

    return delete


def _mark(connection: Connection, host: Host, picture_id: int) -> Any | None:
    connection.execute(_LOCK_ARTICLE, {"id": picture_id})
    connection.execute(LOCK_VERSIONS, {"id": picture_id})
    # Marked before, and cut off before it was gone at its host: once more is harmless.
    marked: Any = connection.execute(
        text(
            "SELECT public_id, url FROM revelado.pictures WHERE id = :id AND host = :host AND kind = 'original'"
            " AND deleted_at IS NOT NULL"
        ),
        {"id": picture_id, "host": host.name},
    ).one_or_none()
    days = load_tuning(connection).keep_originals_days
    if marked is not None or not days:
        return marked
    photo: Any = connection.execute(_STILL_REPLACED, {"id": picture_id, "host": host.name, "days": days}).one_or_none()
    if photo is not None:
        mark_deleted(connection, photo.url)
    return photo
