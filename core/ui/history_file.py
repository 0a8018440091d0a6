"""Historial as a file: a line a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from core.access.sessions import Session
from core.bootstrap import App
from core.queue import history
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.ui import components, csv_out, history_query, picture_words, texts
from core.ui.csv_out import Cell
from core.ui.texts import _


def csv(app: App, _session: Session, asked: Mapping[str, str]) -> Iterator[bytes]:
    """`formato` in what is asked: for a spreadsheet, or plain. Raises ValueError."""
    zone = ZoneInfo(app.settings.shop_timezone)
    where = history_query.parse(asked, zone)
    kind = history_query.one_of(csv_out.KINDS, asked.get("formato") or "planilla")
    return csv_out.encode(header(), lines(app, where), zone, kind)


def header() -> list[str]:
    return [
        _("Trabajo"), _("Número de artículo"), _("Código"), _("Artículo"), _("Categoría"), _("Estado"), _("Prioridad"),
        _("Intentos"), _("Intentos posibles"), _("Creado"), _("Empezado"), _("Terminado"), _("Duración (segundos)"),
        _("Costo (US$)"), _("Hecho con"), _("Qué pasó"), _("Conviene mirar"), _("Foto original"), _("Imagen nueva"),
        _("Lote"), _("Reutilizada"), _("Revisión"), _("Quién la revisó"), _("Motivo"),
    ]  # fmt: skip


_REVIEWS = ("awaiting", "approved", "rejected", "superseded")
_DECISIONS = ("keep_original", "redo")


class Lines:
    """The words that every line repeats, looked up once, in the language spoken when it is made."""

    def __init__(self) -> None:
        self._states = {state: components.status_word(state) for state in (*components.LOOKS, "")}
        self._yes, self._no = _("sí"), _("no")
        self._language = texts.language()
        self._reviews = {code: found.word for code in _REVIEWS if (found := picture_words.review(code))}
        self._decided = {code: picture_words.decided(code) for code in _DECISIONS}

    def _review(self, row: HistoryRow) -> str:
        """What became of the picture: «Aprobada», «Rechazada», «Quedó la original»; empty where nobody was asked."""
        if row.estado != "completed":
            return ""
        return self._decided.get(row.decision or "") or self._reviews.get(row.review or "", "")

    def of(self, row: HistoryRow) -> list[Cell]:
        doubts = ""
        if row.doubts:
            with texts.spoken(self._language):
                doubts = _doubts(row)
        return [
            row.id, row.articulo_id, row.codigo, row.articulo_nombre, row.categoria,
            self._states.get(row.estado, self._states[""]), row.prioridad, row.intentos, row.max_intentos,
            row.created_at, row.started_at, row.completed_at, row.duracion_segundos, row.cost, row.model,
            row.error_message, doubts, row.imagen_url_original, row.imagen_url_procesada, row.batch_id,
            self._yes if row.reused else self._no, self._review(row), row.decided_by, row.decided_why,
        ]  # fmt: skip


def lines(app: App, where: HistoryFilter) -> Iterator[list[Cell]]:
    """In the language spoken now, whenever they are read."""
    line = Lines()
    return (line.of(row) for row in history.stream(app.engine, where))


def _doubts(row: HistoryRow) -> str:
    return " ".join(picture_words.finding(code) for code in row.doubts)
