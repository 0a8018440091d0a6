"""What is bought: the ledger, the bytes on their way, and what is still promised."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from core.db.tables.columns import SCHEMA, blob_column, id_column, metadata, money_column, now_column, time_column

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

purchases = sa.Table(
    "purchases",
    metadata,
    id_column(),
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
    money_column("estimate", nullable=False),  # reserved before the call
    money_column("cost"),  # what the answer says it cost
    sa.Column("usage", JSONB),
    blob_column("answer_sha256"),
    sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    time_column("closed_at"),
    sa.Column("cache_key", BYTEA),  # of all that decides the picture: the same key is never bought twice at once
    sa.Column("saving", sa.Numeric(12, 6), nullable=False, server_default="0"),  # against the price of the list
    sa.Column("submission_id", sa.BigInteger),
    sa.Column("batch_id", sa.BigInteger),  # who had it bought, also when the job was cleaned
    sa.CheckConstraint(
        "state IN ('open', 'answered', 'used', 'useless', 'doubtful', 'free', 'reused')",
        name="purchases_state_is_known",
    ),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="purchases_closed_iff_not_open"),
    sa.CheckConstraint("state <> 'answered' OR answer_sha256 IS NOT NULL", name="purchases_answered_has_answer"),
    sa.Index("purchases_one_open", "job_id", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("purchases_by_job", "job_id", "generation"),
    sa.Index("purchases_by_batch", "batch_id", postgresql_where=sa.text("batch_id IS NOT NULL")),
    sa.Index(
        "purchases_by_time",
        "opened_at",
        postgresql_include=["articulo_id", "batch_id", "state", "cost", "estimate", "saving", "submission_id"],
    ),
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
    id_column(),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="preparing"),
    sa.Column("file_name", sa.Text),
    sa.Column("remote_name", sa.Text),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    now_column(),
    time_column("submitted_at"),
    sa.Column("poll_after", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    time_column("cancelled_at"),
    time_column("finished_at"),
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
    blob_column("source_sha256"),
    blob_column("result_sha256"),
    sa.Column("report", JSONB),
    sa.Column("asset", JSONB),
    sa.Column("recipe_version_id", sa.BigInteger),  # the recipe this run began with
    sa.Column("reused_picture_id", sa.BigInteger),  # the answer cache: its asset is used as it is
    sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Index("checkpoints_by_source", "source_sha256"),
    sa.Index("checkpoints_by_result", "result_sha256"),
    schema=SCHEMA,
)

outbox = sa.Table(
    "outbox",
    metadata,
    id_column(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    now_column(),
    time_column("run_after", nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    time_column("done_at"),
    sa.Column("last_error", sa.Text),
    sa.CheckConstraint("kind IN ('delete_superseded', 'delete_original', 'webhook')", name="outbox_kind_is_known"),
    sa.Index("outbox_due", "run_after", postgresql_where=sa.text("done_at IS NULL")),
    schema=SCHEMA,
)
