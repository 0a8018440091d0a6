"""Less to write at every claim and finish."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = Path(__file__).parent / "0008"


def upgrade() -> None:
    op.execute((SQL / "queue.sql").read_text())
