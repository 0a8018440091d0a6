"""CSV that Excel opens right in a Spanish-speaking office (`;`, decimal comma, UTF-8 with BOM), or plain for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

#: planilla: for the spreadsheet of the office. simple: comma, decimal point, ISO times in UTC, no BOM.
Kind = Literal["planilla", "simple"]
KINDS: dict[str, Kind] = {"planilla": "planilla", "simple": "simple"}
Cell = str | int | Decimal | datetime | None

#: A spreadsheet runs a text that begins with one of these as a formula; the wide ones are what East Asian keyboards type.
_FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")
_LINES_A_CHUNK = 500


def cell(value: Cell, zone: ZoneInfo, kind: Kind = "planilla") -> str:
    """Numbers stay numbers, negative ones too; a text that a spreadsheet would run gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        if kind == "simple":
            return value.astimezone(UTC).isoformat(timespec="seconds")
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")
    if isinstance(value, Decimal):
        return f"{value:f}" if kind == "simple" else f"{value:f}".replace(".", ",")
    if isinstance(value, int):
        return str(value)
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def encode(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], zone: ZoneInfo, kind: Kind = "planilla"
) -> Iterator[bytes]:
    """The file in chunks, as the rows come: memory does not grow with them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="," if kind == "simple" else ";", lineterminator="\r\n")
    if kind == "planilla":
        buffer.write("\ufeff")
    writer.writerow([cell(name, zone, kind) for name in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value, zone, kind) for value in row])
        if number % _LINES_A_CHUNK == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return data
