"""What the pages of failures, costs and notices read; the hours in which the shop processes."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

SQL = Path(__file__).parent / "0005"


def upgrade() -> None:
    for name in ("reading", "notices"):
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
