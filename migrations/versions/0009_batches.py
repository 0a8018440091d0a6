"""What a batch cost is read by the batch, not job by job."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("CREATE INDEX purchases_by_batch ON revelado.purchases (batch_id) WHERE batch_id IS NOT NULL")
