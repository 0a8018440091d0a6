"""The history as a workbook with the photos in it. Written row by row into a temporary file: memory does not grow.

Texts are written as texts, never as formulas, whatever they begin with.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import IO
from zoneinfo import ZoneInfo

import xlsxwriter

from core.ui.csv_out import Cell

#: Rows that carry their pictures. Beyond it a workbook gets too heavy to be opened on an old machine.
WITH_PHOTOS = 1000
_AT_ONCE = 200
_SIDE = 56  # pixels of a picture in its cell
_ROW_HEIGHT = 44
_LIMIT = 32_000  # characters a cell of Excel holds

#: (cells, the pictures before and after)
Row = tuple[Sequence[Cell], tuple[str | None, str | None]]
#: A small picture as PNG or JPEG, and its longest side in pixels; None when there is none to be had.
Photo = Callable[[str], tuple[bytes, int] | None]


def write(
    header: Sequence[str], photo_headers: tuple[str, str], rows: Iterable[Row], photo: Photo, zone: ZoneInfo, note: str
) -> IO[bytes]:
    """An open file at its beginning, gone when closed. `note` is said in the row where the photos end."""
    out = tempfile.TemporaryFile(prefix="revelado-xlsx-")  # noqa: SIM115 - the caller streams it
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": True, "default_date_format": "dd/mm/yyyy hh:mm:ss",
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book, ThreadPoolExecutor(8) as pool:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 1, 9)
        sheet.set_column(2, 1 + len(header), 16)
        bold = book.add_format({"bold": True})
        for column, name in enumerate((*photo_headers, *header)):
            sheet.write_string(0, column, name, bold)
        number = 1
        rest = iter(rows)
        while number <= WITH_PHOTOS and (some := list(islice(rest, min(_AT_ONCE, WITH_PHOTOS + 1 - number)))):
            urls = list(dict.fromkeys(url for _cells, pair in some for url in pair if url))
            found = dict(zip(urls, pool.map(photo, urls), strict=True))
            for cells, pair in some:
                sheet.set_row(number, _ROW_HEIGHT)
                for column, url in enumerate(pair):
                    if url and (small := found[url]):
                        _insert(sheet, number, column, *small)
                _cells_of(sheet, number, cells, zone)
                number += 1
        for position, (cells, _pair) in enumerate(rest):
            if not position:
                sheet.write_string(number, 0, note)
            _cells_of(sheet, number, cells, zone)
            number += 1
        sheet.autofilter(0, 0, max(1, number - 1), 1 + len(header))
    out.seek(0)
    return out


def _insert(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, data: bytes, side: int) -> None:
    scale = _SIDE / side
    sheet.insert_image(
        row, column, "foto.jpg",
        {"image_data": io.BytesIO(data), "x_scale": scale, "y_scale": scale, "x_offset": 2, "y_offset": 1},
    )  # fmt: skip


def _cells_of(sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: Sequence[Cell], zone: ZoneInfo) -> None:
    for column, value in enumerate(cells, start=2):
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value.astimezone(zone).replace(tzinfo=None))
        elif isinstance(value, int | Decimal):
            sheet.write_number(row, column, float(value))
        elif value:
            sheet.write_string(row, column, value[:_LIMIT])
