"""The batches with pictures that await a verdict: what a reviewer can choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

_OPEN = text("""
    SELECT b.id, b.label, b.user_name, b.created_at, n.total, n.good
    FROM (
        SELECT p.batch_id, count(*) AS total, count(*) FILTER (WHERE p.verdict = 'good') AS good
        FROM revelado.pictures p JOIN public.articulos a ON a.id = p.articulo_id
        WHERE p.review = 'awaiting' AND p.deleted_at IS NULL AND p.batch_id IS NOT NULL GROUP BY p.batch_id
    ) n JOIN revelado.batches b ON b.id = n.batch_id ORDER BY b.id DESC LIMIT :limit
""")


@dataclass(frozen=True)
class OpenBatch:
    id: int
    label: str
    user_name: str
    created_at: datetime
    total: int  #: pictures that await a verdict
    good: int  #: of which the inspection calls good


def open_batches(engine: Engine, limit: int = 100) -> list[OpenBatch]:
    """The newest first."""
    with engine.connect() as connection:
        return [OpenBatch(**row._mapping) for row in connection.execute(_OPEN, {"limit": limit})]
