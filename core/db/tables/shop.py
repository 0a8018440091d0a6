"""The shop's catalogue, and what was found of it when it was adopted."""

from __future__ import annotations

import sqlalchemy as sa

from core.db.tables.columns import SCHEMA, metadata

categorias = sa.Table(
    "categorias",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("nombre", sa.Text),
)

articulos = sa.Table(
    "articulos",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("nombre", sa.String(255)),
    sa.Column("descripcion", sa.Text),
    sa.Column("unidad", sa.String(50)),
    sa.Column("categoria_id", sa.Integer),
    sa.Column("imagen_url", sa.Text),
    sa.Column("activo", sa.Boolean, server_default=sa.text("true")),
    sa.Column("codigo", sa.Text),
    sa.Index("articulos_by_codigo", "codigo"),
    sa.Index("articulos_by_categoria", "categoria_id"),
    sa.Index("articulos_by_name", sa.text("revelado.sort_key(nombre)"), "id"),
)

adoptions = sa.Table(
    "adoptions",
    metadata,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("adopted_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("legacy_timezone", sa.Text, nullable=False),
    sa.Column("converted_columns", sa.ARRAY(sa.Text), nullable=False),
    schema=SCHEMA,
)
