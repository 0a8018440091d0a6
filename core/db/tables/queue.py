"""The queue: its jobs, who works on them, and how many there are."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from core.db.tables.columns import SCHEMA, id_column, metadata, now_column, time_column

#: At most one live job per article, of the rows we make; a recipe's trial runs beside it.
LIVE = "estado IN ('pending', 'processing') AND NOT adopted AND NOT trial"
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
    time_column("started_at"),
    time_column("completed_at"),
    sa.Column("updated_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP")),
    # Ours. The invariants below bind the rows we make: old rows may break them and must still be workable.
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("claim_token", sa.BigInteger, nullable=False, server_default="0"),
    time_column("lease_until"),
    sa.Column("worker_id", UUID(as_uuid=True)),
    time_column("run_after"),  # NULL: ready now. Snoozed jobs are thus out of the claim's index
    sa.Column("turn", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("batch_id", sa.BigInteger),
    sa.Column("stage", sa.String(20)),
    sa.Column("error_code", sa.String(50)),
    sa.Column("error_params", JSONB),
    sa.Column("lane", sa.Text, nullable=False, server_default="normal"),  # economy: waits for a Gemini Batch
    sa.Column("fresh", sa.Boolean, nullable=False, server_default=sa.text("false")),  # *Rehacer*: skips the cache
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("recipe_version_id", sa.BigInteger),  # NULL: the category's recipe when the run begins
    sa.Column("note", sa.Text),  # what a reviewer adds to the prompt
    sa.Column(
        "trial", sa.Boolean, nullable=False, server_default=sa.text("false")
    ),  # judges a recipe, is never published
    time_column("trouble_since"),  # since when a service's failures, not counted as attempts, keep this job back
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
    sa.Index("queue_history", "estado", "id"),
    sa.Index("queue_finished", "completed_at", postgresql_where=sa.text("completed_at IS NOT NULL")),
    sa.Index(
        "queue_undated",
        "id",
        postgresql_where=sa.text("completed_at IS NULL AND estado IN ('completed', 'failed')"),
    ),
    sa.Index(
        "queue_failures",
        "error_code",
        "id",
        "articulo_id",
        "completed_at",
        "trial",
        postgresql_where=sa.text("estado = 'failed'"),
    ),
    sa.Index(
        "queue_ended_by_article",
        "articulo_id",
        "id",
        postgresql_where=sa.text("estado IN ('completed', 'failed') AND NOT trial"),
    ),
)

batches = sa.Table(
    "batches",
    metadata,
    id_column(),
    sa.Column("request_id", UUID(as_uuid=True)),  # made when the confirmation opens: a double click is one batch
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False, server_default=""),
    sa.Column("added", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped_articles", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    now_column(),
    sa.Column("pilot", sa.Text),  # waiting: the first few are made, the rest is held until a person's yes
    time_column("pilot_ended_at"),
    sa.Column("pilot_ended_by", sa.Text),
    # Its jobs came by one statement: between these two ids they are found by primary key. The queue's trigger keeps them.
    sa.Column("first_id", sa.BigInteger),
    sa.Column("last_id", sa.BigInteger),
    sa.CheckConstraint("pilot IN ('waiting', 'released', 'cancelled')", name="batches_pilot_is_known"),
    sa.CheckConstraint(
        "(coalesce(pilot, 'waiting') = 'waiting') = (pilot_ended_at IS NULL)", name="batches_pilot_ended_by_somebody"
    ),
    sa.Index("batches_pilots", "id", postgresql_where=sa.text("pilot = 'waiting'")),
    sa.CheckConstraint("origin IN ('panel', 'api', 'cli')", name="batches_origin_is_known"),
    sa.Index("batches_by_request", "request_id", unique=True),
    schema=SCHEMA,
)

control = sa.Table(
    "queue_control",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("false")),
    time_column("paused_until"),  # NULL while paused: until a person resumes
    sa.Column("reason_code", sa.Text),
    sa.Column("reason_params", JSONB),
    sa.Column("reason", sa.Text),
    sa.Column("paused_by", sa.Text),
    time_column("paused_at"),
    sa.Column("probing", sa.Text),  # the service whose circuit was open: one job at a time until it answers
    sa.Column("rate_share", sa.Numeric(6, 5), nullable=False, server_default="1"),  # of the limits, after a 429
    time_column("rate_cut_at"),
    time_column("schedule_off_until"),  # somebody let the queue go on outside its hours, until they begin anew
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
    time_column("stopped_at"),
    sa.Index("workers_by_seen", "seen_at"),
    schema=SCHEMA,
)

services = sa.Table(
    "services",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("failures_in_row", sa.Integer, nullable=False, server_default="0"),
    sa.Column("openings", sa.Integer, nullable=False, server_default="0"),
    time_column("last_success_at"),
    time_column("last_failure_at"),
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
    id_column(),
    sa.Column("job_id", sa.Integer, nullable=False),  # no foreign key: what was spent outlives the cleaned job
    sa.Column("articulo_id", sa.Integer),
    sa.Column("claim_token", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("worker_id", UUID(as_uuid=True)),
    sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    time_column("finished_at"),
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
