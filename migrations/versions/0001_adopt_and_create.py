"""The three tables of the earlier backend, made or adopted, and everything of ours."""

from pathlib import Path

from alembic import context, op
from sqlalchemy import text

revision = "0001"
down_revision = None

SQL = Path(__file__).parent / "0001"


def upgrade() -> None:
    connection = op.get_bind()
    existing = {
        name
        for name in ("categorias", "articulos", "image_processing_queue")
        if connection.scalar(text("SELECT to_regclass('public.' || :name) IS NOT NULL"), {"name": name})
    }
    op.execute((SQL / "legacy.sql").read_text())
    op.execute((SQL / "ours.sql").read_text())
    for name in sorted(existing):
        _adopt(name)
    op.execute((SQL / "queue.sql").read_text())


def _adopt(table: str) -> None:
    """Turns the table's TIMESTAMP columns to timestamptz, once, and records what was found."""
    connection = op.get_bind()
    zone = context.config.attributes["legacy_timezone"]
    columns = connection.scalars(
        text(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table"
            " AND data_type = 'timestamp without time zone' ORDER BY ordinal_position"
        ),
        {"table": table},
    ).all()
    if columns:
        quote = connection.dialect.identifier_preparer.quote_identifier
        changes = ", ".join(
            f"ALTER COLUMN {quote(column)} TYPE timestamptz USING {quote(column)} AT TIME ZONE '{zone}'"
            for column in columns
        )
        op.execute(f"ALTER TABLE public.{table} {changes}")
    connection.execute(
        text(
            f"INSERT INTO revelado.adoptions (table_name, rows, legacy_timezone, converted_columns)"
            f" SELECT :table, count(*), :zone, :columns FROM public.{table}"
        ),
        {"table": table, "zone": zone, "columns": list(columns)},
    )
