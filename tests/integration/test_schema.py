"""The tables in code and the tables that the migrations make are the same."""

import pytest
from sqlalchemy import Connection, Engine, text

from core.db.engine import make_engine
from core.db.migrate import migrate
from core.db.tables import metadata
from core.errors import StartupError

COLUMNS = """
    SELECT table_schema, table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
        is_nullable, regexp_replace(coalesce(column_default, ''), '''(\\d+)''::\\w+', '\\1') AS default
    FROM information_schema.columns
    WHERE table_schema IN ('public', 'revelado') AND table_name <> 'alembic_version'
"""
INDEXES = """
    SELECT schemaname, indexname, indexdef FROM pg_indexes
    WHERE schemaname IN ('public', 'revelado') AND tablename <> 'alembic_version'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace IN ('public'::regnamespace, 'revelado'::regnamespace) AND contype IN ('c', 'f', 'p')
    AND conrelid::regclass::text <> 'revelado.alembic_version'
"""


def test_the_models_and_the_migrations_make_the_same_tables(engine: Engine, empty_database: str) -> None:
    from_models = make_engine(empty_database, "models")
    with from_models.begin() as connection:
        connection.execute(text("CREATE SCHEMA revelado"))
        connection.execute(
            text(
                "CREATE FUNCTION revelado.sort_key(value text) RETURNS text LANGUAGE sql IMMUTABLE"
                """ AS $$ SELECT value COLLATE "C" $$"""
            )
        )
        metadata.create_all(connection)
    for query in (COLUMNS, INDEXES, CONSTRAINTS):
        with engine.connect() as migrated, from_models.connect() as modelled:
            assert _rows(migrated, query) == _rows(modelled, query)
    from_models.dispose()


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        before = [_rows(connection, query) for query in (COLUMNS, INDEXES, CONSTRAINTS)]
    migrate(engine)
    with engine.connect() as connection:
        assert before == [_rows(connection, query) for query in (COLUMNS, INDEXES, CONSTRAINTS)]


def _rows(connection, query: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in connection.execute(text(query))}


def test_a_database_that_goes_away_meanwhile_is_told_in_words(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(connection: Connection) -> bool:
        return bool(connection.scalar(text("SELECT pg_terminate_backend(pg_backend_pid())")))

    monkeypatch.setattr("core.db.migrate._is_current", away)
    with pytest.raises(StartupError, match="No se puede conectar con la base de datos"):
        migrate(engine)
    monkeypatch.undo()
    migrate(engine)
