"""What matches the filters: how many, which page of them, and ticking all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleFilter, ArticleRow
from core.ui import (
    address,
    article_filters,
    article_gallery,
    article_numbers,
    article_table,
    components,
    formats,
    photos_file,
    remembered,
    saved_filters,
)
from core.ui.article_filters import Choice
from core.ui.basket import EMPTY
from core.ui.texts import _, escape, ngettext

PAGE_SIZE = 50
_VIEW = "articles_view"


def draw(app: App, actor: Actor, choice: Choice) -> None:
    found = article_numbers.find(app, choice.where, choice.order)
    total = found.total
    if not total:
        _nothing_found(app)
        return
    selectable = actor.can(Role.OPERATOR)
    gallery = _view(actor) == "galeria"
    size = article_gallery.PAGE_SIZE if gallery else PAGE_SIZE
    pages = -(-total // size)
    number = min(address.place()[0], pages)
    first = (number - 1) * size
    rows = found.page(size, first)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if selectable:
                _selection_buttons(app, choice, total)
            saved_filters.way_out("articles", article_filters.WIDGETS)
        _choose_view(actor)
    (article_gallery if gallery else article_table).draw(rows, selectable=selectable)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(escape(_showing(first, len(rows), total)), width="content")
        if pages > 1:
            _paging(number, pages, (choice, size))
        _download(app, choice.where, rows)


def _paging(number: int, pages: int, shown: object) -> None:
    """`shown`: what else the list hangs on; of another list it is another widget, which begins where the address says."""
    key = address.of_this_era(f"articles_page_{pages}_{hash(shown)}")
    st.pagination(pages, default=number, key=key, on_change=lambda: address.turn(st.session_state[key]))


def _view(actor: Actor) -> str:
    """As the person left it, on whatever machine."""
    kept = st.session_state.get(_VIEW) or remembered.get(actor, _VIEW)
    return kept if kept in ("tabla", "galeria") else "tabla"


def _choose_view(actor: Actor) -> None:
    words = {"tabla": _("Tabla"), "galeria": _("Galería")}
    view = st.segmented_control(
        _("Vista"),
        list(words),
        format_func=lambda code: words[code],
        default=_view(actor),
        required=True,
        key=_VIEW,
        on_change=address.turn,
        args=(1,),  # the two show different numbers of articles
        persist_state="session",
        label_visibility="collapsed",
        width="content",
    )
    if view in words:
        remembered.put(actor, _VIEW, view)


def _nothing_found(app: App) -> None:
    if articles.any_of(app.engine, ArticleFilter(activo=None)):
        components.empty_state(
            _("Ningún artículo cumple los filtros"),
            _("Cambie o quite algún filtro, o borre lo que escribió en Buscar."),
        )
        saved_filters.way_out("articles", article_filters.WIDGETS)
    else:
        components.empty_state(
            _("Todavía no hay artículos"),
            _("Cargue primero la lista de artículos y sus fotos."),
            "catalog",
            _("Ir a Catálogo"),
        )


def _selection_buttons(app: App, choice: Choice, total: int) -> None:
    with st.container(horizontal=True, width="content"):
        if choice.where == ArticleFilter():
            all_of_them = ngettext("Seleccionar el único artículo", "Seleccionar los {n} artículos", total)
        else:
            all_of_them = ngettext("Seleccionar el único que cumple", "Seleccionar los {n} que cumplen", total)
        # In a callback, which comes first in a run: another click in the same instant can't cut it off.
        st.button(
            escape(all_of_them.format(n=formats.count(total))),
            key="select_all",
            icon=":material/select_all:",
            on_click=_choose_all,
            args=(app, choice.where),
        )
        if ticked := len(article_table.chosen()):
            none_of_them = ngettext("Desmarcar el elegido", "Desmarcar los {n} elegidos", ticked)
            st.button(
                escape(none_of_them.format(n=formats.count(ticked))),
                key="select_none",
                icon=":material/deselect:",
                on_click=article_table.choose,
                args=(EMPTY,),
            )


def _choose_all(app: App, where: ArticleFilter) -> None:
    article_table.choose_all(where, frozenset(articles.ids(app.engine, where)))


def _download(app: App, where: ArticleFilter, shown: Sequence[ArticleRow]) -> None:
    """The finished pictures of the filter; nothing when it holds none."""
    if where.state not in ("any", "done"):
        return
    if any(row.estado == "completed" for row in shown) or article_numbers.any_done(app, where):
        st.link_button(
            _("Descargar imágenes terminadas"),
            photos_file.address(where),
            icon=":material/folder_zip:",
            type="tertiary",
        )


def _showing(first: int, shown: int, total: int) -> str:
    return _("Mostrando {first}–{last} de {total}.").format(
        first=formats.count(first + 1), last=formats.count(first + shown), total=formats.count(total)
    )
