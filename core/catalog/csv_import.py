"""Imports a catalogue from a CSV: adds and updates articles, all in one transaction or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.catalog import csv_fields, csv_reader
from core.catalog.csv_fields import Field, Refused, Values
from core.catalog.csv_reader import Sheet

#: Any constant: two imports at once would each add what the other is adding.
LOCK = 7_305_581_011
CHUNK = 5_000
PREVIEW_ROWS = 10
#: Of an article whose category is still to be added.
NEW_CATEGORY = -1


@dataclass(frozen=True)
class Rejected:
    line: int  #: of the file, as an editor numbers it
    reason: str  #: Spanish: which field, what is wrong, how to put it right


@dataclass(frozen=True)
class Preview:
    columns: tuple[str, ...]
    mapping: dict[Field, str]  #: {field: column}, guessed from the header
    encoding: str
    delimiter: str
    rows: tuple[tuple[str, ...], ...]  #: the first, one cell per column
    row_count: int


@dataclass(frozen=True)
class Report:
    added: int
    changed: int
    unchanged: int
    rejected: tuple[Rejected, ...]  #: in the order of the file
    categories_added: int
    written: bool  #: False: nothing was written, and the numbers say what would have been


def preview(data: bytes) -> Preview:
    """Raises InvalidInput when the file can't be read as a table."""
    sheet = csv_reader.read(data)
    width = len(sheet.columns)
    return Preview(
        columns=sheet.columns,
        mapping=csv_fields.guess(sheet.columns),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        rows=tuple((row.cells + ("",) * width)[:width] for row in sheet.rows[:PREVIEW_ROWS]),
        row_count=len(sheet.rows),
    )


def import_csv(
    engine: Engine,
    actor: Actor,
    data: bytes,
    mapping: Mapping[str, str] | None = None,
    *,
    accept_rejected: bool = False,
    dry_run: bool = False,
) -> Report:
    """Adds and updates articles, found by `id` where the row has one, else by `codigo`; empty cells change nothing.

    With rejected rows nothing is written unless `accept_rejected`; then the good ones are. With `dry_run` nothing is
    written at all, no id is used up and no article is locked: the report says what the import would do.
    `mapping` is {field: column}, guessed from the header by default. Raises NotAllowed, InvalidInput.
    """
    actor.require(Role.OPERATOR)
    sheet = csv_reader.read(data)
    chosen = csv_fields.check_mapping(csv_fields.guess(sheet.columns) if mapping is None else mapping, sheet.columns)
    good: list[tuple[int, Values]] = []
    rejected: list[Rejected] = []
    for parsed in _parsed(sheet, chosen):
        if isinstance(parsed, Rejected):
            rejected.append(parsed)
        else:
            good.append(parsed)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _load(connection, good)
        rejected += [Rejected(row.line, row.reason) for row in connection.execute(_REFUSE)]
        rejected.sort(key=lambda row: row.line)
        if dry_run or (rejected and not accept_rejected):
            return _foresee(connection, tuple(rejected))
        report = _write(connection, tuple(rejected))
        told = {"added": report.added, "changed": report.changed, "rejected": len(report.rejected)}
        audit.record(connection, actor, "catalog_import", **told)
        return report


def _parsed(sheet: Sheet, mapping: Mapping[Field, str]) -> Iterator[tuple[int, Values] | Rejected]:
    """Each row's line and values; the same code or id a second time is rejected."""
    positions = {field: sheet.columns.index(column) for field, column in mapping.items()}
    seen: dict[tuple[str, object], int] = {}
    for row in sheet.rows:
        try:
            values = csv_fields.parse(row.cells, positions, len(sheet.columns))
            keys = [(name, key) for name, key in (("id", values.id), ("codigo", values.codigo)) if key is not None]
            for name, key in keys:
                if (name, key) in seen:
                    raise Refused(f"{name}: «{key}» ya está en la línea {seen[name, key]}. Deje una sola de las dos.")
        except Refused as refused:
            yield Rejected(row.line, str(refused))
            continue
        seen.update((key, row.line) for key in keys)
        yield row.line, values


