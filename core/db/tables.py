"""The tables as SQLAlchemy sees them. `migrations/` makes them; a test shows that both say the same.

`public` holds the three tables of the earlier backend, adopted with their data; everything else is in `revelado`.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

metadata = sa.MetaData()
SCHEMA = "revelado"


def _now() -> sa.Column[object]:
    return sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()"))


def _time(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _money(name: str, nullable: bool = True) -> sa.Column[object]:
    """US$, six decimals: a picture costs a few cents, a thousand text tokens a fraction of one."""
    return sa.Column(name, sa.Numeric(12, 6), nullable=nullable)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger, primary_key=True)


categorias = sa.Table(
    "categorias",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("nombre", sa.Text),
)

articulos = sa.Table(
    "articulos",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("nombre", sa.String(255)),
    sa.Column("descripcion", sa.Text),
    sa.Column("unidad", sa.String(50)),
    sa.Column("categoria_id", sa.Integer),
    sa.Column("imagen_url", sa.Text),
    sa.Column("activo", sa.Boolean, server_default=sa.text("true")),
    sa.Column("codigo", sa.Text),
    sa.Index("articulos_by_codigo", "codigo"),
    sa.Index("articulos_by_categoria", "categoria_id"),
    sa.Index("articulos_by_name", sa.text("revelado.sort_key(nombre)"), "id"),
)

#: At most one live job per article, of the rows we make.
LIVE = "estado IN ('pending', 'processing') AND NOT adopted"
READY = "estado = 'pending' AND run_after IS NULL AND lane = '{}'"
SNOOZED = "estado = 'pending' AND run_after IS NOT NULL"

queue = sa.Table(
    "image_processing_queue",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("articulo_id", sa.Integer),
    sa.Column("estado", sa.String(20), server_default="pending"),
    sa.Column("prioridad", sa.Integer, server_default="0"),
    sa.Column("intentos", sa.Integer, server_default="0"),
    sa.Column("max_intentos", sa.Integer, server_default="3"),
    sa.Column("imagen_url_original", sa.Text),
    sa.Column("imagen_url_procesada", sa.Text),
    sa.Column("articulo_nombre", sa.String(255)),
    sa.Column("articulo_descripcion", sa.Text),
    sa.Column("articulo_unidad", sa.String(50)),
    sa.Column("error_message", sa.Text),
    sa.Column("error_stack", sa.Text),
    sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP")),
    _time("started_at"),
    _time("completed_at"),
    sa.Column("updated_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP")),
    # Ours. The invariants below bind the rows we make: old rows may break them and must still be workable.
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("claim_token", sa.BigInteger, nullable=False, server_default="0"),
    _time("lease_until"),
    sa.Column("worker_id", UUID(as_uuid=True)),
    _time("run_after"),  # NULL: ready now. Snoozed jobs are thus out of the claim's index
    sa.Column("turn", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("batch_id", sa.BigInteger),
    sa.Column("stage", sa.String(20)),
    sa.Column("error_code", sa.String(50)),
    sa.Column("error_params", JSONB),
    sa.Column("lane", sa.Text, nullable=False, server_default="normal"),  # economy: waits for a Gemini Batch
    sa.Column("fresh", sa.Boolean, nullable=False, server_default=sa.text("false")),  # *Rehacer*: skips the cache
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    _time("trouble_since"),  # since when a service's failures, not counted as attempts, keep this job back
    sa.CheckConstraint("lane IN ('normal', 'economy')", name="queue_lane_is_known"),
    sa.CheckConstraint(
        "adopted OR estado IN ('pending', 'processing', 'completed', 'failed')", name="queue_estado_is_known"
    ),
    sa.CheckConstraint("adopted OR intentos BETWEEN 0 AND max_intentos", name="queue_intentos_in_range"),
    sa.CheckConstraint(
        "adopted OR (estado = 'processing') = (lease_until IS NOT NULL)", name="queue_lease_iff_processing"
    ),
    sa.CheckConstraint(
        "adopted OR (estado IN ('completed', 'failed')) = (completed_at IS NOT NULL)", name="queue_end_iff_terminal"
    ),
    sa.Index("idx_queue_estado", "estado"),
    sa.Index("idx_queue_articulo_id", "articulo_id"),
    sa.Index("idx_queue_prioridad", "prioridad"),
    sa.Index("idx_queue_created_at", "created_at"),
    sa.Index("queue_one_live_job", "articulo_id", unique=True, postgresql_where=sa.text(LIVE)),
    *(
        sa.Index(name, sa.text("prioridad DESC NULLS LAST"), "turn", "id", postgresql_where=sa.text(READY.format(lane)))
        for name, lane in (("queue_claim", "normal"), ("queue_claim_economy", "economy"))
    ),
    sa.Index("queue_snoozed", "run_after", postgresql_where=sa.text(SNOOZED)),
    sa.Index("queue_leases", "id", postgresql_where=sa.text("estado = 'processing'")),
    sa.Index("queue_history", "estado", "id"),
    sa.Index("queue_finished", "completed_at", postgresql_where=sa.text("completed_at IS NOT NULL")),
    sa.Index(
        "queue_undated",
        "id",
        postgresql_where=sa.text("completed_at IS NULL AND estado IN ('completed', 'failed')"),
    ),
    sa.Index("queue_by_batch", "batch_id", "id", postgresql_where=sa.text("batch_id IS NOT NULL")),
)

adoptions = sa.Table(
    "adoptions",
    metadata,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("adopted_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("legacy_timezone", sa.Text, nullable=False),
    sa.Column("converted_columns", sa.ARRAY(sa.Text), nullable=False),
    schema=SCHEMA,
)

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
    _id(),
    sa.Column("email", sa.Text, nullable=False),  # lower case
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("language", sa.Text, nullable=False, server_default="es"),
    _now(),
    sa.CheckConstraint("role IN ('consulta', 'operador', 'administrador')", name="users_role_is_known"),
    sa.CheckConstraint("email = lower(email)", name="users_email_is_lower"),
    sa.Index("users_by_email", "email", unique=True),
    schema=SCHEMA,
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),  # sha256 of 32 random bytes; the token itself is never stored
    sa.Column("user_id", sa.BigInteger, sa.ForeignKey("revelado.users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # panel: the browser's cookie; api: a bearer token
    _now(),
    sa.Column("last_seen_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    _time("expires_at", nullable=False),
    _time("revoked_at"),
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
    _time("expires_at", nullable=False),
    schema=SCHEMA,
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    _id(),
    sa.Column("source", sa.Text, nullable=False),  # an address, or an account
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Index("sign_in_failures_by_source", "source", "at"),
    schema=SCHEMA,
)

batches = sa.Table(
    "batches",
    metadata,
    _id(),
    sa.Column("request_id", UUID(as_uuid=True)),  # made when the confirmation opens: a double click is one batch
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False, server_default=""),
    sa.Column("added", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped_articles", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    _now(),
    sa.CheckConstraint("origin IN ('panel', 'api', 'cli')", name="batches_origin_is_known"),
    sa.Index("batches_by_request", "request_id", unique=True),
    schema=SCHEMA,
)

control = sa.Table(
    "queue_control",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("false")),
    _time("paused_until"),  # NULL while paused: until a person resumes
    sa.Column("reason_code", sa.Text),
    sa.Column("reason_params", JSONB),
    sa.Column("reason", sa.Text),
    sa.Column("paused_by", sa.Text),
    _time("paused_at"),
    sa.Column("probing", sa.Text),  # the service whose circuit was open: one job at a time until it answers
    sa.Column("rate_share", sa.Numeric(6, 5), nullable=False, server_default="1"),  # of the limits, after a 429
    _time("rate_cut_at"),
    sa.CheckConstraint("rate_share > 0 AND rate_share <= 1", name="queue_control_share_is_a_share"),
    sa.CheckConstraint("id = 1", name="queue_control_is_one_row"),
    schema=SCHEMA,
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("editor", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    _time("stopped_at"),
    sa.Index("workers_by_seen", "seen_at"),
    schema=SCHEMA,
)

services = sa.Table(
    "services",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("failures_in_row", sa.Integer, nullable=False, server_default="0"),
    sa.Column("openings", sa.Integer, nullable=False, server_default="0"),
    _time("last_success_at"),
    _time("last_failure_at"),
    schema=SCHEMA,
)

_STATES = ("pending", "processing", "completed", "failed")

#: Batch 0 is the whole queue.
counts = sa.Table(
    "counts",
    metadata,
    sa.Column("batch_id", sa.BigInteger, primary_key=True, autoincrement=False),
    *(sa.Column(state, sa.BigInteger, nullable=False, server_default="0") for state in _STATES),
    sa.Index("counts_live", "batch_id", postgresql_where=sa.text("pending > 0 OR processing > 0")),
    schema=SCHEMA,
)

count_deltas = sa.Table(
    "count_deltas",
    metadata,
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    *(sa.Column(state, sa.Integer, nullable=False) for state in _STATES),
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    schema=SCHEMA,
)

total_deltas = sa.Table(
    "total_deltas",
    metadata,
    *(sa.Column(state, sa.Integer, nullable=False) for state in _STATES),
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    schema=SCHEMA,
)

finished = sa.Table(
    "finished",
    metadata,
    sa.Column("minute", sa.TIMESTAMP(timezone=True), primary_key=True),
    sa.Column("completed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failed", sa.Integer, nullable=False, server_default="0"),
    schema=SCHEMA,
)

cancelled_jobs = sa.Table(
    "cancelled_jobs",
    metadata,
    sa.Column("job_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("articulo_id", sa.Integer),
    sa.Column("articulo_nombre", sa.Text),
    sa.Column("batch_id", sa.BigInteger),
    sa.Column("claim_token", sa.BigInteger, nullable=False),
    sa.Column("job", JSONB, nullable=False),  # the whole row, for the record
    sa.Column("cancelled_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("cancelled_by", sa.Text, nullable=False),
    sa.Index("cancelled_jobs_by_batch", "batch_id"),
    schema=SCHEMA,
)

attempts = sa.Table(
    "attempts",
    metadata,
    _id(),
    sa.Column("job_id", sa.Integer, nullable=False),  # no foreign key: what was spent outlives the cleaned job
    sa.Column("articulo_id", sa.Integer),
    sa.Column("claim_token", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("worker_id", UUID(as_uuid=True)),
    sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    _time("finished_at"),
    sa.Column("outcome", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("error_params", JSONB),
    sa.Column("error_message", sa.Text),
    sa.Column("error_stack", sa.Text),
    sa.Column("seconds", JSONB),  # {stage: seconds}
    sa.CheckConstraint(
        "outcome IN ('completed', 'retry', 'failed', 'released', 'snoozed', 'rescued')",
        name="attempts_outcome_is_known",
    ),
    sa.CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name="attempts_outcome_iff_finished"),
    sa.Index("attempts_by_job", "job_id", "claim_token", unique=True),
    schema=SCHEMA,
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("sha256", BYTEA, primary_key=True),
    sa.Column("data", BYTEA, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("touched_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Index("blobs_by_touch", "touched_at"),
    schema=SCHEMA,
)


def _blob(name: str) -> sa.Column[object]:
    return sa.Column(name, BYTEA, sa.ForeignKey("revelado.blobs.sha256"))


purchases = sa.Table(
    "purchases",
    metadata,
    _id(),
    sa.Column("job_id", sa.Integer, nullable=False),
    sa.Column("articulo_id", sa.Integer),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("claim_token", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("editor", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("prompt_version", sa.Text, nullable=False),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("source_sha256", BYTEA, nullable=False),
    _money("estimate", nullable=False),  # reserved before the call
    _money("cost"),  # what the answer says it cost
    sa.Column("usage", JSONB),
    _blob("answer_sha256"),
    sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    _time("closed_at"),
    sa.Column("cache_key", BYTEA),  # of all that decides the picture: the same key is never bought twice at once
    sa.Column("saving", sa.Numeric(12, 6), nullable=False, server_default="0"),  # against the price of the list
    sa.Column("submission_id", sa.BigInteger),
    sa.CheckConstraint(
        "state IN ('open', 'answered', 'used', 'useless', 'doubtful', 'free', 'reused')",
        name="purchases_state_is_known",
    ),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="purchases_closed_iff_not_open"),
    sa.CheckConstraint("state <> 'answered' OR answer_sha256 IS NOT NULL", name="purchases_answered_has_answer"),
    sa.Index("purchases_one_open", "job_id", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("purchases_by_job", "job_id", "generation"),
    sa.Index("purchases_by_time", "opened_at"),
    sa.Index("purchases_by_key", "cache_key", postgresql_where=sa.text("state IN ('open', 'answered')")),
    sa.Index("purchases_by_submission", "submission_id", postgresql_where=sa.text("submission_id IS NOT NULL")),
    sa.Index("purchases_by_answer", "answer_sha256", postgresql_where=sa.text("answer_sha256 IS NOT NULL")),
    schema=SCHEMA,
)

spend = sa.Table(
    "spend",
    metadata,
    sa.Column("slot", sa.TIMESTAMP(timezone=True), primary_key=True),  # start of a quarter of an hour
    sa.Column("amount", sa.Numeric(14, 6), nullable=False, server_default="0"),
    sa.Column("calls", sa.Integer, nullable=False, server_default="0"),
    sa.Column("saved", sa.Numeric(14, 6), nullable=False, server_default="0"),
    schema=SCHEMA,
)

submissions = sa.Table(
    "submissions",
    metadata,
    _id(),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="preparing"),
    sa.Column("file_name", sa.Text),
    sa.Column("remote_name", sa.Text),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    _now(),
    _time("submitted_at"),
    sa.Column("poll_after", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    _time("cancelled_at"),
    _time("finished_at"),
    sa.CheckConstraint("state IN ('preparing', 'submitted', 'done', 'failed')", name="submissions_state_is_known"),
    sa.CheckConstraint(
        "(state IN ('done', 'failed')) = (finished_at IS NOT NULL)", name="submissions_end_iff_finished"
    ),
    sa.CheckConstraint("state <> 'submitted' OR remote_name IS NOT NULL", name="submissions_submitted_has_name"),
    sa.Index("submissions_by_name", "display_name", unique=True),
    sa.Index("submissions_open", "poll_after", postgresql_where=sa.text("finished_at IS NULL")),
    schema=SCHEMA,
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("job_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("expected_url", sa.Text),  # the article's picture when the run began: publish compares and sets
    sa.Column("source_url", sa.Text, nullable=False),
    sa.Column("categoria", sa.Text, nullable=False),
    _blob("source_sha256"),
    _blob("result_sha256"),
    sa.Column("report", JSONB),
    sa.Column("asset", JSONB),
    sa.Column("reused_picture_id", sa.BigInteger),  # the answer cache: its asset is used as it is
    sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Index("checkpoints_by_source", "source_sha256"),
    sa.Index("checkpoints_by_result", "result_sha256"),
    schema=SCHEMA,
)

pictures = sa.Table(
    "pictures",
    metadata,
    _id(),
    sa.Column("articulo_id", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # original: came from outside; result: we made it
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("job_id", sa.Integer),
    sa.Column("source_url", sa.Text),  # of a result: the original it was made from
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("public_id", sa.Text),
    sa.Column("asset_id", sa.Text),
    sa.Column("version", sa.Text),
    sa.Column("etag", sa.Text),
    sa.Column("sha256", BYTEA),
    sa.Column("model", sa.Text),
    _money("cost"),
    sa.Column("report", JSONB),
    _now(),
    _time("published_at"),
    _time("deleted_at"),
    sa.Column("cache_key", BYTEA),
    sa.CheckConstraint("kind IN ('original', 'result')", name="pictures_kind_is_known"),
    sa.CheckConstraint("host IN ('cloudinary', 'local', 'external')", name="pictures_host_is_known"),
    sa.Index("pictures_by_article", "articulo_id", sa.text("md5(url)"), unique=True),
    sa.Index("pictures_by_url", sa.text("md5(url)")),
    sa.Index("pictures_by_job", "job_id"),
    sa.Index(
        "pictures_by_key",
        "cache_key",
        postgresql_where=sa.text("cache_key IS NOT NULL AND deleted_at IS NULL"),
    ),
    schema=SCHEMA,
)

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    _now(),
    _time("run_after", nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    _time("done_at"),
    sa.Column("last_error", sa.Text),
    sa.CheckConstraint("kind IN ('delete_superseded', 'webhook')", name="outbox_kind_is_known"),
    sa.Index("outbox_due", "run_after", postgresql_where=sa.text("done_at IS NULL")),
    schema=SCHEMA,
)
