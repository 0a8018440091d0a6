"""The live view of the queue, and its one switch."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.queue import pause
from core.queue.pause import Pause
from core.queue.stats import InHand, Overview
from core.ui import (
    batches_panel,
    components,
    errors,
    finished_panel,
    formats,
    frame,
    guard,
    images,
    markup,
    review_count,
    sentences,
    snapshot,
    speed_choice,
    tab,
)
from core.ui.snapshot import DayOfWork
from core.ui.texts import _, escape, ngettext, quiet

BUSY_SECONDS, IDLE_SECONDS = 2, 10
_SHOWN_IN_HAND = 4
_PHOTO = 88


def is_busy(now: Overview) -> bool:
    """Whether something is about to change: then the page looks every two seconds."""
    working = any(worker.alive for worker in now.workers)
    return now.counts.procesando > 0 or (now.counts.pendientes > 0 and working and now.pause is None)


def _way_out(code: str) -> str | None:
    """What the administrator's button says, for a pause that a limit caused."""
    return {
        "budget_day": _("Subir el tope"),
        "budget_month": _("Subir el tope"),
        "images_day": _("Cambiar el límite"),
        pause.OUT_OF_HOURS: _("Cambiar el horario"),
    }.get(code)


def live(app: App, actor: Actor) -> None:
    """Refreshes itself. When work begins, ends or is paused the whole page runs again, for its rhythm and its buttons."""
    drawn = snapshot.overview(app)
    pause_notice(app, actor, drawn)
    sentence, notes = st.empty(), st.empty()
    with st.container(horizontal=True):
        if not drawn.pause and actor.can(Role.OPERATOR):
            _pause_button(app, actor)
        speed_choice.draw(app, actor, drawn.tuning)
    if not is_busy(drawn) and (waiting := review_count.waiting(app)):
        st.page_link(frame.page("review"), label=review_count.words(waiting), icon=":material/rate_review:")
    numbers = st.empty()
    left, right = st.columns([2, 3], gap="large")
    with left:
        components.section(_("En este momento"))
        with st.container(horizontal=True, wrap=False):
            in_hand = st.empty(), st.empty()
        worker = st.empty()
    with right:
        finished_panel.live(app)

    # It only fills places that are there: what a person presses must not be drawn anew under their finger, and each
    # piece more is paid for by every open tab, every two seconds.
    @st.fragment(run_every=tab.every(BUSY_SECONDS if is_busy(drawn) else IDLE_SECONDS))
    def tick() -> None:
        viewer = guard.require(Role.VIEWER, tick=True)
        now = snapshot.overview(app)
        if _mood(now) != _mood(drawn):
            st.rerun()
        sentence.markdown(_sentence(now))
        with notes.container():
            _notes(now, viewer)
        numbers.html(_numbers(now))
        _in_hand(now, *in_hand)
        worker.markdown(worker_line(now))

    tick()
    batches_panel.live(app)


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
    st.markdown(_sentence(now))
    _notes(now, actor)


def _sentence(now: Overview) -> str:
    return f"**{escape(sentences.situation(now, snapshot.day_of_work(now)))}**"


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
    if any(worker.alive for worker in now.workers):
        return line
    nobody = _("Ningún trabajador está activo: los artículos esperan, no se pierden. Avise a un administrador.")
    return f"{line}\n\n{escape(nobody)}"


def _mood(now: Overview) -> tuple[bool, Pause | None]:
    return is_busy(now), now.pause


def _change(action: Callable[[], None]) -> None:
    try:
        action()
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.rerun()


def _numbers(now: Overview) -> str:
    """What was done of the day's work, and what is in the queue."""
    day = snapshot.day_of_work(now)
    told = _told(day)
    cards = [
        (_("Pendientes"), now.counts.pendientes, "pending"),
        (_("Procesando"), now.counts.procesando, "processing"),
        (_("Completados"), now.counts.completados, "completed"),
        (_("Fallidos"), now.counts.fallidos, "failed"),
    ]
    parts = [
        ("completed", day.done), ("failed", day.failed), ("processing", now.counts.procesando),
        ("pending", now.counts.pendientes),
    ]  # fmt: skip
    colours = {state: components.chart_color(state) for _word, _number, state in cards}
    return markup.summary(
        markup.progress_bar(parts, colours, told),
        told,
        markup.count_cards([(word, formats.count(number), colours[state]) for word, number, state in cards]),
        sentences.economy(now.economy),
    )


def _told(day: DayOfWork) -> str:
    """«1 completado, 2 fallidos y 17 en la cola, en las últimas 24 horas»"""
    done = ngettext("{n} completado", "{n} completados", day.done).format(n=formats.count(day.done))
    failed = ngettext("{n} fallido", "{n} fallidos", day.failed).format(n=formats.count(day.failed))
    return _("{done}, {failed} y {left} en la cola, en las últimas 24 horas").format(
        done=done, failed=failed, left=formats.count(day.left)
    )


def _in_hand(now: Overview, photos: DeltaGenerator, words: DeltaGenerator) -> None:
    """The photos apart: the seconds change at every tick, and they must not be drawn anew with them."""
    shown = now.in_hand[:_SHOWN_IN_HAND]
    if not shown:
        photos.empty()
        nothing = _("No se está procesando ningún artículo.")
        soon = _("El próximo artículo empieza en un momento.")
        words.markdown(escape(soon if sentences.between_articles(now) else nothing))
        return
    pictures = [(images.thumb_url(job.imagen_url_original, 320), _name(job)) for job in shown]
    photos.html(markup.photo_column(pictures, _PHOTO), width=_PHOTO)
    more = len(now.in_hand) - len(shown)
    rest = _("y {n} más").format(n=formats.count(more)) if more else ""
    words.html(markup.in_hand([(_name(job), _stage(job)) for job in shown], _PHOTO, rest))


def _name(job: InHand) -> str:
    return job.articulo_nombre or _("Artículo {id}").format(id=job.articulo_id)


def _stage(job: InHand) -> str:
    told = _("{stage} · {time}").format(
        stage=sentences.stage(job.stage), time=formats.duration(job.segundos_procesando)
    )
    if job.intentos > 1:
        told += " · " + _("Intento {n} de {most}").format(n=job.intentos, most=job.max_intentos)
    return told
