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
from itertools import chain, islice
from typing import IO
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from core.ui import xlsx_tail
from core.ui.csv_out import Cell

#: Rows that carry their pictures. Beyond it a workbook gets too heavy to be opened on an old machine.
WITH_PHOTOS = 1000
_AT_ONCE = 200
_SIDE = 56  # pixels of a picture in its cell
_ROW_HEIGHT = 44

#: (cells, the pictures before and after)
Row = tuple[Sequence[Cell], tuple[str | None, str | None]]
#: A small picture as PNG or JPEG, and its longest side in pixels; None when there is none to be had.
Photo = Callable[[str], tuple[bytes, int] | None]


def write(
    header: Sequence[str], photo_headers: tuple[str, str], rows: Iterable[Row], photo: Photo, zone: ZoneInfo, note: str
) -> IO[bytes]:
    """An open file at its beginning, gone when closed. `note` is said in the row where the photos end."""
    out: IO[bytes] = tempfile.TemporaryFile(prefix="revelado-xlsx-")  # noqa: SIM115 - the caller streams it
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }  # fmt: skip
    rest = iter(rows)
    number = 1
    with xlsxwriter.Workbook(out, options) as book, ThreadPoolExecutor(8) as pool:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 1, 9)
        sheet.set_column(2, 1 + len(header), 16)
        bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for column, name in enumerate((*photo_headers, *header)):
            sheet.write_string(0, column, name, bold)
        sheet.write_blank(0, 2 + len(header), None, time)  # so that the style exists, whatever the rows hold
        while number <= WITH_PHOTOS and (some := list(islice(rest, min(_AT_ONCE, WITH_PHOTOS + 1 - number)))):
            urls = list(dict.fromkeys(url for _cells, pair in some for url in pair if url))
            found = dict(zip(urls, pool.map(photo, urls), strict=True))
            for cells, pair in some:
                sheet.set_row(number, _ROW_HEIGHT)
                for column, url in enumerate(pair):
                    if url and (small := found[url]):
                        _insert(sheet, number, column, *small)
                _cells_of(sheet, number, cells, zone, time)
                number += 1
    out.seek(0)
    if (following := next(rest, None)) is None:
        return out
    return xlsx_tail.add(
        out,
        chain([(note, "", *following[0])], (("", "", *cells) for cells, _pair in rest)),
        first=number + 1,
        columns=[xl_col_to_name(column) for column in range(2 + len(header))],
        date_style=time.xf_index,
        zone=zone,
    )


def _insert(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, data: bytes, side: int) -> None:
    scale = _SIDE / side
    sheet.insert_image(
        row, column, "foto.jpg",
        {"image_data": io.BytesIO(data), "x_scale": scale, "y_scale": scale, "x_offset": 2, "y_offset": 1},
    )  # fmt: skip


def _cells_of(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    cells: Sequence[Cell],
    zone: ZoneInfo,
    time: xlsxwriter.format.Format,
) -> None:
    for column, value in enumerate(cells, start=2):
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value.astimezone(zone).replace(tzinfo=None), time)
        elif isinstance(value, int | Decimal):
            sheet.write_number(row, column, float(value))
        elif value:
            sheet.write_string(row, column, value[: xlsx_tail.LIMIT])
