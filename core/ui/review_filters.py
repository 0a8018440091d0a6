"""Which of the waiting pictures: category, batch and verdict, all of it in the page's address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.catalog import articles
from core.review.desk import Filter
from core.review.open_batches import OpenBatch
from core.ui import address, filter_choice, formats, review_case
from core.ui.texts import _, escape

WIDGETS: address.Filters = {
    "categoria": ("review_category", None),
    "lote": ("review_batch", None),
    "veredicto": ("review_verdict", None),
}


def draw(app: App, batches: Sequence[OpenBatch]) -> Filter:
    names = articles.category_names(app.engine)
    labels = {batch.id: batch_title(batch) for batch in batches}
    verdicts = {code: review_case.verdict_title(code) for code in ("good", "doubtful", "bad")}
    address.follow(WIDGETS)
    # What is chosen is known before the boxes are drawn: the button that hides them says it.
    category = filter_choice.bind("categoria", "review_category", names)
    # A link may name a batch that nothing of is left to review: it is said, not ignored.
    batch = filter_choice.bind("lote", "review_batch", labels, lambda number: _("Lote {id}").format(id=number))
    verdict = filter_choice.bind("veredicto", "review_verdict", verdicts)
    chosen = [said for said in (category.said, batch.said, verdict.said) if said]
    with st.popover(_label(chosen), icon=":material/filter_list:"):
        category.draw(_("Categoría"), _("Todas"), width="stretch", filter_mode="contains")
        batch.draw(_("Lote"), _("Todos"), width="stretch", filter_mode="contains")
        verdict.draw(_("Inspección"), _("Todas"), width="stretch", filter_mode="contains")
        if chosen:
            st.button(_("Quitar los filtros"), icon=":material/close:", on_click=clear, width="stretch")
    return Filter(categoria_id=category.chosen, batch_id=batch.chosen, verdict=verdict.chosen)


def clear() -> None:
    address.put(dict.fromkeys(WIDGETS))


def batch_title(batch: OpenBatch) -> str:
    """`Lote 12 · Pinturas · Ana, hace 3 min`."""
    words = [_("Lote {id}").format(id=batch.id), batch.label, f"{batch.user_name}, {formats.ago(batch.created_at)}"]
    return " · ".join(word for word in words if word)


def _label(chosen: Sequence[str]) -> str:
    if not chosen:
        return _("Filtrar")
    words = " · ".join(chosen)
    return escape(_("Filtro: {words}").format(words=words if len(words) <= 40 else f"{words[:39]}…"))
