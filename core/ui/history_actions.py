"""What can be done with what Historial shows: above its table. Removing old ones has its confirmation here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access.actors import Actor, Role
from core.errors import AppError
from core.queue import clean
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.settings.values import load_tuning
from core.ui import (
    errors,
    formats,
    guard,
    history_again,
    history_detail,
    history_filters,
    history_query,
    history_retry,
    saved_filters,
    snapshot,
    undo_batch,
)
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext, quiet


def draw(actor: Actor, where: HistoryFilter, selected: Sequence[HistoryRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(selected) == 1:
            history_detail.way_here()
        if actor.can(Role.OPERATOR):
            history_retry.draw(where, selected)
            history_again.draw(selected)
        if where.batch_id is not None and actor.can(Role.OPERATOR):
            undo_batch.draw(guard.app(), actor, where.batch_id)
        if actor.can(Role.ADMIN) and st.button(_("Limpiar el historial"), icon=":material/delete_sweep:"):
            CLEAN.open()
        _downloads(history_query.encode(where, formats.timezone()))
        saved_filters.way_out("history", history_filters.WIDGETS)
    history_retry.dialogs()
    CLEAN.draw()
    history_again.dialogs()
    undo_batch.dialog()


def _downloads(query: str) -> None:
    """What the filters show, all of it. One button until somebody wants a file: three would crowd the others out."""
    plain = f"{query}{'&' if query else ''}formato=simple"
    kinds = (
        (_("Descargar CSV"), f"historial.csv?{query}", "download", _("Se abre en Excel, un renglón por trabajo.")),
        (_("Excel con fotos"), f"historial.xlsx?{query}", "table_view", _("Con el antes y el después.")),
        (_("CSV simple"), f"historial.csv?{plain}", "code", _("Con comas y punto decimal, para otros programas.")),
    )
    with st.popover(_("Descargar"), icon=":material/download:", key="history_downloads"):
        for label, file, icon, what_for in kinds:
            st.link_button(label, f"/exportar/{file.rstrip('?')}", icon=f":material/{icon}:", width="stretch")
            st.markdown(quiet(what_for))


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
    CLEAN.close()
    snapshot.forget()
    st.toast(escape(said))
    st.rerun()


CLEAN = Dialog("clean", lambda: _("Limpiar el historial"), _confirm_clean)
