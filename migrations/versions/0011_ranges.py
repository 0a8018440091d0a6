"""The jobs of a batch are found by their ids, which lie together."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"

SQL = Path(__file__).parent / "0011"


def upgrade() -> None:
    op.execute((SQL / "queue.sql").read_text())
