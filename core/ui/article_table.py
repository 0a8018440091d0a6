"""The articles of one page as a table with ticks; what is ticked goes into the basket as ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.catalog.articles import ArticleFilter, ArticleRow
from core.ui import article_detail, basket, images, picture_words, tab
from core.ui.basket import EMPTY, Basket, Whole
from core.ui.texts import _

_BASKET, _VERSION, _WHOLE = "basket", "basket_version", "basket_whole"
_ROW_HEIGHT = 56
_HEADER_HEIGHT = 38
#: Half a row more says that there are others below.
_ROWS_IN_VIEW = 9.5


def chosen() -> Basket:
    found = st.session_state.get(_BASKET, EMPTY)
    return found if isinstance(found, frozenset) else EMPTY


def whole() -> Whole | None:
    """The filter all of which was ticked last."""
    found = st.session_state.get(_WHOLE)
    return found if isinstance(found, Whole) else None


def choose_all(where: ArticleFilter, ids: Basket) -> None:
    """All that match, beside what is ticked already."""
    choose(chosen() | ids)
    st.session_state[_WHOLE] = Whole(where, ids)


def choose(ids: Basket) -> None:
    """From outside the table, which is then drawn anew with these ticks."""
    st.session_state[_BASKET] = ids
    st.session_state.pop(_WHOLE, None)
    st.session_state[_VERSION] = version() + 1


def choose_one(articulo_id: int, *, ticked: bool) -> None:
    """What a tick outside the table does."""
    found = chosen()
    st.session_state[_BASKET] = found | {articulo_id} if ticked else found - {articulo_id}


def version() -> int:
    """Another one whenever the basket was changed as a whole: ticks drawn before that mean nothing any more."""
    found: int = st.session_state.get(_VERSION, 0)
    return found


def draw(rows: Sequence[ArticleRow], *, selectable: bool) -> None:
    frame = pd.DataFrame(
        [_cells(row) for row in rows], columns=["foto", "nombre", "codigo", "estado", "ver", "categoria", "unidad"]
    )
    standings = picture_words.all_standings()
    columns: dict[str, Any] = {
        "foto": st.column_config.ImageColumn(_("Foto"), width=72),
        "nombre": st.column_config.TextColumn(_("Artículo"), width=130 if tab.narrow() else 300),
        "codigo": st.column_config.TextColumn(_("Código")),
        "estado": st.column_config.MultiselectColumn(
            _("Estado"), options=[one.chip for one in standings], color=[one.color for one in standings]
        ),
        "ver": st.column_config.ButtonColumn(
            _("Detalle"), width=90, type="tertiary", key="articles_see", on_click=_see, args=([row.id for row in rows],)
        ),
        "categoria": st.column_config.TextColumn(_("Categoría")),
        "unidad": st.column_config.TextColumn(_("Unidad")),
    }
    # On a phone: what it is and how it stands, without a swipe.
    order = ("foto", "nombre", "estado", "ver", "codigo", "categoria", "unidad") if tab.narrow() else None
    height = round(_HEADER_HEIGHT + _ROW_HEIGHT * min(len(rows), _ROWS_IN_VIEW))
    shown = [row.id for row in rows]
    drawn = version()
    key = basket.table_key("articles", shown, drawn)
    ticks: dict[str, Any] = {
        "on_select": lambda: choose_from_table(shown, st.session_state[key].selection.rows, drawn),
        "selection_mode": "multi-row",
        "selection_default": {"selection": {"rows": basket.positions(chosen(), shown)}},
    }
    st.dataframe(
        frame,
        key=key,
        column_config=columns,
        column_order=order,
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=height,
        placeholder="",
        alt=_("Artículos"),
        **(ticks if selectable else {}),
    )


def choose_from_table(shown: Sequence[int], positions: Sequence[int], drawn: int) -> None:
    """What a click in the table does; the table already shows it, so it keeps its key. `drawn`: the version of then.

    The browser may still report of a table that was drawn before the basket changed: «nothing is ticked», with whatever
    is clicked next.
    """
    if drawn != version():
        return
    st.session_state[_BASKET] = basket.after_ticking(chosen(), shown, positions)


def _see(shown: Sequence[int]) -> None:
    click = st.session_state.get("articles_see")
    if click is not None and click.row < len(shown):
        article_detail.open_(shown[click.row])


def _cells(row: ArticleRow) -> dict[str, object]:
    return {
        "foto": images.thumb_url(row.imagen_url) or images.NO_PHOTO,
        "nombre": row.nombre,
        "codigo": row.codigo or "",
        "estado": [picture_words.standing(row).chip],
        "ver": _("Ver"),
        "categoria": row.categoria or "",
        "unidad": row.unidad or "",
    }
