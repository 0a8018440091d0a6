"""Recipes per category, the verdict and the review of every picture, what undoing gives back, pilots and trials."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = Path(__file__).parent / "0003"


def upgrade() -> None:
    for name in ("recipes", "defaults", "pictures", "queue"):
        # Through the driver: the prompts hold colons, which are no parameters.
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
