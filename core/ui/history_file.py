"""Historial as a file: a line a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from core.access.sessions import Session
from core.bootstrap import App
from core.queue import history
from core.queue.history import HistoryFilter, HistoryRow
from core.ui import components, csv_out, history_query, picture_words, texts
from core.ui.csv_out import Cell
from core.ui.texts import _


def csv(app: App, session: Session, asked: Mapping[str, str]) -> Iterator[bytes]:
    """`formato` in what is asked: for a spreadsheet, or plain. Raises ValueError."""
    zone = ZoneInfo(app.settings.shop_timezone)
    where = history_query.parse(asked, zone)
    kind = history_query.one_of(csv_out.KINDS, asked.get("formato") or "planilla")
    return csv_out.encode(header(), _lines(app, where, session.language), zone, kind)


def header() -> list[str]:
    return [
        _("Trabajo"), _("Número de artículo"), _("Código"), _("Artículo"), _("Categoría"), _("Estado"), _("Prioridad"),
        _("Intentos"), _("Intentos posibles"), _("Creado"), _("Empezado"), _("Terminado"), _("Duración (segundos)"),
        _("Costo (US$)"), _("Hecho con"), _("Qué pasó"), _("Conviene mirar"), _("Foto original"), _("Imagen nueva"),
        _("Lote"), _("Reutilizada"),
    ]  # fmt: skip


def line(row: HistoryRow) -> list[Cell]:
    return [
        row.id, row.articulo_id, row.codigo, row.articulo_nombre, row.categoria, components.status_word(row.estado),
        row.prioridad, row.intentos, row.max_intentos, row.created_at, row.started_at, row.completed_at,
        row.duracion_segundos, row.cost, row.model, row.error_message, _doubts(row), row.imagen_url_original,
        row.imagen_url_procesada, row.batch_id, _("sí") if row.reused else _("no"),
    ]  # fmt: skip


def _lines(app: App, where: HistoryFilter, language: str) -> Iterator[list[Cell]]:
    for row in history.stream(app.engine, where):
        with texts.spoken(language):
            cells = line(row)
        yield cells


def _doubts(row: HistoryRow) -> str:
    return " ".join(picture_words.finding(code) for code in row.doubts)
