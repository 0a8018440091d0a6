"""Effects outside the database that were promised inside a transaction: repeated until done, each idempotent."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.errors import JobError
from core.providers.ports import Host

log = logging.getLogger("revelado.worker")

#: Taking an entry postpones it: should this worker die, another finds it due again.
_TAKE = text("""
    UPDATE revelado.outbox SET tries = tries + 1, run_after = now() + make_interval(mins => 5 * least(tries + 1, 12))
    WHERE id = (SELECT id FROM revelado.outbox WHERE done_at IS NULL AND run_after <= now()
        ORDER BY run_after LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, payload
""")

#: Not while any article shows it, nor when it is what another picture was, or is being, made from.
_DELETABLE = text("""
    SELECT p.id, p.public_id, p.url FROM revelado.pictures p WHERE p.id = :id AND p.kind = 'result'
    AND p.host = :host AND p.deleted_at IS NULL AND NOT EXISTS (
        SELECT FROM public.articulos a WHERE a.imagen_url = p.url)
    AND NOT EXISTS (SELECT FROM revelado.pictures o WHERE md5(o.url) = md5(p.url) AND o.url = p.url AND o.kind = 'original')
    AND NOT EXISTS (SELECT FROM revelado.checkpoints c WHERE p.url IN (c.source_url, c.expected_url))
""")


def work_off(engine: Engine, host: Host, limit: int = 20) -> int:
    """Does what is due, at most `limit` entries; gives how many were done."""
    done = 0
    for _ in range(limit):
        with engine.begin() as connection:
            entry: Any = connection.execute(_TAKE).one_or_none()
        if entry is None:
            break
        done += _delete_superseded(engine, host, entry.id, entry.payload["picture_id"])
    return done


def _delete_superseded(engine: Engine, host: Host, entry_id: int, picture_id: int) -> bool:
    with engine.begin() as connection:
        picture: Any = connection.execute(_DELETABLE, {"id": picture_id, "host": host.name}).one_or_none()
        if picture is None:
            _mark_done(connection, entry_id)
            return True
    try:
        host.delete(picture.public_id)
    except JobError as error:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE revelado.outbox SET last_error = :error WHERE id = :id"),
                {"id": entry_id, "error": error.text},
            )
        return False
    with engine.begin() as connection:
        connection.execute(text("UPDATE revelado.pictures SET deleted_at = now() WHERE id = :id"), {"id": picture.id})
        _mark_done(connection, entry_id)
    log.info("🧹 [Cola] Se borró la imagen reemplazada %s", picture.public_id)
    return True


def _mark_done(connection: Connection, entry_id: int) -> None:
    connection.execute(text("UPDATE revelado.outbox SET done_at = now() WHERE id = :id"), {"id": entry_id})
