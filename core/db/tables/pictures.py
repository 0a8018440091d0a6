"""What is made and how: recipes with their versions, every picture an article had, and what people decided about it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from core.db.tables.columns import SCHEMA, id_column, metadata, money_column, now_column, time_column

recipes = sa.Table(
    "recipes",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    # Parts of folded category names that it suits without being chosen.
    sa.Column("suits", sa.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]")),
    sa.Column("general", sa.Boolean, nullable=False, server_default=sa.text("false")),
    now_column(),
    sa.Column("created_by", sa.Text, nullable=False),
    time_column("archived_at"),
    sa.CheckConstraint("NOT general OR archived_at IS NULL", name="recipes_general_stays"),
    sa.CheckConstraint("btrim(name) <> ''", name="recipes_has_name"),
    sa.Index(
        "recipes_by_name",
        sa.text("revelado.sort_key(name)"),
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    ),
    sa.Index("recipes_one_general", "general", unique=True, postgresql_where=sa.text("general")),
    schema=SCHEMA,
)

recipe_versions = sa.Table(
    "recipe_versions",
    metadata,
    id_column(),
    sa.Column("recipe_id", sa.BigInteger, sa.ForeignKey(f"{SCHEMA}.recipes.id"), nullable=False),
    sa.Column("number", sa.Integer),  # NULL: a draft, which only trials use
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("model", sa.Text),  # NULL: the installation's
    sa.Column("size", sa.Integer, nullable=False, server_default="1600"),  # pixels, where the source allows
    sa.Column("fill", sa.Numeric(3, 2), nullable=False, server_default=sa.text("0.88")),  # of the longer side
    sa.Column("shadow", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("publish", sa.Text),  # NULL: by its kind and by where the job came from
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    now_column(),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.CheckConstraint("kind IN ('faithful', 'composite', 'creative')", name="recipe_versions_kind_is_known"),
    sa.CheckConstraint("publish IN ('at_once', 'if_good', 'after_review')", name="recipe_versions_publish_is_known"),
    sa.CheckConstraint("size BETWEEN 1200 AND 2000", name="recipe_versions_size_fits"),
    sa.CheckConstraint("fill BETWEEN 0.50 AND 0.98", name="recipe_versions_fill_fits"),
    sa.Index("recipe_versions_by_number", "recipe_id", "number", unique=True),
    schema=SCHEMA,
)

category_recipes = sa.Table(
    "category_recipes",
    metadata,
    sa.Column("categoria_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("recipe_id", sa.BigInteger, sa.ForeignKey(f"{SCHEMA}.recipes.id"), nullable=False),
    sa.Column("chosen_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("chosen_by", sa.Text, nullable=False),
    schema=SCHEMA,
)

pictures = sa.Table(
    "pictures",
    metadata,
    id_column(),
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
    money_column("cost"),
    sa.Column("report", JSONB),
    now_column(),
    time_column("published_at"),
    time_column("deleted_at"),
    sa.Column("cache_key", BYTEA),
    sa.Column("recipe_version_id", sa.BigInteger, sa.ForeignKey(f"{SCHEMA}.recipe_versions.id")),
    sa.Column("batch_id", sa.BigInteger),
    sa.Column("verdict", sa.Text),  # of the inspection
    sa.Column("review", sa.Text),  # a person's look; NULL: none is asked for
    sa.Column("replaces_url", sa.Text),  # the article's picture when this was made: what undoing gives back
    time_column("judged_at"),
    sa.Column("judged_by", sa.Text),
    sa.Column("reviewer_id", sa.BigInteger),  # who is looking at it now, until:
    time_column("reviewer_until"),
    sa.CheckConstraint("verdict IN ('good', 'doubtful', 'bad')", name="pictures_verdict_is_known"),
    sa.CheckConstraint(
        "review IN ('trial', 'awaiting', 'approved', 'rejected', 'superseded')", name="pictures_review_is_known"
    ),
    sa.CheckConstraint(
        "(judged_at IS NOT NULL) = (coalesce(review, '') IN ('approved', 'rejected'))",
        name="pictures_judged_iff_decided",
    ),
    sa.Index("pictures_awaiting", "id", postgresql_where=sa.text("review = 'awaiting' AND deleted_at IS NULL")),
    sa.Index(
        "pictures_kept_originals",
        "id",
        postgresql_where=sa.text("kind = 'original' AND public_id IS NOT NULL AND deleted_at IS NULL"),
    ),
    sa.Index("pictures_by_batch", "batch_id", postgresql_where=sa.text("batch_id IS NOT NULL")),
    sa.Index(
        "pictures_made",
        "created_at",
        postgresql_include=["review", "published_at"],
        postgresql_where=sa.text("kind = 'result'"),
    ),
    sa.Index("pictures_judged", "judged_at", postgresql_where=sa.text("judged_at IS NOT NULL")),
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

decisions = sa.Table(
    "decisions",
    metadata,
    id_column(),
    sa.Column("picture_id", sa.BigInteger, sa.ForeignKey(f"{SCHEMA}.pictures.id"), nullable=False),
    sa.Column("articulo_id", sa.Integer, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("batch_id", sa.BigInteger),  # decided for a whole batch at once
    sa.Column("url_before", sa.Text),  # the article's picture; both NULL when the shop was not changed
    sa.Column("url_after", sa.Text),
    sa.Column("review_before", sa.Text),
    sa.Column("job_id", sa.Integer),  # of a redo: the job it enqueued
    time_column("undone_at"),
    sa.Column("undone_by", sa.Text),
    sa.CheckConstraint(
        "action IN ('approve', 'reject', 'redo', 'keep_original', 'restore', 'undo_batch')",
        name="decisions_action_is_known",
    ),
    sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="decisions_undone_by_somebody"),
    sa.Index("decisions_by_picture", "picture_id", "id"),
    sa.Index("decisions_by_article", "articulo_id", "id"),
    sa.Index("decisions_by_time", "decided_at"),
    schema=SCHEMA,
)
