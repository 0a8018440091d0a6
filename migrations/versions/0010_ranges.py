"""The jobs of a batch are found by their ids, which lie together."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

SQL = Path(__file__).parent / "0010"


def upgrade() -> None:
    op.execute((SQL / "queue.sql").read_text())
