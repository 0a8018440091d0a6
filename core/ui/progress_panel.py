"""The live view of the queue, and its one switch."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.queue import pause
from core.queue.stats import Overview
from core.ui import (
    batches_panel,
    components,
    errors,
    finished_panel,
    frame,
    live_places,
    progress_look,
    progress_route,
    review_count,
    sentences,
    snapshot,
    speed_choice,
)
from core.ui.live_places import Look
from core.ui.texts import _, escape, quiet

BUSY_SECONDS, IDLE_SECONDS = 2, 10


def _way_out(code: str) -> str | None:
    """What the administrator's button says, for a pause that a limit caused."""
    return {
        "budget_day": _("Subir el tope"),
        "budget_month": _("Subir el tope"),
        "images_day": _("Cambiar el límite"),
        pause.OUT_OF_HOURS: _("Cambiar el horario"),
    }.get(code)


def live(app: App, actor: Actor) -> None:
    """The browser keeps its figures; when work begins, ends or is paused the whole page runs again, for its buttons."""
    now, batches = snapshot.overview(app), snapshot.live_batches(app)
    everything = batches_panel.shows_all()
    look = progress_look.look(now, batches, all_batches=everything)
    busy = progress_look.is_busy(now)
    pause_notice(app, actor, now)
    live_places.place(look, "sentence")
    _notes(now, actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        if not now.pause and actor.can(Role.OPERATOR):
            _pause_button(app, actor)
        speed_choice.draw(app, actor, now.tuning)
        # While more are being made, a number would be behind the truth. In this row, what appears pushes nothing down.
        if waiting := review_count.waiting(app, 0 if busy else now.counts.completados):
            label = _("Hay imágenes por revisar") if busy else review_count.words(waiting)
            st.page_link(frame.page("review"), label=label, icon=":material/rate_review:", width="content")
    live_places.place(look, "numbers")
    left, right = st.columns([2, 3], gap="large")
    with left:
        components.section(_("En este momento"))
        live_places.place(look, "photos", "in-hand")
        _worker(now, look)
    with right:
        finished_panel.live(app)
        live_places.place(look, "pace")
    batches_panel.draw(app, actor, batches, look)
    live_places.watch(look, progress_route.address(all_batches=everything), BUSY_SECONDS if busy else IDLE_SECONDS)


def _worker(now: Overview, look: Look) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(components.worker_light(now.workers, now.pause), width="content")
        live_places.place(look, "heartbeat", width="content")
    if nobody := _nobody_works(now):
        st.markdown(escape(nobody))


def _pause_button(app: App, actor: Actor) -> None:
    with st.popover(_("Pausar la cola"), icon=":material/pause:"):
        st.markdown(_("El artículo que se está procesando se termina; los demás esperan y no se pierden."))
        with st.form("pause", border=False):
            reason = st.text_input(_("Motivo"), max_chars=200, placeholder=_("Por ejemplo: cambio de fotos"))
            if st.form_submit_button(_("Pausar"), type="primary"):
                _change(lambda: pause.pause(app.engine, actor, (reason or "").strip()))


def pause_notice(app: App, actor: Actor, now: Overview) -> None:
    """When the queue is paused: says why, and who may sees the buttons that end it.

    `now` is what the page compares its next look with: a notice drawn from another look might never come.
    """
    paused = now.pause
    if paused is None:
        return
    by_hours = paused.reason_code == pause.OUT_OF_HOURS
    if by_hours:
        st.info(escape(sentences.paused(paused, now.budget, now.tuning)), icon=":material/bedtime:")
    else:
        st.warning(escape(sentences.paused(paused, now.budget, now.tuning)), icon=":material/pause_circle:")
    way_out = _way_out(paused.reason_code) if actor.can(Role.ADMIN) else None
    with st.container(horizontal=True):
        if way_out and st.button(way_out, icon=":material/tune:", type="secondary" if by_hours else "primary"):
            st.switch_page(frame.page("settings"))
        go_on = _("Procesar ahora igual") if by_hours else _("Reanudar la cola")
        main = not way_out and not by_hours
        if actor.can(Role.OPERATOR) and st.button(
            go_on, icon=":material/play_arrow:", type="primary" if main else "secondary"
        ):
            _change(lambda: pause.resume(app.engine, actor))


def situation(now: Overview, actor: Actor) -> None:
    """Draws the sentence, and what needs attention."""
    st.markdown(f"**{escape(sentences.situation(now))}**")
    _notes(now, actor)


def _notes(now: Overview, actor: Actor) -> None:
    if now.probing and not now.pause:
        st.info(escape(sentences.probing(now.probing)), icon=":material/network_check:")
    warning = sentences.budget_warning(now.budget)
    if warning and not (now.pause and _way_out(now.pause.reason_code)):
        st.warning(escape(warning), icon=":material/savings:")
        if actor.can(Role.ADMIN):
            st.page_link(frame.page("settings"), label=_("Ver los topes en Ajustes"))


def worker_line(now: Overview) -> str:
    """Markdown: is somebody making pictures, and what to do when nobody is."""
    line = components.worker_light(now.workers, now.pause)
    if beat := sentences.heartbeat(now.workers):
        line += f" {quiet(beat)}"
    nobody = _nobody_works(now)
    return f"{line}\n\n{escape(nobody)}" if nobody else line


def _nobody_works(now: Overview) -> str:
    if any(worker.alive for worker in now.workers):
        return ""
    return _("Ningún trabajador está activo: los artículos esperan, no se pierden. Avise a un administrador.")


def _change(action: Callable[[], None]) -> None:
    try:
        action()
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.rerun()
