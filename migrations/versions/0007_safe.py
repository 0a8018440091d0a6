"""The audit log and its chain, API tokens, idempotency keys, invitations, and the second factor."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = Path(__file__).parent / "0007"


def upgrade() -> None:
    for name in ("audit", "access"):
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
