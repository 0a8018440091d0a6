"""Exact counts, shared limits, budget, circuit, answer cache, economy lane, cancelled jobs."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = Path(__file__).parent / "0002"


def upgrade() -> None:
    for name in ("queue", "counts", "money", "control"):
        op.execute((SQL / f"{name}.sql").read_text())
