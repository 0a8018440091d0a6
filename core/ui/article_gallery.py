"""The articles of one page as pictures, for who knows a product by its looks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.catalog.articles import ArticleRow
from core.ui import article_detail, article_table, images, markup, picture_words
from core.ui.texts import _, escape

PAGE_SIZE = 24


def draw(rows: Sequence[ArticleRow], *, selectable: bool) -> None:
    chosen = article_table.chosen()
    with st.grid("auto", min_column_width=190, gap="small"):
        for row in rows:
            with st.container(border=True, gap="xsmall"):
                st.html(markup.wide_photo(images.thumb_url(row.imagen_url, 320), row.nombre, _("Sin foto")))
                st.markdown(f"**{escape(row.nombre[:60])}**")
                if row.codigo:
                    st.markdown(escape(row.codigo))
                picture_words.badge(picture_words.standing(row))
                with st.container(horizontal=True, vertical_alignment="center"):
                    if selectable:
                        st.checkbox(
                            _("Elegir"),
                            value=row.id in chosen,
                            key=f"pick_{row.id}_{article_table.version()}",
                            on_change=_picked,
                            args=(row.id,),
                        )
                    st.button(
                        _("Ver"), key=f"see_{row.id}", type="tertiary", on_click=article_detail.open_, args=(row.id,)
                    )


def _picked(articulo_id: int) -> None:
    ticked = bool(st.session_state.get(f"pick_{articulo_id}_{article_table.version()}"))
    article_table.choose_one(articulo_id, ticked=ticked)
