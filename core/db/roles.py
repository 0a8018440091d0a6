"""Two roles: the owner makes and migrates the tables, the application works on them and can only add to the audit log."""

from __future__ import annotations

from psycopg2 import sql
from sqlalchemy import Connection, Engine, text

from core.db.migrate import LOCK

_SHOP = ("categorias", "articulos", "image_processing_queue")

_LACKS = text("""
    SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND (n.nspname = 'revelado' OR n.nspname = 'public' AND c.relname = ANY(:shop))
        AND NOT has_table_privilege(:role, c.oid, 'SELECT')) OR has_table_privilege(:role, 'revelado.audit', 'UPDATE')
""")

#: The application reads how far the tables are migrated; the audit log and its end are written by a trigger of the owner.
_GRANTS = """
    GRANT USAGE ON SCHEMA public, revelado TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON {shop} TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA revelado TO {role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA revelado TO {role};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON revelado.audit, revelado.audit_head, revelado.alembic_version FROM {role};
    GRANT INSERT ON revelado.audit TO {role};
"""

#: Of the three tables alone: others in `public` may be somebody else's.
_SEQUENCES = text("""
    SELECT DISTINCT s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' AND t.relname = ANY(:shop)
""")


def let_work(owner: Engine, role: str) -> None:
    """Gives `role` what the application needs, and takes from it what it must not have. Once more changes nothing."""
    with owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        asked = {"role": role, "shop": list(_SHOP)}
        if connection.scalar(text("SELECT current_user = :role"), asked) or not connection.scalar(_LACKS, asked):
            return
        _run(connection, _GRANTS, role, [f"public.{name}" for name in _SHOP])
        if sequences := [f"public.{name}" for name in connection.scalars(_SEQUENCES, asked)]:
            _run(connection, "GRANT USAGE, SELECT ON SEQUENCE {shop} TO {role}", role, sequences)
        if connection.scalar(text("SELECT current_setting('server_version_num')::int")) >= 170_000:
            # The heartbeat vacuums what fills and empties all day.
            _run(
                connection,
                "GRANT MAINTAIN ON {shop} TO {role}",
                role,
                ["revelado.count_deltas", "revelado.total_deltas"],
            )


def _run(connection: Connection, grants: str, role: str, relations: list[str]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(*relation.split(".")) for relation in relations)
    statement = sql.SQL(grants).format(role=sql.Identifier(role), shop=names)
    connection.connection.cursor().execute(statement)
