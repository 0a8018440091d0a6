"""What people did, line by line; the trigger that chains the lines is in the migration."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from core.db.tables.columns import SCHEMA, metadata, time_column

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),  # without gaps
    time_column("at", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("details", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("previous", BYTEA, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.CheckConstraint("via IN ('panel', 'api', 'cli')", name="audit_via_is_known"),
    sa.Index("audit_by_kind", "kind", "id"),
    sa.Index("audit_by_user", "user_id", "id"),
    sa.Index("audit_by_time", "at"),
    schema=SCHEMA,
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.CheckConstraint("id = 1", name="audit_head_is_one_row"),
    schema=SCHEMA,
)
