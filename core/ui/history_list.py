"""One page of jobs, how many there are in all, and the way to the others."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.queue import history
from core.queue.history import HistoryRow, Totals
from core.queue.history_filter import HistoryFilter
from core.ui import components, formats, history_filters, history_table, keyset_pages, saved_filters, snapshot
from core.ui.keyset_pages import Trail
from core.ui.texts import _, escape, ngettext, quiet

PAGE_SIZE = 50


def draw(app: App, where: HistoryFilter) -> list[HistoryRow] | None:
    """Gives the ticked rows; None: nothing matches, so nothing can be done with it."""
    trail = keyset_pages.here("history", where)
    found = history.page(app.engine, where, trail.before_id, PAGE_SIZE)
    if not found.rows and trail.number > 1:  # jobs as old as those of the link are there no more
        trail = keyset_pages.arrived(None, where, 1, None)
        found = history.page(app.engine, where, None, PAGE_SIZE)
    if not found.rows:
        _nothing(where)
        return None
    above, table = st.container(), st.container()
    with table:  # first what is looked for: adding up a long history takes longer than showing a page of it
        selected = history_table.draw(found.rows)
    with above:
        _told(app, where, trail, len(found.rows))
    words = keyset_pages.Words(_("Más nuevos"), _("Ir a los más nuevos"), _("Más viejos"))
    keyset_pages.draw("history", trail, found.next_before, words)
    return selected


def _told(app: App, where: HistoryFilter, trail: Trail, shown: int) -> None:
    sums = snapshot.totals(app, where)
    total = sums.jobs
    first = (trail.number - 1) * PAGE_SIZE + 1
    words = ngettext("{total} trabajo.", "{total} trabajos. Mostrando {first}–{last}.", total)
    st.markdown(
        escape(
            words.format(total=formats.count(total), first=formats.count(first), last=formats.count(first + shown - 1))
        )
    )
    st.markdown(quiet(_summed(sums)))


def _summed(sums: Totals) -> str:
    """«1.204 completados, 3 fallidos. Costaron US$ 48,16 y llevaron 3 h 20 min de trabajo.»"""
    ended = _("{completed} y {failed}.").format(
        completed=ngettext("{n} completado", "{n} completados", sums.completed).format(n=formats.count(sums.completed)),
        failed=ngettext("{n} fallido", "{n} fallidos", sums.failed).format(n=formats.count(sums.failed)),
    )
    cost = _("Costo total: {money}.").format(money=formats.money(sums.cost))
    took = _("Tiempo de trabajo: {time}.").format(time=formats.duration(sums.seconds)) if sums.seconds else ""
    return " ".join(part for part in (ended, cost, took) if part)


def _nothing(where: HistoryFilter) -> None:
    if where == HistoryFilter():
        components.empty_state(
            _("Todavía no hay trabajos"),
            _("Elija artículos y pulse «Mejorar»: aquí quedará lo que pasó con cada uno."),
            "articles",
            _("Elegir artículos"),
        )
    else:
        components.empty_state(_("Ningún trabajo cumple los filtros"), _("Quite algún filtro o amplíe las fechas."))
        saved_filters.way_out("history", history_filters.WIDGETS)
