"""Effects outside the database that were promised inside a transaction: repeated until done, each idempotent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.db.text import storable
from core.errors import JobError
from core.providers.ports import Host

log = logging.getLogger("revelado.worker")

#: Taking an entry postpones it: should this worker die, another finds it due again.
_TAKE = text("""
    UPDATE revelado.outbox SET tries = tries + 1, run_after = now() + make_interval(mins => 5 * least(tries + 1, 12))
    WHERE id = (SELECT id FROM revelado.outbox WHERE done_at IS NULL AND run_after <= now() AND kind = ANY(:kinds)
        ORDER BY run_after LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload
""")

#: Every version that shows this address, of whatever article: whoever is about to use one again waits, or is seen below.
LOCK_VERSIONS = text("""
    SELECT o.id FROM revelado.pictures p JOIN revelado.pictures o ON md5(o.url) = md5(p.url) AND o.url = p.url
    WHERE p.id = :id ORDER BY o.id FOR UPDATE OF o
""")

#: Not while any article shows it or a person's verdict on it is awaited, nor when it is what another picture was, or is
#: being, made from; not when it was replaced once more since, which promised it anew (by an entry that nobody took yet).
#: A statement of its own after the locks: its snapshot must hold what those who had them wrote.
_DELETABLE = text("""
    SELECT p.id, p.public_id, p.url FROM revelado.pictures p WHERE p.id = :id AND p.kind = 'result'
    AND p.host = :host AND NOT EXISTS (SELECT FROM public.articulos a WHERE a.imagen_url = p.url)
    AND NOT EXISTS (SELECT FROM revelado.pictures o WHERE md5(o.url) = md5(p.url) AND o.url = p.url
        AND (o.kind = 'original' OR o.review = 'awaiting'))
    AND NOT EXISTS (SELECT FROM revelado.checkpoints c WHERE p.url IN (c.source_url, c.expected_url, c.asset ->> 'url'))
    AND NOT EXISTS (SELECT FROM revelado.outbox again JOIN revelado.pictures o
            ON o.id = CAST(again.payload ->> 'picture_id' AS bigint)
        WHERE again.kind = 'delete_superseded' AND again.done_at IS NULL AND again.tries = 0 AND again.run_after > now()
        AND md5(o.url) = md5(p.url) AND o.url = p.url)
""")

#: What went wrong first, then what is due next.
_PENDING = text("""
    SELECT o.kind, o.tries, o.last_error, o.run_after, a.nombre, count(*) OVER () AS total
    FROM revelado.outbox o
    LEFT JOIN revelado.pictures p ON o.kind IN ('delete_superseded', 'delete_original')
        AND p.id = (o.payload ->> 'picture_id')::bigint
    LEFT JOIN public.articulos a ON a.id = p.articulo_id
    WHERE o.done_at IS NULL ORDER BY o.last_error IS NULL, o.run_after, o.id LIMIT :limit
""")

Effect = Callable[[Engine, Any], None]


@dataclass(frozen=True)
class Entry:
    """An effect that is still to come."""

    kind: str
    tries: int
    last_error: str | None
    run_after: datetime
    articulo_nombre: str | None  #: whose picture it is about, if any


def pending(connection: Connection, limit: int = 10) -> tuple[list[Entry], int]:
    """Those that failed, then those due next; and how many there are in all."""
    rows = connection.execute(_PENDING, {"limit": limit}).all()
    entries = [Entry(row.kind, row.tries, row.last_error, row.run_after, row.nombre) for row in rows]
    return entries, rows[0].total if rows else 0


def work_off(
    engine: Engine, effects: dict[str, Effect], stopping: Callable[[], bool] = lambda: False, limit: int = 20
) -> int:
    """Does what is due of these kinds, at most `limit` entries, until `stopping`; gives how many were done."""
    done = 0
    for _ in range(limit):
        if stopping():
            break
        with engine.begin() as connection:
            entry: Any = connection.execute(_TAKE, {"kinds": list(effects)}).one_or_none()
        if entry is None:
            break
        try:
            effects[entry.kind](engine, entry.payload)
        except JobError as error:
            with engine.begin() as connection:
                connection.execute(
                    text("UPDATE revelado.outbox SET last_error = :error WHERE id = :id"),
                    {"id": entry.id, "error": storable(error.text)},
                )
            continue
        with engine.begin() as connection:
            connection.execute(text("UPDATE revelado.outbox SET done_at = now() WHERE id = :id"), {"id": entry.id})
        done += 1
    return done


def deletion(host: Host) -> Effect:
    """Deletes a superseded picture at the host. Marked first: from then on nobody uses its address again."""

    def delete(engine: Engine, payload: Any) -> None:
        with engine.begin() as connection:
            picture = _mark_superseded(connection, host, payload["picture_id"])
        if picture is not None:
            host.delete(picture.public_id)
            log.info("🧹 [Cola] Se borró la imagen reemplazada %s", picture.public_id)

    return delete


def _mark_superseded(connection: Connection, host: Host, picture_id: int) -> Any | None:
    connection.execute(LOCK_VERSIONS, {"id": picture_id})
    picture: Any = connection.execute(_DELETABLE, {"id": picture_id, "host": host.name}).one_or_none()
    if picture is not None:
        mark_deleted(connection, picture.url)
    return picture


def mark_deleted(connection: Connection, url: str) -> None:
    connection.execute(
        text(
            "UPDATE revelado.pictures SET deleted_at = coalesce(deleted_at, now())"
            " WHERE md5(url) = md5(:url) AND url = :url"
        ),
        {"url": url},
    )