def _load(connection: Connection, rows: list[tuple[int, Values]]) -> None:
    """Into a table of this transaction, each row with the article it means (NULL: a new one)."""
    connection.execute(_INCOMING)
    for start in range(0, len(rows), CHUNK):
        chunk = [{"line": line, **asdict(values)} for line, values in rows[start : start + CHUNK]]
        connection.execute(_INSERT, {"rows": json.dumps(chunk)})
    connection.execute(text("ANALYZE pg_temp.incoming"))
    connection.execute(_MATCH)


def _write(connection: Connection, rejected: tuple[Rejected, ...]) -> Report:
    categories_added = connection.execute(_ADD_CATEGORIES).rowcount
    connection.execute(_RESOLVE)
    changed = connection.execute(_CHANGE).rowcount
    added = connection.execute(_ADD).rowcount
    return Report(added, changed, _total(connection) - added - changed, rejected, categories_added, written=True)


def _foresee(connection: Connection, rejected: tuple[Rejected, ...]) -> Report:
    """The report of `_write`, only reading the catalogue."""
    categories_added = int(connection.scalar(_COUNT_CATEGORIES) or 0)
    connection.execute(_RESOLVE)
    connection.execute(_STAND_IN, {"new": NEW_CATEGORY})
    changed = int(connection.scalar(_COUNT_CHANGED) or 0)
    added = int(connection.scalar(_COUNT_ADDED) or 0)
    return Report(added, changed, _total(connection) - added - changed, rejected, categories_added, written=False)


