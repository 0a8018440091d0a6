"""Alembic on one given connection: `core.db.migrate` opens it, holds the lock and decides when."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="revelado",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
