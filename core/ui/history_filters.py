"""The choice of jobs: state, words, category, days, person, cost, batch, article; all of it in the page's address."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import streamlit as st

from core.access.actors import Actor
from core.bootstrap import App
from core.catalog import articles
from core.queue import batches, history
from core.queue.history_filter import HistoryFilter
from core.ui import address, batch_words, filter_choice, formats, history_query, saved_filters
from core.ui.texts import _, escape

_NARROW, _WIDE, _DAY, _COST = 144, 190, 164, 124
_BATCHES = 50

WIDGETS: address.Filters = {
    "estado": ("history_state", None),
    "categoria": ("history_category", None),
    "buscar": ("history_search", ""),
    "desde": ("history_first", None),
    "hasta": ("history_last", None),
    "persona": ("history_person", None),
    "costo_desde": ("history_cost_from", None),
    "costo_hasta": ("history_cost_to", None),
    "lote": ("history_batch", None),
    "articulo": ("history_article", None),
}
#: Seldom wanted: out of sight until somebody asks for them.
_MORE = ("desde", "hasta", "persona", "costo_desde", "costo_hasta")


def draw(app: App, actor: Actor) -> HistoryFilter:
    zone = formats.timezone()
    address.follow(WIDGETS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        estado = _state()
        words = st.text_input(
            _("Buscar"),
            placeholder=_("Nombre o código"),
            type="search",
            max_chars=200,
            width=_WIDE,
            **address.bound("buscar", "history_search", address.words),
        )
        categoria_id = _category(app)
        batch_id = _batch(app)
        with saved_filters.more("history", _MORE):
            with st.container(horizontal=True):
                since = _day(_("Desde"), "desde", "history_first")
                until = _day(_("Hasta"), "hasta", "history_last")
            person = _person(app)
            with st.container(horizontal=True):
                cost_from = _cost(_("Desde US$"), "costo_desde", "history_cost_from")
                cost_to = _cost(_("Hasta US$"), "costo_hasta", "history_cost_to")
            saved_filters.draw(app, actor, "history", WIDGETS)
    if since and until and since > until:
        st.warning(escape(_("«Desde» es posterior a «Hasta»: ningún trabajo puede cumplirlo.")))
    return history_query.make(
        estado=estado,
        categoria_id=categoria_id,
        search=words or "",
        batch_id=batch_id,
        articulo_id=_only("articulo", "history_article", _("Solo el artículo {id}."), _("Ver todos los artículos")),
        first=since,
        last=until,
        person=person,
        cost_from=cost_from,
        cost_to=cost_to,
        zone=zone,
    )


def _person(app: App) -> str | None:
    names = {name: name for name in history.people(app.engine)}
    return filter_choice.bind("persona", "history_person", names).draw(
        _("Persona"), _("Todas"), width=_NARROW, filter_mode="contains"
    )


def _batch(app: App) -> int | None:
    """The newest ones, and whichever a link asks for."""
    names = {
        batch.id: f"{batch_words.title(batch)} · {batch.user_name}" for batch in batches.recent(app.engine, _BATCHES)
    }
    batch = filter_choice.bind("lote", "history_batch", names, lambda number: _("Lote {id}").format(id=number))
    return batch.draw(_("Lote"), _("Todos"), width=_NARROW + 38, filter_mode="contains")


def _cost(label: str, name: str, key: str) -> Decimal | None:
    typed = st.number_input(
        label,
        min_value=0.0,
        max_value=9999.0,
        value=None,
        step=0.01,
        format="%.2f",
        placeholder="—",
        width=_COST,
        **address.bound(name, key, _read_cost),
    )
    return None if typed is None else Decimal(str(round(typed, 4)))


def _read_cost(written: str) -> float | None:
    try:
        found = history_query.money(written)
    except ValueError:
        return None
    return None if found is None else float(min(found, Decimal(9999)))


def _state() -> str | None:
    words = {
        "pending": _("Pendientes"),
        "processing": _("Procesando"),
        "completed": _("Completados"),
        "failed": _("Fallidos"),
        "to_review": _("Por revisar"),
        "rejected": _("Rechazados"),
    }
    return filter_choice.bind("estado", "history_state", words).draw(
        _("Estado"), _("Todos"), width=_NARROW, filter_mode=None
    )


def _category(app: App) -> int | None:
    # A job knows its article, and the article its category; those of none can't be asked for.
    names = articles.category_names(app.engine)
    return filter_choice.bind("categoria", "history_category", names).draw(
        _("Categoría"), _("Todas"), width=_WIDE, filter_mode="contains"
    )


def _day(label: str, name: str, key: str) -> date | None:
    chosen = st.date_input(label, value=None, format="DD/MM/YYYY", width=_DAY, **address.bound(name, key, _read_day))
    return chosen if isinstance(chosen, date) else None


def _read_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _only(word: str, key: str, said: str, way_out: str) -> int | None:
    """Only reached by a link; said aloud, with a way out."""
    number: int | None = st.session_state.get(address.bound(word, key, address.number)["key"])
    if number is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape(said.format(id=number)))
        st.button(way_out, key=f"{key}_all", on_click=address.put, args=({word: None},))
    return number
