"""The choice of jobs: state, category, words, days and batch; all of it in the page's address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from core.bootstrap import App
from core.catalog import articles
from core.queue.history import HistoryFilter
from core.ui import address, formats, history_query
from core.ui.texts import _, escape

_BATCH = "history_batch"
_NARROW, _WIDE = 150, 190


def draw(app: App) -> HistoryFilter:
    zone = formats.timezone()
    # Side by side on a desk, two in a row on a phone.
    with st.container(horizontal=True):
        estado = _state()
        categoria_id = _category(app)
        words = st.text_input(
            _("Buscar"),
            placeholder=_("Nombre o código"),
            type="search",
            max_chars=200,
            width=_WIDE,
            **address.bound("buscar", "history_search", address.words),
        )
        since = _day(_("Desde"), "desde", "history_first")
        until = _day(_("Hasta"), "hasta", "history_last")
    if since and until and since > until:
        st.warning(escape(_("«Desde» es posterior a «Hasta»: ningún trabajo puede cumplirlo.")))
    return history_query.make(
        estado=estado,
        categoria_id=categoria_id,
        search=words or "",
        batch_id=_batch(),
        first=since,
        last=until,
        zone=zone,
    )


def _state() -> str | None:
    words = {
        "pending": _("Pendientes"),
        "processing": _("Procesando"),
        "completed": _("Completados"),
        "failed": _("Fallidos"),
    }
    known: Callable[[str], str | None] = {code: code for code in words}.get
    chosen: str | None = st.selectbox(
        _("Estado"),
        [None, *words],
        format_func=lambda code: words.get(code or "", _("Todos")),
        filter_mode=None,
        width=_NARROW,
        **address.bound("estado", "history_state", known),
    )
    return chosen


def _category(app: App) -> int | None:
    # A job knows its article, and the article its category; those of none can't be asked for.
    names = {row.id: row.nombre for row in articles.categories(app.engine) if row.id != articles.UNCATEGORISED}

    def known(written: str) -> int | None:
        number = address.number(written)
        return number if number in names else None

    bound = address.bound("categoria", "history_category", known)
    if st.session_state.get(bound["key"]) not in (None, *names):
        st.session_state[bound["key"]] = None
    chosen: int | None = st.selectbox(
        _("Categoría"),
        [None, *names],
        format_func=lambda categoria_id: names.get(categoria_id or 0, _("Todas")),
        filter_mode="contains",
        width=_WIDE,
        **bound,
    )
    return chosen


def _day(label: str, name: str, key: str) -> date | None:
    chosen = st.date_input(label, value=None, format="DD/MM/YYYY", width=_NARROW, **address.bound(name, key, _read_day))
    return chosen if isinstance(chosen, date) else None


def _read_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _batch() -> int | None:
    """Only reached by a link; said aloud, with a way out."""
    address.bound("lote", _BATCH, address.number)
    batch_id: int | None = st.session_state.get(_BATCH)
    if batch_id is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape(_("Solo el lote {id}.").format(id=batch_id)))
        st.button(_("Ver todos los lotes"), key="history_all_batches", on_click=_forget_batch)
    return batch_id


def _forget_batch() -> None:
    st.session_state[_BATCH] = None
    address.write("lote", _BATCH)
