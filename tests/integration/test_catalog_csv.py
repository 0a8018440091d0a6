"""Importing a catalogue from the CSV files that people really have."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from core import cli
from core.access.actors import Actor
from core.catalog import csv_reader
from core.catalog.csv_import import Rejected, Report, import_csv, preview
from core.errors import InvalidInput, NotAllowed

HEADER = "codigo;nombre;descripcion;unidad;categoria\n"


def articles(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT codigo, a.nombre, descripcion, unidad, c.nombre FROM articulos a"
                " LEFT JOIN categorias c ON c.id = categoria_id ORDER BY a.id"
            )
        )
        return [tuple(row) for row in rows]


def run(engine: Engine, statement: str, **params: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), params)


def reasons(report: Report) -> dict[int, str]:
    return {row.line: row.reason for row in report.rejected}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_spreadsheet_s_csv_is_read(encoding: str, delimiter: str, newline: str) -> None:
    lines = ['Código;Artículo;"Detalle"', 'A-1;Caño ½"; €5 el metro', 'A-2;Árbol;"dos, tres"']
    text = newline.join(line.replace(";", delimiter) for line in lines)
    if delimiter == ",":
        text = text.replace("€5", "5")
    shown = preview(text.encode(encoding))
    assert shown.delimiter == delimiter
    assert shown.mapping == {"codigo": "Código", "nombre": "Artículo", "descripcion": "Detalle"}
    assert shown.rows[1] == ("A-2", "Árbol", "dos, tres")


def test_commas_in_texts_do_not_make_a_semicolon_file_a_comma_file() -> None:
    data = "cod;nombre\n1;uno, dos, tres\n2;uno, dos, tres\n3;a, b, c\n"
    assert preview(data.encode()).delimiter == ";"


def test_headers_nobody_knows_still_give_the_delimiter_and_can_be_mapped(engine: Engine, operator: Actor) -> None:
    data = b"K1,Wert\nA,Tornillo\nB,Tuerca\n"
    shown = preview(data)
    assert (shown.delimiter, shown.mapping) == (",", {})
    with pytest.raises(InvalidInput, match="código"):
        import_csv(engine, operator, data, dry_run=True)
    report = import_csv(engine, operator, data, {"codigo": "K1", "nombre": "Wert"})
    assert report.added == 2


def test_excel_s_separator_line_is_obeyed_and_counted() -> None:
    sheet = csv_reader.read(b"sep=;\r\ncodigo;nombre\r\nA;x\r\n")
    assert sheet.columns == ("codigo", "nombre")
    assert sheet.rows[0].line == 3


def test_new_articles_and_missing_categories_are_added(engine: Engine, operator: Actor) -> None:
    run(engine, "INSERT INTO categorias (nombre) VALUES ('Cañería')")
    data = HEADER + "A;Uno;largo;u;CANERIA\nB;Dos;;;Tornillos\nC;Tres;;;tornillos\n"
    report = import_csv(engine, operator, data.encode())
    assert report == Report(3, 0, 0, (), 1, True)
    assert articles(engine) == [
        ("A", "Uno", "largo", "u", "Cañería"),
        ("B", "Dos", None, None, "Tornillos"),
        ("C", "Tres", None, None, "Tornillos"),
    ]


def test_importing_the_same_file_again_changes_nothing(engine: Engine, operator: Actor) -> None:
    data = (HEADER + "A;Uno;largo;u;Caños\nB;Dos;;;Tornillos\n").encode()
    import_csv(engine, operator, data)
    before = articles(engine)
    assert import_csv(engine, operator, data) == Report(0, 0, 2, (), 0, True)
    assert articles(engine) == before


def test_empty_cells_leave_existing_values_alone(engine: Engine, operator: Actor) -> None:
    import_csv(engine, operator, (HEADER + "A;Uno;largo;u;Caños\n").encode())
    report = import_csv(engine, operator, b"codigo;nombre;unidad\nA;;kg\n")
    assert (report.added, report.changed) == (0, 1)
    assert articles(engine) == [("A", "Uno", "largo", "kg", "Caños")]


def test_an_id_says_which_article_even_when_its_code_changes(engine: Engine, operator: Actor) -> None:
    run(engine, "INSERT INTO articulos (id, codigo, nombre) VALUES (7, 'VIEJO', 'Uno')")
    report = import_csv(engine, operator, b"id,codigo\n7,NUEVO\n")
    assert report.changed == 1
    assert articles(engine)[0][0] == "NUEVO"


def test_a_code_that_several_articles_have_is_rejected(engine: Engine, operator: Actor) -> None:
    run(engine, "INSERT INTO articulos (codigo, nombre) VALUES ('A', 'Uno'), ('A', 'Otro')")
    report = import_csv(engine, operator, b"codigo;nombre\nA;Cambiado\n")
    assert reasons(report) == {2: "codigo: 2 artículos tienen «A». Agregue la columna id para decir cuál es."}
    assert not report.written


def test_nothing_is_written_while_rows_are_rejected_and_the_numbers_say_what_would_be(
    engine: Engine, operator: Actor
) -> None:
    data = (HEADER + "A;Uno;;;Nueva\n;Sin código;;;\n").encode()
    report = import_csv(engine, operator, data)
    assert (report.added, report.categories_added, report.written) == (1, 1, False)
    assert articles(engine) == []
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM categorias")) == 0
    assert import_csv(engine, operator, data, accept_rejected=True) == replace(report, written=True)
    assert len(articles(engine)) == 1


def test_a_dry_run_foresees_the_import_and_leaves_no_trace(engine: Engine, operator: Actor) -> None:
    import_csv(engine, operator, (HEADER + "A;Uno;;u;Caños\nB;Dos;;;Caños\nC;Tres;;;Caños\n").encode())
    before = articles(engine)
    data = (HEADER + "A;Uno;;;caños\nB;Dos;;;Nueva\nC;Otro;;;\nD;Cuatro;;;NUEVA\nE;;;;\n").encode()
    foreseen = import_csv(engine, operator, data, accept_rejected=True, dry_run=True)
    assert (foreseen.added, foreseen.changed, foreseen.unchanged, foreseen.categories_added) == (1, 2, 1, 1)
    assert (list(reasons(foreseen)), foreseen.written) == ([6], False)
    assert articles(engine) == before
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM categorias")) == 1
    done = import_csv(engine, operator, data, accept_rejected=True)
    assert done == replace(foreseen, written=True)
    with engine.connect() as connection:
        ids = list(connection.scalars(text("SELECT id FROM articulos ORDER BY id")))
    assert ids == list(range(ids[0], ids[0] + 4)), "a dry run must not use up ids"


def test_a_dry_run_without_rejected_rows_writes_nothing_either(engine: Engine, operator: Actor) -> None:
    assert import_csv(engine, operator, b"codigo;nombre\nA;Uno\n", dry_run=True) == Report(1, 0, 0, (), 0, False)
    assert articles(engine) == []


def test_the_command_line_s_dry_run_says_what_would_happen(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "lista.csv"
    file.write_text("codigo;nombre\nA;Uno\nB;\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "datos"))
    monkeypatch.setenv("IMAGE_EDITOR", "local")
    monkeypatch.setenv("IMAGE_HOST", "local")
    assert cli.main(["catalog", "import", str(file), "--dry-run"]) == 1
    told = capsys.readouterr().out
    assert "Línea 3: nombre" in told
    assert "Agregados: 1  Cambiados: 0  Sin cambios: 0  Rechazados: 1" in told
    assert "no se escribió nada" in told
    assert articles(engine) == []


def test_a_rejected_row_is_numbered_as_an_editor_shows_it(engine: Engine, operator: Actor) -> None:
    data = 'codigo;nombre\n\nA;"dos\nrenglones"\n\nB;\n'
    report = import_csv(engine, operator, data.encode())
    assert report.rejected == (Rejected(6, "nombre: está vacío y el artículo es nuevo. Escriba su nombre."),)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("A;Uno;x;;;;", "activo"),
        ("A;Uno;talvez;;;;", "activo"),
        ("A;Uno;;javascript:alert(1);;;", "imagen_url"),
        ("A;Uno;;/etc/passwd;;;", "imagen_url"),
        ("A;Uno;;http://[;;;", "imagen_url"),
        ("A;Uno;;;docena y media " + "x" * 50 + ";;", "unidad"),
        ("A;" + "x" * 256 + ";;;;;", "nombre"),
        ("A;U\0no;;;;;", "nombre"),
        ("A;Uno;;;;doce;", "id"),
        ("A;Uno;;;;99999999999;", "id"),
        ("A;Uno;;;;77;", "id"),
        ("A;Uno;;;;;;sobra", "tiene 8 celdas"),
    ],
)
def test_a_bad_cell_rejects_its_row_and_names_the_field(engine: Engine, operator: Actor, row: str, field: str) -> None:
    data = f"codigo;nombre;activo;foto;unidad;id;otra\n{row}\n"
    report = import_csv(engine, operator, data.encode())
    if row.startswith("A;Uno;x;"):
        assert report.rejected == ()
        return
    assert reasons(report)[2].startswith(field)
    assert articles(engine) == []


def test_a_code_twice_in_the_file_is_taken_once(engine: Engine, operator: Actor) -> None:
    report = import_csv(engine, operator, b"codigo;nombre\nA;Uno\nA;Dos\n", accept_rejected=True)
    assert reasons(report) == {3: "codigo: «A» ya está en la línea 2. Deje una sola de las dos."}
    assert articles(engine)[0][1] == "Uno"


def test_one_article_named_by_id_and_by_code_is_changed_once(engine: Engine, operator: Actor) -> None:
    run(engine, "INSERT INTO articulos (id, codigo, nombre) VALUES (7, 'A', 'Uno'), (8, 'B', 'Dos')")
    report = import_csv(
        engine, operator, b"id;codigo;nombre\n7;;Primero\n;A;Segundo\n8;A;Tercero\n", accept_rejected=True
    )
    assert {line: reason.split(":")[0] for line, reason in reasons(report).items()} == {3: "id", 4: "codigo"}
    assert [row[1] for row in articles(engine)] == ["Primero", "Dos"]


def test_an_old_file_does_not_undo_the_picture_we_made(engine: Engine, operator: Actor) -> None:
    run(engine, "INSERT INTO articulos (id, codigo, nombre, imagen_url) VALUES (7, 'A', 'Uno', 'https://x/nueva.jpg')")
    run(
        engine,
        "INSERT INTO revelado.pictures (articulo_id, kind, url, source_url, host)"
        " VALUES (7, 'result', 'https://x/nueva.jpg', 'https://x/vieja.jpg', 'external')",
    )
    assert import_csv(engine, operator, b"codigo;foto\nA;https://x/vieja.jpg\n").unchanged == 1
    assert import_csv(engine, operator, b"codigo;foto\nA;https://x/otra.jpg\n").changed == 1


def test_cells_that_an_export_kept_from_being_formulas_come_back_as_they_were(engine: Engine, operator: Actor) -> None:
    import_csv(engine, operator, b"codigo;nombre\nA;'-20 grados\n")
    assert articles(engine)[0][1] == "-20 grados"


def test_decomposed_accents_are_composed(engine: Engine, operator: Actor) -> None:
    import_csv(engine, operator, "codigo;nombre\nA;Can\u0303o\n".encode())
    assert articles(engine)[0][1] == "Caño"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "vacío"),
        (b"PK\x03\x04resto", "Excel"),
        (b'codigo;nombre\nA;Uno\nB;"sin cerrar\nC;Tres\n', "línea 3"),
        (";".join(f"c{n}" for n in range(51)).encode(), "50 columnas"),
        (b"x" * 20_000_001, "20 MB"),
        (b"codigo\n" + b"1\n" * 100_001, "100000 filas"),
        (b"codigo;nombre\n1;" + b"x" * 200_000, "línea 2 una celda de más de 131072"),
        (b";".join([b"x"] * 10_000), "50 columnas"),
        (b"\n" * 19_000_000, "1000000 líneas"),
        (b"codigo;nombre\n" + b";" * 19_000_000, "caracteres en la línea 2"),
        (b"codigo;nombre\n" + b"A;B\n" * 1_000_000, "100000 filas"),
        (b'"' * 19_000_000, "caracteres en la línea 1"),
        ("codigo;nombre\nA;ñandú\nB;caño\n".encode() + b"C;a\xf1o\n", "línea 4 no está en UTF-8"),
        ("codigo;nombre\nA;Uno\n".encode("utf-16-le"), "UTF-16 sin su marca"),
        ("codigo;nombre\nA;Uno\n".encode("utf-16") + b"x", "codificación desconocida"),
        (bytes(range(1, 256)) * 100, "no es un archivo de texto"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)), "no es un archivo de texto"),
    ],
)
def test_what_is_no_table_is_refused_whole_and_soon(data: bytes, word: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput, match=word):
        preview(data)
    assert time.process_time() - started < 5, "seconds at most, for the largest file that is read at all"


def test_an_import_in_a_wrong_encoding_writes_nothing(engine: Engine, operator: Actor) -> None:
    with pytest.raises(InvalidInput):
        import_csv(engine, operator, "codigo;nombre\nA;ñandú\nB;caño\n".encode() + b"C;a\xf1o\n")
    assert articles(engine) == []


def test_a_mapping_must_name_columns_of_the_file(engine: Engine, operator: Actor) -> None:
    for mapping in ({"codigo": "no está"}, {"precio": "codigo"}, {"nombre": "nombre"}):
        with pytest.raises(InvalidInput):
            import_csv(engine, operator, b"codigo;nombre\nA;Uno\n", mapping)


def test_viewers_may_not_import(engine: Engine, viewer: Actor) -> None:
    with pytest.raises(NotAllowed):
        import_csv(engine, viewer, b"codigo;nombre\nA;Uno\n")
