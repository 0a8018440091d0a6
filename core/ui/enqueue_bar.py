"""At the foot of the screen: what is ticked, what it costs and how long it takes, and the way to the confirmation."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import SkipReason
from core.ui import (
    article_table,
    enqueue_choice,
    enqueue_confirm,
    enqueue_result,
    formats,
    phone_fold,
    prices,
    priorities,
)
from core.ui.texts import _, escape, ngettext, quiet

_BESIDE = 330  #: pixels, beside the button


def draw(app: App) -> None:
    """Fixed at the foot of the screen. Its button carries what it will do."""
    ids = article_table.chosen()
    with st.bottom, st.container(horizontal=True, vertical_alignment="bottom"):
        if not ids:
            st.markdown(escape(_("Marque los artículos que quiere procesar.")))
            return
        with phone_fold.desk_only("priority", 160):
            priority = st.selectbox(
                _("Prioridad"),
                priorities.ALL,
                format_func=priorities.word,
                key="enqueue_priority",
                persist_state="session",
                filter_mode=None,
            )
        ready, left_out = articles.processable(app.engine, sorted(ids))
        made_anew = [id_ for id_, reusable in ready.items() if not reusable]
        figures = f" · {prices.cost_and_time(prices.estimate_for(app, made_anew))}" if ready else ""
        if st.button(
            escape(enqueue_choice.verb(len(ready)) + figures),
            key="bar_enqueue",
            type="primary",
            icon=":material/playlist_add:",
            wrap=True,
        ):
            enqueue_result.forget()
            chosen = priority if priority in priorities.ALL else 0
            whole = article_table.whole()
            matching, besides = whole.meant(ids) if whole else (None, ids)
            enqueue_confirm.open_(sorted(besides), chosen, matching)
        beside = [_of_the_chosen(len(ids), left_out), enqueue_choice.beside(app, len(made_anew))]
        if any(beside):
            with phone_fold.desk_only("beside", _BESIDE):
                st.markdown(quiet(" ".join(filter(None, beside))))
    enqueue_confirm.CONFIRM.draw()


def _of_the_chosen(chosen: int, left_out: Mapping[SkipReason, int]) -> str:
    """«De 9 elegidos, 1 no tiene foto.»"""
    if not left_out:
        return ""
    why = "; ".join(enqueue_result.why(reason, number) for reason, number in left_out.items())
    words = ngettext("De {chosen} elegido, {why}.", "De {chosen} elegidos, {why}.", chosen)
    return words.format(chosen=formats.count(chosen), why=why)
