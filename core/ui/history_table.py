"""The jobs of one page as a table, newest first, with before and after."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.queue.history import HistoryRow
from core.ui import basket, formats, images, picture_words, tab
from core.ui.picture_words import Review
from core.ui.texts import _

_ROW_HEIGHT = 56
_HEADER_HEIGHT = 38
#: Half a row more says that there are others below.
_ROWS_IN_VIEW = 8.5
_COLUMNS = ["antes", "despues", "nombre", "codigo", "estado", "motivo", "cuando", "costo", "duracion"]
#: What it is and what became of it, without a swipe.
_ON_A_PHONE = ["despues", "nombre", "estado", "motivo", "cuando", "costo", "codigo", "antes", "duracion"]


def name_of(row: HistoryRow) -> str:
    return row.articulo_nombre or _("Artículo {id}").format(id=row.articulo_id)


def standing(row: HistoryRow) -> Review:
    return picture_words.standing(row, doubtful=doubtful(row))


def cost_of(row: HistoryRow) -> str:
    """Empty while nothing was bought."""
    if row.reused and not row.cost:
        return _("reutilizada, US$ 0")
    return "" if row.cost is None else formats.money(row.cost)


def draw(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    """Gives the ticked rows."""
    standings = picture_words.all_standings()
    state = st.dataframe(
        pd.DataFrame([_cells(row) for row in rows], columns=_COLUMNS),
        # Ids alone: a job that changes its state while it is ticked stays ticked.
        key=basket.table_key("history", [row.id for row in rows], 0),
        column_config={
            "antes": st.column_config.ImageColumn(_("Antes"), width=80),
            "despues": st.column_config.ImageColumn(_("Después"), width=76 if tab.narrow() else 80),
            "nombre": st.column_config.TextColumn(_("Artículo"), width=126 if tab.narrow() else 210),
            "codigo": st.column_config.TextColumn(_("Código"), width="small"),
            "estado": st.column_config.MultiselectColumn(
                _("Estado"), options=[one.chip for one in standings], color=[one.color for one in standings]
            ),
            "cuando": st.column_config.TextColumn(_("Cuándo")),
            "duracion": st.column_config.TextColumn(_("Duración"), width=92, alignment="right"),
            "costo": st.column_config.TextColumn(_("Costo"), alignment="right"),
            "motivo": st.column_config.TextColumn(_("Qué pasó"), width=230),
        },
        column_order=_worth_showing(rows),
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=round(_HEADER_HEIGHT + _ROW_HEIGHT * min(len(rows), _ROWS_IN_VIEW)),
        placeholder="",
        alt=_("Historial de trabajos"),
        on_select="rerun",
        selection_mode="multi-row",
    )
    return [rows[position] for position in state.selection.rows if position < len(rows)]


def _worth_showing(rows: Sequence[HistoryRow]) -> list[str]:
    """A column that says nothing on this page only pushes the others out of sight."""
    empty = set()
    if not any(row.cost or row.reused for row in rows):
        empty.add("costo")
    if not any(_what_happened(row) for row in rows):
        empty.add("motivo")
    return [name for name in (_ON_A_PHONE if tab.narrow() else _COLUMNS) if name not in empty]


def _cells(row: HistoryRow) -> dict[str, object]:
    when = row.completed_at or row.started_at or row.created_at
    return {
        "antes": images.thumb_url(row.imagen_url_original),
        "despues": images.thumb_url(row.imagen_url_procesada),
        "nombre": name_of(row),
        "codigo": row.codigo or "",
        "estado": [standing(row).chip],
        "cuando": formats.ago(when) if when else "",
        "duracion": "" if row.duracion_segundos is None else formats.duration(row.duracion_segundos),
        "costo": cost_of(row),
        "motivo": _what_happened(row),
    }


def doubtful(row: HistoryRow) -> bool:
    """A person should look and none did; of pictures made before there was a review, whatever was doubted then."""
    return row.estado == "completed" and (row.review == "awaiting" or (row.review is None and bool(row.doubts)))


def _what_happened(row: HistoryRow) -> str:
    if row.estado == "failed":
        return row.error_message or ""
    if row.decided_by and not doubtful(row):
        said = picture_words.by_whom(row.decision, row.decided_by)
        return f"{said}: {row.decided_why}" if said and row.decided_why else said
    return " ".join(picture_words.finding(code) for code in row.doubts) if doubtful(row) else ""
