"""Bytes of running jobs in the database, by their sha256: durable on any machine, shared, purged when unused."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, text

#: Seconds an unreferenced blob stays: longer than any gap between storing one and referring to it.
GRACE = 600


def put(connection: Connection, data: bytes, media_type: str) -> bytes:
    """Stores them once and gives their sha256. The touch keeps a concurrent purge away until this commits."""
    digest = sha256(data).digest()
    connection.execute(
        text(
            "INSERT INTO revelado.blobs (sha256, data, media_type) VALUES (:sha256, :data, :media_type)"
            " ON CONFLICT (sha256) DO UPDATE SET touched_at = now()"
        ),
        {"sha256": digest, "data": data, "media_type": media_type},
    )
    return digest


def get(connection: Connection, digest: bytes) -> tuple[bytes, str]:
    """(data, media type). Only for a digest that a row refers to: foreign keys keep those."""
    row = connection.execute(
        text("SELECT data, media_type FROM revelado.blobs WHERE sha256 = :sha256"), {"sha256": digest}
    ).one()
    return bytes(row.data), row.media_type


def purge(connection: Connection) -> int:
    """Deletes blobs that nothing refers to any more, at most 200 at a time."""
    purged = connection.execute(
        text(
            "DELETE FROM revelado.blobs WHERE sha256 IN ("
            " SELECT b.sha256 FROM revelado.blobs b WHERE touched_at < now() - make_interval(secs => :grace)"
            " AND NOT EXISTS (SELECT FROM revelado.checkpoints c WHERE c.source_sha256 = b.sha256)"
            " AND NOT EXISTS (SELECT FROM revelado.checkpoints c WHERE c.result_sha256 = b.sha256)"
            " AND NOT EXISTS (SELECT FROM revelado.purchases p WHERE p.answer_sha256 = b.sha256)"
            " ORDER BY touched_at LIMIT 200 FOR UPDATE SKIP LOCKED)"
            " AND touched_at < now() - make_interval(secs => :grace)"
        ),
        {"grace": GRACE},
    )
    return purged.rowcount