def _total(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM pg_temp.incoming")) or 0)


_INCOMING = text("""
    CREATE TEMPORARY TABLE incoming (line integer, id integer, codigo text, nombre text, descripcion text, unidad text,
        categoria text, imagen_url text, activo boolean, articulo_id integer, matches integer, categoria_id integer)
    ON COMMIT DROP
""")

_INSERT = text("""
    INSERT INTO pg_temp.incoming SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(line integer, id integer,
        codigo text, nombre text, descripcion text, unidad text, categoria text, imagen_url text, activo boolean)
""")

#: Existing catalogues repeat codes, so a code may match several articles.
_MATCH = text("""
    UPDATE pg_temp.incoming i SET articulo_id = found.articulo_id, matches = found.matches FROM (
        SELECT r.line, min(a.id) AS articulo_id, count(a.id) AS matches FROM pg_temp.incoming r
        LEFT JOIN public.articulos a ON a.id = r.id WHERE r.id IS NOT NULL GROUP BY r.line
        UNION ALL
        SELECT r.line, min(a.id), count(a.id) FROM pg_temp.incoming r
        LEFT JOIN public.articulos a ON a.codigo = r.codigo WHERE r.id IS NULL GROUP BY r.line
    ) found WHERE found.line = i.line
""")

_REFUSE = text("""
    WITH judged AS (
        SELECT i.line, CASE
            WHEN i.id IS NOT NULL AND matches = 0 THEN
                format('id: no existe el artículo %s. Corríjalo, o deje la celda vacía para usar el código.', i.id)
            WHEN matches > 1 THEN
                format('codigo: %s artículos tienen «%s». Agregue la columna id para decir cuál es.', matches, i.codigo)
            WHEN matches = 0 AND i.nombre IS NULL THEN
                'nombre: está vacío y el artículo es nuevo. Escriba su nombre.'
            WHEN min(i.line) OVER same < i.line THEN
                format('id: es el mismo artículo que el de la línea %s. Deje una sola de las dos.', min(i.line) OVER same)
            WHEN i.id IS NOT NULL AND a.codigo IS DISTINCT FROM i.codigo AND EXISTS (
                SELECT FROM public.articulos other WHERE other.codigo = i.codigo AND other.id <> i.id) THEN
                format('codigo: «%s» es de otro artículo. Use un código distinto.', i.codigo)
            END AS reason
        FROM pg_temp.incoming i LEFT JOIN public.articulos a ON a.id = i.articulo_id
        WINDOW same AS (PARTITION BY coalesce(i.articulo_id, -i.line))
    )
    DELETE FROM pg_temp.incoming i USING judged WHERE judged.line = i.line AND judged.reason IS NOT NULL
    RETURNING judged.line, judged.reason
""")

_MISSING_CATEGORIES = """
    SELECT DISTINCT ON (revelado.fold(categoria)) categoria, line FROM (
        SELECT categoria, min(line) AS line FROM pg_temp.incoming WHERE categoria IS NOT NULL GROUP BY categoria) named
    WHERE NOT EXISTS (
        SELECT FROM public.categorias c WHERE revelado.fold(btrim(c.nombre)) = revelado.fold(named.categoria))
    ORDER BY revelado.fold(categoria), line
"""

_ADD_CATEGORIES = text(f"""
    INSERT INTO public.categorias (nombre) SELECT categoria FROM ({_MISSING_CATEGORIES}) missing ORDER BY line
""")

_COUNT_CATEGORIES = text(f"SELECT count(*) FROM ({_MISSING_CATEGORIES}) missing")

_RESOLVE = text("""
    UPDATE pg_temp.incoming i SET categoria_id = known.id FROM (
        SELECT named.categoria, min(c.id) AS id FROM (SELECT DISTINCT categoria FROM pg_temp.incoming) named
        JOIN public.categorias c ON revelado.fold(btrim(c.nombre)) = revelado.fold(named.categoria)
        GROUP BY named.categoria
    ) known WHERE known.categoria = i.categoria
""")

_STAND_IN = text("""
    UPDATE pg_temp.incoming SET categoria_id = :new WHERE categoria IS NOT NULL AND categoria_id IS NULL
""")

#: A file from before that names the photo which the article's picture was made from does not undo that picture.
_WANTED = """
    SELECT old.id, coalesce(i.codigo, old.codigo) AS codigo, coalesce(i.nombre, old.nombre) AS nombre,
        coalesce(i.descripcion, old.descripcion) AS descripcion, coalesce(i.unidad, old.unidad) AS unidad,
        CASE WHEN old.categoria_id = i.categoria_id
                OR revelado.fold(btrim(c.nombre)) = revelado.fold(i.categoria) THEN old.categoria_id
            ELSE coalesce(i.categoria_id, old.categoria_id) END AS categoria_id,
        CASE WHEN EXISTS (SELECT FROM revelado.pictures p WHERE p.articulo_id = old.id AND p.kind = 'result'
                AND md5(p.url) = md5(old.imagen_url) AND p.url = old.imagen_url AND p.source_url = i.imagen_url)
            THEN old.imagen_url ELSE coalesce(i.imagen_url, old.imagen_url) END AS imagen_url,
        coalesce(i.activo, old.activo) AS activo
    FROM pg_temp.incoming i JOIN public.articulos old ON old.id = i.articulo_id
    LEFT JOIN public.categorias c ON c.id = old.categoria_id
"""

_DIFFERS = """
    a.id = new.id AND (a.codigo, a.nombre, a.descripcion, a.unidad, a.categoria_id, a.imagen_url, a.activo)
        IS DISTINCT FROM
        (new.codigo, new.nombre, new.descripcion, new.unidad, new.categoria_id, new.imagen_url, new.activo)
"""

_CHANGE = text(f"""
    UPDATE public.articulos a SET codigo = new.codigo, nombre = new.nombre, descripcion = new.descripcion,
        unidad = new.unidad, categoria_id = new.categoria_id, imagen_url = new.imagen_url, activo = new.activo
    FROM ({_WANTED}) new WHERE {_DIFFERS}
""")

_COUNT_CHANGED = text(f"SELECT count(*) FROM public.articulos a, ({_WANTED}) new WHERE {_DIFFERS}")

_ADD = text("""
    INSERT INTO public.articulos (codigo, nombre, descripcion, unidad, categoria_id, imagen_url, activo)
    SELECT codigo, nombre, descripcion, unidad, categoria_id, imagen_url, coalesce(activo, true)
    FROM pg_temp.incoming WHERE articulo_id IS NULL ORDER BY line
""")

_COUNT_ADDED = text("SELECT count(*) FROM pg_temp.incoming WHERE articulo_id IS NULL")
