"""Reads a CSV as spreadsheets write it: its encoding, its delimiter, and the line on which each row begins."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from core.catalog.csv_fields import field_of_header
from core.errors import InvalidInput

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 50
#: Empty ones count, and those inside quoted cells.
MAX_LINES = 1_000_000
#: Characters: fifty cells of some length.
MAX_LINE = 2_000_000
DELIMITERS = (";", ",", "\t")
#: Rows looked at to tell the delimiter, and characters.
SAMPLE, SAMPLE_TEXT = 20, 200_000
#: A text has none of these: the file is something else.
_NO_TEXT = frozenset(map(chr, range(32))) - frozenset("\0\t\n\v\f\r\x1a\x1b")


@dataclass(frozen=True)
class Row:
    line: int  #: as an editor numbers it, where the row begins
    cells: tuple[str, ...]  #: as many as the file has in this row


@dataclass(frozen=True)
class Sheet:
    columns: tuple[str, ...]  #: the header, each name once
    rows: tuple[Row, ...]  #: without the empty ones
    encoding: str
    delimiter: str


def read(data: bytes) -> Sheet:
    """Raises InvalidInput for what can't be read as a table at all."""
    if len(data) > MAX_BYTES:
        raise _refused(f"pesa más de {MAX_BYTES // 1_000_000} MB. Divídalo en varios y cárguelos de a uno.")
    if data.startswith(b"PK\x03\x04") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused("es un libro de Excel. Ábralo y guárdelo como «CSV UTF-8», y cargue ese archivo.")
    text, encoding = _decode(data)
    text, delimiter, skipped = _delimiter(text)
    records = _records(text, delimiter, skipped)
    header = next(records, None)
    if header is None:
        raise _refused("está vacío. La primera fila debe tener los nombres de las columnas.")
    if len(header.cells) > MAX_COLUMNS:
        raise _refused(f"tiene más de {MAX_COLUMNS} columnas. Deje solo las del catálogo.")
    columns = _unique_names(header.cells)
    rows = tuple(islice(records, MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise _refused(f"tiene más de {MAX_ROWS} filas. Divídalo en varios y cárguelos de a uno.")
    return Sheet(columns, rows, encoding, delimiter)


def _refused(why: str) -> InvalidInput:
    return InvalidInput(field="archivo", why=why)


def _decode(data: bytes) -> tuple[str, str]:
    """Latin-1 last: it takes any byte, and only misses what Windows added to it."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1")
    if len(encodings) > 1 and data[:1000].count(0) > len(data[:1000]) // 4:
        raise _refused("está en UTF-16 sin su marca. Guárdelo como «CSV UTF-8».")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig":
                _refuse_a_mixture(data, error)
            continue
        if not _NO_TEXT.isdisjoint(text[:1000]):
            raise _refused("no es un archivo de texto. Guarde la hoja como «CSV UTF-8» y cargue ese archivo.")
        return text, encoding.removesuffix("-sig")
    raise _refused("tiene una codificación desconocida. Guárdelo como «CSV UTF-8».")


def _refuse_a_mixture(data: bytes, error: UnicodeDecodeError) -> None:
    """Read as Windows wrote it, the letters that are UTF-8 would all come out wrong, and nobody be told."""
    read = data.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in read)
    foreign = sum(character > "\x7f" for character in read) - broken
    if foreign > broken:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(
            f"mezcla codificaciones: la línea {line} no está en UTF-8 como el resto. Corríjala, o guarde todo como"
            " «CSV UTF-8»."
        )


def _delimiter(text: str) -> tuple[str, str, int]:
    """(what follows the `sep=` line that Excel may write first, the delimiter, lines skipped)."""
    first, newline, rest = text.partition("\n")
    declared = first.rstrip("\r").lower()
    if declared.startswith("sep=") and declared[4:] in DELIMITERS and newline:
        return rest, declared[4:], 1
    return text, max(DELIMITERS, key=lambda delimiter: _likelihood(text, delimiter)), 0


def _likelihood(text: str, delimiter: str) -> tuple[int, float, int]:
    """Headers that we know count most, then rows as wide as the header, then the number of columns."""
    sample: list[Row] = []
    # What can't be read further on is told by whoever reads it all.
    with contextlib.suppress(InvalidInput):
        sample.extend(islice(_records(text[:SAMPLE_TEXT], delimiter, 0), SAMPLE))
    if not sample:
        return 0, 0.0, 0
    width = len(sample[0].cells)
    known = sum(field_of_header(cell) is not None for cell in sample[0].cells)
    even = sum(len(row.cells) == width for row in sample) / len(sample) if width > 1 else 0.0
    return known, even, width


def _records(text: str, delimiter: str, skipped: int) -> Iterator[Row]:
    # Strict: a quote that nobody closes would otherwise swallow the rest of the file as one cell.
    reader = csv.reader(_lines(text, skipped), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + skipped + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "field larger" in str(error):
                most = csv.field_size_limit()
                raise _refused(f"tiene en la línea {line} una celda de más de {most} caracteres. Acórtela.") from error
            raise _refused(
                f"no se entiende desde la línea {line}. Revise las comillas: si una celda empieza con comillas debe"
                " terminar con comillas, y las de adentro van dobles."
            ) from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Row(line, tuple(cells))


def _lines(text: str, skipped: int) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), start=skipped + 1):
        if number > MAX_LINES:
            raise _refused(f"tiene más de {MAX_LINES} líneas. Quite las vacías, o divídalo en varios.")
        if len(line) > MAX_LINE:
            raise _refused(
                f"tiene más de {MAX_LINE} caracteres en la línea {number}. Revise si le faltan saltos de línea."
            )
        yield line


def _unique_names(header: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for position, cell in enumerate(header, start=1):
        name = wanted = " ".join(cell.replace("\0", " ").split())[:100] or f"Columna {position}"
        number = 2
        while name in names:
            name, number = f"{wanted} ({number})", number + 1
        names.append(name)
    return tuple(names)
