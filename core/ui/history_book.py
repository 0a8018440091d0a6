"""Historial as a workbook: which rows, their small pictures, and the time those may take."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping
from typing import IO
from zoneinfo import ZoneInfo

from PIL import Image

from core.access.sessions import Session
from core.bootstrap import App
from core.errors import AppError
from core.queue import history
from core.queue.history_filter import HistoryFilter
from core.ui import formats, history_file, history_query, images, photos, photos_file, xlsx_out
from core.ui.texts import _
from core.ui.xlsx_out import Row

_SIDE = 96
#: Seconds for pictures of other hosts, all together: whoever asked waits for the file.
_PATIENCE = 5.0


def xlsx(app: App, _session: Session, asked: Mapping[str, str]) -> Iterator[bytes]:
    """Raises ValueError."""
    zone = ZoneInfo(app.settings.shop_timezone)
    return photos_file.chunks(write(app, history_query.parse(asked, zone), zone))


def write(app: App, where: HistoryFilter, zone: ZoneInfo) -> IO[bytes]:
    """An open file at its beginning; in the language spoken now."""
    note = _("Las fotos van en las primeras {n} filas.").format(n=formats.count(xlsx_out.WITH_PHOTOS))
    pictures = _Pictures(app)
    return xlsx_out.write(
        history_file.header(), (_("Antes"), _("Después")), _rows(app, where), pictures.small, zone, note
    )


def _rows(app: App, where: HistoryFilter) -> Iterator[Row]:
    line = history_file.Lines()
    for row in history.stream(app.engine, where):
        yield line.of(row), (row.imagen_url_original, row.imagen_url_procesada)


class _Pictures:
    def __init__(self, app: App) -> None:
        self._app = app
        self._until = time.monotonic() + _PATIENCE

    def small(self, url: str) -> tuple[bytes, int] | None:
        try:
            return self._of_this_machine(url) if images.local_path(url) else self._of_another(url)
        except (AppError, OSError, ValueError, Image.DecompressionBombError):
            return None

    def _of_this_machine(self, url: str) -> tuple[bytes, int] | None:
        sha256, _dot, extension = (images.local_path(url) or "").rpartition("/")[2].partition(".")
        path = self._app.local_host.path_of(sha256, extension)
        small = photos.small_file(self._app, path, sha256, _SIDE) if path else None
        return _measured(small.read_bytes()) if small else None

    def _of_another(self, url: str) -> tuple[bytes, int] | None:
        """Only where its host makes small ones: a thousand whole photos would be a gigabyte."""
        address = images.thumb_url(url, _SIDE)
        if not address or address == url or time.monotonic() > self._until:
            return None
        return _measured(self._app.fetcher.fetch(address.replace("f_auto", "f_jpg")).data)


def _measured(data: bytes) -> tuple[bytes, int] | None:
    with Image.open(io.BytesIO(data)) as opened:
        side, format_ = max(opened.size), opened.format
    return (data, side) if format_ in ("JPEG", "PNG") and 0 < side <= 4 * _SIDE else None
