"""*Rehacer* for finished jobs and *Cancelar* for those that wait: both on what is ticked in Historial."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import streamlit as st

from core.access.actors import Role
from core.errors import AppError
from core.queue import manage
from core.queue.enqueue import enqueue
from core.queue.history import HistoryRow
from core.ui import errors, formats, guard, prices, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def draw(selected: Sequence[HistoryRow]) -> None:
    """The buttons, for operators; each only where it applies to something that is ticked."""
    # An article may be ticked with several of its jobs; it is made once.
    finished = list(dict.fromkeys(r.articulo_id for r in selected if r.estado == "completed" and r.articulo_id))
    waiting = [row.id for row in selected if row.estado == "pending"]
    words = ngettext("Rehacer {n} elegido", "Rehacer {n} elegidos", len(finished))
    if finished and st.button(words.format(n=formats.count(len(finished))), icon=":material/refresh:"):
        AGAIN.open(finished, uuid4())
    words = ngettext("Cancelar {n} pendiente", "Cancelar {n} pendientes", len(waiting))
    if waiting and st.button(words.format(n=formats.count(len(waiting))), icon=":material/cancel:"):
        CANCEL.open(waiting)


def dialogs() -> None:
    AGAIN.draw()
    CANCEL.draw()


def _confirm_again(articulo_ids: list[int], request_id: UUID) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    count = len(articulo_ids)
    estimated = prices.estimate(app, count)
    figures = prices.cost_and_time(estimated)
    words = ngettext(
        "Se hace una imagen nueva de {n} artículo, aunque ya tenga una: {figures}.",
        "Se hacen imágenes nuevas de {n} artículos, aunque ya tengan una: {figures}.",
        count,
    )
    st.markdown(escape(words.format(n=formats.count(count), figures=figures)))
    st.markdown(
        escape(
            _("Se parte de la foto original. La imagen de ahora sigue en el artículo hasta que la nueva esté lista.")
        )
    )
    label = ngettext("Rehacer {n} imagen", "Rehacer {n} imágenes", count).format(n=formats.count(count))
    if st.button(
        escape(f"{label} · {figures}"), key="confirm_again", type="primary", icon=":material/refresh:", width="stretch"
    ):
        try:
            done = enqueue(
                app.engine,
                actor,
                articulo_ids,
                origin="panel",
                label=_("Rehacer"),
                request_id=request_id,
                fresh=True,
                cost=estimated.cost,
                confirmed=True,
            )
        except AppError as error:
            errors.show(error)
            return
        added = ngettext("{n} artículo volvió a la cola.", "{n} artículos volvieron a la cola.", len(done.added))
        left_out = ngettext(
            " {n} no: ya está en la cola, o no tiene foto.",
            " {n} no: ya están en la cola, o no tienen foto.",
            len(done.skipped),
        )
        said = added.format(n=formats.count(len(done.added)))
        _finish(said + (left_out.format(n=formats.count(len(done.skipped))) if done.skipped else ""))


def _confirm_cancel(job_ids: list[int]) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    count = len(job_ids)
    st.markdown(
        escape(
            _(
                "Los artículos elegidos salen de la cola y conservan la foto que tienen."
                " Los que ya empezaron a hacerse se terminan."
            )
        )
    )
    label = ngettext("Cancelar {n} trabajo", "Cancelar {n} trabajos", count).format(n=formats.count(count))
    if st.button(label, key="confirm_cancel", type="primary", icon=":material/cancel:", width="stretch"):
        try:
            gone = manage.cancel(app.engine, actor, job_ids=job_ids)
        except AppError as error:
            errors.show(error)
            return
        said = ngettext("{n} artículo salió de la cola.", "{n} artículos salieron de la cola.", gone)
        started = ngettext(" {n} ya había empezado y sigue.", " {n} ya habían empezado y siguen.", count - gone)
        _finish(
            said.format(n=formats.count(gone)) + (started.format(n=formats.count(count - gone)) if gone < count else "")
        )


def _finish(said: str) -> None:
    AGAIN.close()
    CANCEL.close()
    snapshot.forget()
    st.toast(escape(said))
    st.rerun()


AGAIN = Dialog("again", lambda: _("Hacer de nuevo"), _confirm_again)
CANCEL = Dialog("cancel", lambda: _("Sacar de la cola"), _confirm_cancel)
