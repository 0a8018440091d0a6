"""Replaced originals may be deleted, when an administrator switches that on."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE revelado.outbox DROP CONSTRAINT outbox_kind_is_known")
    op.execute(
        "ALTER TABLE revelado.outbox ADD CONSTRAINT outbox_kind_is_known"
        " CHECK (kind IN ('delete_superseded', 'delete_original', 'webhook'))"
    )
    op.execute(
        "CREATE INDEX pictures_kept_originals ON revelado.pictures (id)"
        " WHERE kind = 'original' AND public_id IS NOT NULL AND deleted_at IS NULL"
    )
