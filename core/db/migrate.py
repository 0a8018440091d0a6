"""Brings a database to the shape of this version, or refuses before touching anything."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from core.errors import StartupError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
#: Any constant, the same in every process: two starting at once migrate one after the other.
LOCK = 7_305_581_001

REQUIRED = {
    "categorias": ("id", "nombre"),
    "articulos": ("id", "nombre", "descripcion", "unidad", "categoria_id", "imagen_url", "activo"),
    "image_processing_queue": (
        "id", "articulo_id", "estado", "prioridad", "intentos", "max_intentos", "imagen_url_original",
        "imagen_url_procesada", "articulo_nombre", "articulo_descripcion", "articulo_unidad", "error_message",
        "error_stack", "created_at", "started_at", "completed_at", "updated_at",
    ),
}  # fmt: skip


def migrate(engine: Engine, legacy_timezone: str = "UTC") -> None:
    """Raises StartupError when the database can't be reached or adopted; then nothing was changed."""
    try:
        _migrate(engine, legacy_timezone)
    finally:
        engine.dispose()  # its connections have no statement timeout, and one of them holds the lock


def _migrate(engine: Engine, legacy_timezone: str) -> None:
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            # Let go with the connection, which may be gone before we are through.
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            _refuse_missing_columns(connection)
            if _is_current(connection):
                return  # the application's own role could not migrate, and need not
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS revelado"))
            _upgrade(engine, legacy_timezone)
    except OperationalError as error:
        raise unreachable(error) from error
    except DBAPIError as error:
        reason = "; ".join(str(error.orig).strip().splitlines()[:2])
        raise StartupError(
            f"La base de datos no se pudo actualizar: {reason}. No se cambió nada; use el usuario dueño de las tablas.",
            f"The database could not be migrated: {reason}. Nothing was changed; use the role that owns the tables.",
        ) from error


def unreachable(error: OperationalError) -> StartupError:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "?"
    return StartupError(
        f"No se puede conectar con la base de datos ({reason}). Revise DATABASE_URL y que PostgreSQL esté encendido.",
        f"Can't reach the database ({reason}). Check DATABASE_URL and that PostgreSQL is running.",
    )


def _is_current(connection: Connection) -> bool:
    if not connection.scalar(text("SELECT to_regclass('revelado.alembic_version') IS NOT NULL")):
        return False
    here = connection.scalar(text("SELECT version_num FROM revelado.alembic_version"))
    return bool(here == ScriptDirectory(str(MIGRATIONS)).get_current_head())


def _upgrade(engine: Engine, legacy_timezone: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
        config.attributes.update(connection=connection, legacy_timezone=legacy_timezone)
        command.upgrade(config, "head")


def _refuse_missing_columns(connection: Connection) -> None:
    rows = connection.execute(
        text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    for table, columns in REQUIRED.items():
        missing = [column for column in columns if table in found and column not in found[table]]
        if missing:
            raise StartupError(
                f"A la tabla {table} le falta la columna {', '.join(missing)}. No se cambió nada: agréguela y reinicie.",
                f"Table {table} lacks column {', '.join(missing)}. Nothing was changed: add it and start again.",
            )
