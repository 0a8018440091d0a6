"""What the tables share."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

metadata = sa.MetaData()
SCHEMA = "revelado"


def now_column() -> sa.Column[object]:
    return sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()"))


def time_column(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def money_column(name: str, nullable: bool = True) -> sa.Column[object]:
    """US$, six decimals: a picture costs a few cents, a thousand text tokens a fraction of one."""
    return sa.Column(name, sa.Numeric(12, 6), nullable=nullable)


def id_column() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger, primary_key=True)


def blob_column(name: str) -> sa.Column[object]:
    return sa.Column(name, BYTEA, sa.ForeignKey("revelado.blobs.sha256"))
