"""A batch whose first few are made while the rest waits: how they came out, and a person's yes or no."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.errors import AppError
from core.queue import pilot
from core.queue.batches import LiveBatch
from core.queue.pilot import Pilot
from core.ui import errors, formats, frame, guard, prices, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def draw(app: App, batch: LiveBatch) -> None:
    """For operators, inside the fragment that refreshes itself; its dialogs are drawn by the page, with `dialogs`."""
    now = pilot.read(app.engine, batch.id)
    with st.container(gap="xsmall", width=360):
        st.markdown(escape(_told(now)))
        with st.container(horizontal=True):
            st.page_link(frame.page("review"), label=_("Ver las hechas"), query_params={"lote": str(batch.id)})
            if st.button(_("Seguir con el resto…"), key=f"pilot_go_{batch.id}", type="primary"):
                GO_ON.open(batch.id)
                st.rerun()
            if st.button(_("No seguir…"), key=f"pilot_no_{batch.id}"):
                STOP.open(batch.id)
                st.rerun()


def dialogs() -> None:
    GO_ON.draw()
    STOP.draw()


def _told(now: Pilot) -> str:
    held = ngettext("{n} artículo espera su visto bueno", "{n} artículos esperan su visto bueno", now.held)
    held = held.format(n=formats.count(now.held))
    if not now.is_done:
        return _("Piloto en curso: {made} de {all} hechas. {held}.").format(
            made=now.made, all=now.made + now.failed + now.left, held=held
        )
    failed = ngettext(" {n} falló.", " {n} fallaron.", now.failed).format(n=now.failed) if now.failed else ""
    return _("Piloto listo: {made} hechas.{failed} {held}.").format(made=now.made, failed=failed, held=held)


def _confirm_go_on(batch_id: int) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    now = pilot.read(app.engine, batch_id)
    figures = prices.cost_and_time(prices.estimate(app, now.held))
    words = ngettext(
        "Se procesará {n} artículo más. Como mucho: {figures}.",
        "Se procesarán {n} artículos más. Como mucho: {figures}.",
        now.held,
    )
    st.markdown(escape(words.format(n=formats.count(now.held), figures=figures)))
    if not now.is_done:
        st.warning(escape(_("Todavía no están hechas todas las del piloto.")))
    if st.button(_("Seguir con el resto"), key="confirm_pilot_go", type="primary", width="stretch"):
        _do(lambda: pilot.release(app.engine, actor, batch_id), _released)


def _confirm_stop(batch_id: int) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    now = pilot.read(app.engine, batch_id)
    words = ngettext(
        "{n} artículo sale de la cola y conserva la foto que tiene. No se cobra nada más.",
        "{n} artículos salen de la cola y conservan la foto que tienen. No se cobra nada más.",
        now.held,
    )
    st.markdown(escape(words.format(n=formats.count(now.held))))
    st.markdown(escape(_("Las imágenes del piloto quedan en Revisión: apruébelas o recházelas allí.")))
    if st.button(_("No seguir"), key="confirm_pilot_stop", type="primary", width="stretch"):
        _do(lambda: pilot.cancel(app.engine, actor, batch_id), _stopped)


def _released(count: int) -> str:
    return ngettext("{n} artículo sigue su camino.", "{n} artículos siguen su camino.", count)


def _stopped(count: int) -> str:
    return ngettext("{n} artículo salió de la cola.", "{n} artículos salieron de la cola.", count)


def _do(action: Callable[[], int], said: Callable[[int], str]) -> None:
    try:
        count = action()
    except AppError as error:
        errors.show(error)
        return
    GO_ON.close()
    STOP.close()
    snapshot.forget()
    st.toast(escape(said(count).format(n=formats.count(count))))
    st.rerun()


GO_ON = Dialog("pilot_go_on", lambda: _("Seguir con el resto"), _confirm_go_on)
STOP = Dialog("pilot_stop", lambda: _("No seguir"), _confirm_stop)
