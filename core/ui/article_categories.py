"""The first choice on Artículos: the categories, each with how far it is."""

from __future__ import annotations

import html

import streamlit as st

from core.bootstrap import App
from core.catalog.articles import CategoryRow
from core.ui import address, article_numbers, components, formats, markup
from core.ui.article_filters import Choice
from core.ui.texts import _, escape, ngettext

#: More are shown when somebody asks for them: the articles themselves are to be seen below.
_SHOWN = 8
_ALL = "categories_all"
#: A button writes its label in the middle; here it is the heading of what stands below it, and takes clicks on all of it.
_STYLE = """<style>
[class*="st-key-card_"] { position: relative; padding: 9px 12px; }
[class*="st-key-card_"]:hover { border-color: rgba(128,128,128,.7); }
[class*="st-key-category_"], [class*="st-key-category_"] * { position: static; }
[class*="st-key-category_"] button { min-height: 0; padding: 0; } [class*="st-key-category_"] button:hover { color: inherit; }
[class*="st-key-category_"] button::after { content: ""; position: absolute; inset: 0; z-index: 1; }
[class*="st-key-category_"] button > div { justify-content: flex-start; }
[class*="st-key-category_"] button p { font-weight: 600; text-align: left; line-height: 1.3; }
@media (max-width: 640px) {
  [data-testid="stGrid"]:has([class*="st-key-card_"]) { grid-template-columns: 1fr 1fr; }
}
</style>"""


def worth_showing(choice: Choice) -> bool:
    """While nothing is chosen yet."""
    where = choice.where
    return where.categoria_id is None and not where.search and where.picture == "any" and where.state == "any"


def draw(app: App) -> None:
    categories = article_numbers.categories(app)
    if len(categories) < 2:
        return
    shown = categories if st.session_state.get(_ALL) else categories[:_SHOWN]
    colours = {state: components.state_color(state) for state in ("completed", "pending", "failed")}
    colours["none"] = "rgba(128,128,128,.25)"
    st.html(_STYLE)
    with st.grid("auto", min_column_width=200, gap="small"):
        for row in shown:
            with st.container(border=True, gap="xsmall", height="stretch", key=f"card_{row.id}"):
                st.button(
                    escape(row.nombre),
                    key=f"category_{row.id}",
                    type="tertiary",
                    width="stretch",
                    on_click=_choose,
                    args=(row.id,),
                )
                rest = max(0, row.articles - row.done - row.queued - row.failed)
                parts = [("completed", row.done), ("pending", row.queued), ("failed", row.failed), ("none", rest)]
                told = _told(row)
                words = f'<div style="font-size:14px;line-height:1.35;margin-top:5px">{html.escape(told)}</div>'
                bar = markup.progress_bar(parts, colours, told, height=8)
                st.html(bar + words)  # one piece: there are many cards
    if more := len(categories) - len(shown):
        words = ngettext("Ver {n} categoría más", "Ver {n} categorías más", more)
        st.button(
            escape(words.format(n=formats.count(more))),
            key="all_categories",
            icon=":material/expand_more:",
            on_click=_all,
        )


def _told(row: CategoryRow) -> str:
    parts = [
        ngettext("{n} artículo", "{n} artículos", row.articles).format(n=formats.count(row.articles)),
        _("{n} con foto").format(n=formats.count(row.with_picture)),
        ngettext("{n} completado", "{n} completados", row.done).format(n=formats.count(row.done)),
    ]
    if row.to_review:
        parts.append(_("{n} por revisar").format(n=formats.count(row.to_review)))
    if row.rejected:
        parts.append(_("{n} con la foto de antes").format(n=formats.count(row.rejected)))
    if row.queued:
        parts.append(ngettext("{n} pendiente", "{n} pendientes", row.queued).format(n=formats.count(row.queued)))
    if row.failed:
        parts.append(ngettext("{n} fallido", "{n} fallidos", row.failed).format(n=formats.count(row.failed)))
    return ", ".join(parts)


def _all() -> None:
    st.session_state[_ALL] = True


def _choose(categoria_id: int) -> None:
    address.put({"categoria": str(categoria_id)})
