"""Who may do what, and what they set."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from core.db.tables.columns import SCHEMA, id_column, metadata, now_column, time_column

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", JSONB, nullable=False),
    sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("updated_by", sa.Text, nullable=False),
    schema=SCHEMA,
)

users = sa.Table(
    "users",
    metadata,
    id_column(),
    sa.Column("email", sa.Text, nullable=False),  # lower case
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("language", sa.Text, nullable=False, server_default="es"),
    now_column(),
    sa.CheckConstraint("role IN ('consulta', 'operador', 'administrador')", name="users_role_is_known"),
    sa.CheckConstraint("email = lower(email)", name="users_email_is_lower"),
    sa.CheckConstraint("language IN ('es', 'en')", name="users_language_is_known"),
    sa.Index("users_by_email", "email", unique=True),
    schema=SCHEMA,
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),  # sha256 of 32 random bytes; the token itself is never stored
    sa.Column("user_id", sa.BigInteger, sa.ForeignKey("revelado.users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # panel: the browser's cookie; api: a bearer token
    now_column(),
    sa.Column("last_seen_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    time_column("expires_at", nullable=False),
    time_column("revoked_at"),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.CheckConstraint("kind IN ('panel', 'api')", name="sessions_kind_is_known"),
    sa.Index("sessions_by_user", "user_id"),
    sa.Index("sessions_by_expiry", "expires_at"),
    schema=SCHEMA,
)

tickets = sa.Table(
    "sign_in_tickets",
    metadata,
    sa.Column("ticket_hash", BYTEA, primary_key=True),
    sa.Column("token", sa.Text, nullable=False),  # lives seconds, is deleted when exchanged for the cookie
    time_column("expires_at", nullable=False),
    schema=SCHEMA,
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    id_column(),
    sa.Column("source", sa.Text, nullable=False),  # an address, or an account
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Index("sign_in_failures_by_source", "source", "at"),
    schema=SCHEMA,
)

saved_filters = sa.Table(
    "saved_filters",
    metadata,
    id_column(),
    sa.Column("user_id", sa.BigInteger, sa.ForeignKey("revelado.users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),  # the words of the page's address
    now_column(),
    sa.CheckConstraint("name <> '' AND length(name) <= 60", name="saved_filters_name_fits"),
    sa.CheckConstraint("length(query) <= 2000", name="saved_filters_query_fits"),
    sa.Index("saved_filters_by_name", "user_id", "page", sa.text("lower(name)"), unique=True),
    schema=SCHEMA,
)

preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("user_id", sa.BigInteger, sa.ForeignKey("revelado.users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    schema=SCHEMA,
)
