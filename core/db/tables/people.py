"""Who may do what, and what they set."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

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
    sa.Column("totp_secret", sa.Text),
    sa.Column("totp_on", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("totp_step", sa.BigInteger),  # the last code used: none works twice
    sa.CheckConstraint("role IN ('consulta', 'operador', 'administrador')", name="users_role_is_known"),
    sa.CheckConstraint("email = lower(email)", name="users_email_is_lower"),
    sa.CheckConstraint("language IN ('es', 'en')", name="users_language_is_known"),
    sa.CheckConstraint("NOT totp_on OR totp_secret IS NOT NULL", name="users_totp_has_secret"),
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

notices = sa.Table(
    "notices",
    metadata,
    id_column(),
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("batch_id", sa.BigInteger),
    sa.Column("params", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.CheckConstraint("kind IN ('batch_ended', 'queue_paused', 'help_wanted')", name="notices_kind_is_known"),
    sa.Index("notices_by_time", "at"),
    schema=SCHEMA,
)

notice_choices = sa.Table(
    "notice_choices",
    metadata,
    sa.Column(
        "user_id",
        sa.BigInteger,
        sa.ForeignKey("revelado.users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("seen_id", sa.BigInteger, nullable=False, server_default="0"),  # the last notice this user has seen
    sa.Column("browser", sa.Boolean, nullable=False, server_default=sa.text("false")),
    schema=SCHEMA,
)


def _user_column() -> sa.Column[object]:
    return sa.Column("user_id", sa.BigInteger, sa.ForeignKey("revelado.users.id", ondelete="CASCADE"), nullable=False)


saved_filters = sa.Table(
    "saved_filters",
    metadata,
    id_column(),
    _user_column(),
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

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    id_column(),
    _user_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("token_hash", BYTEA, nullable=False),
    sa.Column("starts", sa.Text, nullable=False),  # its first characters, by which its owner knows it
    sa.Column("scope", sa.Text, nullable=False),
    now_column(),
    time_column("expires_at", nullable=False),
    time_column("last_used_at"),
    sa.Column("last_address", sa.Text),
    time_column("revoked_at"),
    sa.Column(
        "calls", ARRAY(sa.TIMESTAMP(timezone=True)), nullable=False, server_default=sa.text("'{}'::timestamptz[]")
    ),
    sa.CheckConstraint("scope IN ('read', 'operate')", name="api_tokens_scope_is_known"),
    sa.Index("api_tokens_by_hash", "token_hash", unique=True),
    sa.Index("api_tokens_by_user", "user_id"),
    schema=SCHEMA,
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_hash", BYTEA, nullable=False),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("answer", JSONB),
    now_column(),
    sa.Index("idempotency_keys_by_time", "created_at"),
    schema=SCHEMA,
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),
    _user_column(),
    time_column("expires_at", nullable=False),
    sa.Index("invitations_by_user", "user_id"),
    schema=SCHEMA,
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("code_hash", BYTEA, nullable=False),
    _user_column(),
    sa.PrimaryKeyConstraint("user_id", "code_hash"),
    schema=SCHEMA,
)
