"""What the panel remembers of each person: filters by name, and small choices."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = Path(__file__).parent / "0006"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "panel.sql").read_text())
