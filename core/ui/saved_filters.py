"""A page's filters under names of the person's own: kept as the words of the page's address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.access import remembered
from core.access.actors import Actor
from core.bootstrap import App
from core.errors import AppError
from core.ui import address, errors
from core.ui.address import Filters
from core.ui.texts import _, escape, ngettext


def more(page: str, words: Iterable[str]) -> DeltaGenerator:
    """Where to draw the filters that are seldom wanted. `words`: theirs in the address; what is set is said while they
    are out of sight."""
    set_ = sum(word in st.query_params for word in words)
    label = ngettext("Más filtros ({n} puesto)", "Más filtros ({n} puestos)", set_).format(n=set_)
    return st.popover(label if set_ else _("Más filtros"), icon=":material/tune:", key=f"more_{page}")


def draw(app: App, actor: Actor, page: str, filters: Filters) -> None:
    """Below the filters that are seldom wanted, once each has said in the address that it is set. Nobody without an
    account has any."""
    if actor.id is None:
        return
    query = urlencode({word: st.query_params[word] for word in filters if word in st.query_params})
    saved = remembered.saved_filters(app.engine, actor, page)
    if not query and not saved:
        return
    st.divider()
    if saved:
        st.markdown(f"**{escape(_('Filtros guardados'))}**")
    for one in saved:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                escape(one.name),
                key=f"saved_{one.id}",
                type="tertiary",
                width="stretch",
                icon=":material/filter_alt:",
                on_click=_apply,
                args=(one.query, filters),
            )
            st.button(
                _("Borrar"),
                key=f"unsave_{one.id}",
                type="tertiary",
                icon=":material/delete:",
                on_click=remembered.forget_filter,
                args=(app.engine, actor, one.id),
            )
    if not query:
        return
    with st.form(f"save_{page}", border=False, clear_on_submit=True):
        name = st.text_input(
            _("Guardar los filtros de ahora con este nombre"),
            max_chars=remembered.MAX_NAME,
            placeholder=_("Nombre"),
        )
        if st.form_submit_button(_("Guardar"), icon=":material/bookmark_add:"):
            _save(app, actor, page, name or "", query)


def way_out(page: str, filters: Filters) -> None:
    """What was filtered an hour ago still is: said where it is seen, with the way back to all."""
    set_ = sum(word in st.query_params for word in filters)
    if set_:
        label = ngettext("Quitar el filtro", "Quitar los {n} filtros", set_).format(n=set_)
        st.button(
            label, key=f"unfilter_{page}", type="tertiary", icon=":material/filter_alt_off:",
            on_click=_apply, args=("", filters),
        )  # fmt: skip


def _save(app: App, actor: Actor, page: str, name: str, query: str) -> None:
    try:
        remembered.save_filter(app.engine, actor, page, name, query)
    except AppError as error:
        errors.show(error)
        return
    st.toast(escape(_("Filtros guardados como «{name}».").format(name=" ".join(name.split()))))
    st.rerun()


def _apply(query: str, filters: Filters) -> None:
    """Into the address, from where the page's own widgets read it; what it doesn't say is not filtered."""
    wanted = dict(parse_qsl(query))
    address.put({word: wanted.get(word) for word in filters})
