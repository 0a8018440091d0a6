"""*Reintentar* on Historial: of what is ticked, or of all that failed and match; with how many and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.access.actors import Role
from core.errors import AppError
from core.queue import failures, retry
from core.queue.forecast import Estimate
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.ui import errors, formats, guard, prices, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def draw(where: HistoryFilter, selected: Sequence[HistoryRow]) -> None:
    """The buttons, for operators; each only where something failed."""
    failed = [row.id for row in selected if row.estado == "failed"]
    words = ngettext("Reintentar {n} elegido", "Reintentar {n} elegidos", len(failed))
    if failed and st.button(words.format(n=formats.count(len(failed))), icon=":material/replay:"):
        TICKED.open(failed)
    all_of_them = (
        _("Reintentar todos los fallidos") if where in _ALL_FAILED else _("Reintentar los fallidos del filtro")
    )
    if snapshot.totals(guard.app(), where).failed and st.button(
        all_of_them, key="retry_matching", icon=":material/replay:"
    ):
        MATCHING.open(where)


_ALL_FAILED = (HistoryFilter(), HistoryFilter(estado="failed"))


def dialogs() -> None:
    TICKED.draw()
    MATCHING.draw()


def _confirm_ticked(job_ids: list[int]) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    _confirm(len(job_ids), lambda _expected: len(retry.retry(app.engine, actor, job_ids)))


def _confirm_matching(where: HistoryFilter) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    with app.engine.connect() as connection:
        count = len(failures.jobs_matching(connection, where))
    if not count:
        st.markdown(
            escape(_("No hay nada que reintentar: lo que falló ya se pidió otra vez, ya salió bien o era una prueba."))
        )
        return
    seen = MATCHING.seen(count)

    def act(expected: Estimate) -> int:
        return retry.retry_matching(app.engine, actor, where, seen=seen, each=expected.cost / count, confirmed=True)

    _confirm(count, act)


def _confirm(count: int, act: Callable[[Estimate], int]) -> None:
    expected = prices.estimate(guard.app(), count)
    words = ngettext(
        "{n} trabajo vuelve a la cola. Cuesta como mucho {figures}.",
        "{n} trabajos vuelven a la cola. Cuestan como mucho {figures}.",
        count,
    )
    if not expected.per_picture:
        words = ngettext(
            "{n} trabajo vuelve a la cola: {figures}.", "{n} trabajos vuelven a la cola: {figures}.", count
        )
    st.markdown(escape(words.format(n=formats.count(count), figures=prices.cost_and_time(expected))))
    label = ngettext("Reintentar {n} trabajo", "Reintentar {n} trabajos", count).format(n=formats.count(count))
    if st.button(label, key="confirm_retry", type="primary", icon=":material/replay:", width="stretch"):
        try:
            retried = act(expected)
        except AppError as error:
            errors.show(error)
            return
        _finish(count, retried)


def _finish(count: int, retried: int) -> None:
    said = ngettext("{n} trabajo volvió a la cola.", "{n} trabajos volvieron a la cola.", retried)
    left_out = _(" {n} no: su artículo ya está en la cola.").format(n=formats.count(count - retried))
    TICKED.close()
    MATCHING.close()
    snapshot.forget()
    st.toast(escape(said.format(n=formats.count(retried)) + (left_out if retried < count else "")))
    st.rerun()


TICKED = Dialog("retry", lambda: _("Reintentar"), _confirm_ticked)
MATCHING = Dialog("retry_matching", lambda: _("Reintentar"), _confirm_matching)
