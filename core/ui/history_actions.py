"""Retrying many, taking back, removing old ones; each confirmation states how many, and what it costs or loses."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access.actors import Actor, Role
from core.errors import AppError
from core.queue import clean, retry
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.settings.values import load_tuning
from core.ui import (
    errors,
    formats,
    guard,
    history_again,
    history_detail,
    history_query,
    history_table,
    prices,
    snapshot,
    undo_batch,
)
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def draw(actor: Actor, where: HistoryFilter, selected: Sequence[HistoryRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        failed = [row.id for row in selected if row.estado == "failed"]
        if actor.can(Role.OPERATOR):
            words = ngettext("Reintentar {n} elegido", "Reintentar {n} elegidos", len(failed))
            if failed and st.button(words.format(n=formats.count(len(failed))), icon=":material/replay:"):
                RETRY.open(failed)
            history_again.draw(selected)
            if st.button(_("Reintentar todos los fallidos"), icon=":material/replay:"):
                RETRY.open(None)
        if where.batch_id is not None and actor.can(Role.OPERATOR):
            undo_batch.draw(guard.app(), actor, where.batch_id)
        if actor.can(Role.ADMIN) and st.button(_("Limpiar el historial"), icon=":material/delete_sweep:"):
            CLEAN.open()
        _downloads(history_query.encode(where, formats.timezone()))
        if len(selected) == 1:
            name = history_table.name_of(selected[0])
            st.markdown(f"[{escape(_('Ver el detalle de «{name}»').format(name=name))}](#{history_detail.ANCHOR})")
    RETRY.draw()
    CLEAN.draw()
    history_again.dialogs()
    undo_batch.dialog()


def _downloads(query: str) -> None:
    """What the filters show, all of it."""
    st.link_button(
        _("Descargar CSV"), f"/exportar/historial.csv{'?' if query else ''}{query}", icon=":material/download:"
    )
    st.link_button(
        _("Excel con fotos"), f"/exportar/historial.xlsx{'?' if query else ''}{query}", icon=":material/table_view:"
    )
    st.link_button(
        _("CSV simple"),
        f"/exportar/historial.csv?{query}{'&' if query else ''}formato=simple",
        type="tertiary",
        help=escape(_("Con comas y punto decimal, para otros programas.")),
    )


def _confirm_retry(job_ids: list[int] | None) -> None:
    """`None`: all that failed, whatever the filter."""
    actor, app = guard.require(Role.OPERATOR), guard.app()
    if job_ids is None:
        with app.engine.connect() as connection:
            job_ids = retry.failed_ids(connection)
    count = len(job_ids)
    if not count:
        st.markdown(escape(_("No hay trabajos fallidos.")))
        return
    expected = prices.estimate(app, count)
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
            retried = len(retry.retry(app.engine, actor, job_ids))
        except AppError as error:
            errors.show(error)
            return
        done = ngettext("{n} trabajo volvió a la cola.", "{n} trabajos volvieron a la cola.", retried)
        left_out = _(" {n} no: su artículo ya está en la cola.").format(n=formats.count(count - retried))
        _finish(done.format(n=formats.count(retried)) + (left_out if retried < count else ""))


def _confirm_clean() -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    with app.engine.connect() as connection:
        usual = load_tuning(connection).clean_days
    days = st.number_input(
        _("Borrar los trabajos terminados hace más de estos días"), min_value=0, max_value=3650, value=usual, step=1
    )
    count = clean.count_old(app.engine, int(days))
    if not count:
        st.markdown(escape(_("No hay trabajos tan viejos.")))
        return
    st.markdown(
        escape(
            _(
                "Se borran del historial los trabajos completados y fallidos. Las imágenes y lo gastado se conservan."
                " No se puede deshacer."
            )
        )
    )
    label = ngettext("Borrar {n} trabajo viejo", "Borrar {n} trabajos viejos", count).format(n=formats.count(count))
    if st.button(label, key="confirm_clean", type="primary", icon=":material/delete_sweep:", width="stretch"):
        try:
            removed = clean.clean(app.engine, actor, int(days))
        except AppError as error:
            errors.show(error)
            return
        done = ngettext("Se borró {n} trabajo viejo.", "Se borraron {n} trabajos viejos.", removed)
        _finish(done.format(n=formats.count(removed)))


def _finish(said: str) -> None:
    RETRY.close()
    CLEAN.close()
    snapshot.forget()
    st.toast(escape(said))
    st.rerun()


RETRY = Dialog("retry", lambda: _("Reintentar"), _confirm_retry)
CLEAN = Dialog("clean", lambda: _("Limpiar el historial"), _confirm_clean)
