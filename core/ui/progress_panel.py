"""The live view of the queue, and its one switch."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

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
    formats,
    frame,
    guard,
    images,
    markup,
    progress_chart,
    sentences,
    snapshot,
    speed_choice,
    tab,
)
from core.ui.snapshot import DayOfWork
from core.ui.texts import _, escape, ngettext, quiet

BUSY_SECONDS, IDLE_SECONDS = 2, 10
_HOUR = 60
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
    sentence = st.empty()
    with st.container(horizontal=True):
        if not drawn.pause and actor.can(Role.OPERATOR):
            _pause_button(app, actor)
        speed_choice.draw(app, actor, drawn.tuning)

    @st.fragment(run_every=tab.every(BUSY_SECONDS if is_busy(drawn) else IDLE_SECONDS))
    def tick() -> None:
        viewer = guard.require(Role.VIEWER, tick=True)
        now = snapshot.overview(app)
        if _mood(now) != _mood(drawn):
            st.rerun()
        with sentence.container():  # above the buttons, which must not be drawn anew under somebody's finger
            situation(now, viewer)
        _draw(now)
        batches_panel.draw(app, viewer)

    tick()


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
    st.markdown(f"**{escape(sentences.situation(now, snapshot.day_of_work(now)))}**")
    if now.probing and not now.pause:
        st.info(escape(sentences.probing(now.probing)), icon=":material/network_check:")
    warning = sentences.budget_warning(now.budget)
    if warning and not (now.pause and _way_out(now.pause.reason_code)):
        st.warning(escape(warning), icon=":material/savings:")
        if actor.can(Role.ADMIN):
            st.page_link(frame.page("settings"), label=_("Ver los topes en Ajustes"))


def worker_line(now: Overview) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        components.worker_light(now.workers, now.pause)
        if beat := sentences.heartbeat(now.workers):
            st.markdown(quiet(beat))
    if not any(worker.alive for worker in now.workers):
        st.markdown(
            escape(_("Ningún trabajador está activo: los artículos esperan, no se pierden. Avise a un administrador."))
        )


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


def _draw(now: Overview) -> None:
    _bar(snapshot.day_of_work(now))
    _counts(now)
    if night := sentences.economy(now.economy):
        st.markdown(escape(night))
    left, right = st.columns([2, 3], gap="large")
    with left:
        _in_hand(now)
        worker_line(now)
    with right:
        _chart(now)
        if now.finished_last_hour:
            _last_hour(now)
        if pace := sentences.rate(now):
            st.markdown(escape(pace))


def _bar(day: DayOfWork) -> None:
    told = _("{done} completados, {failed} fallidos y {left} en la cola, en las últimas 24 horas").format(
        done=formats.count(day.done), failed=formats.count(day.failed), left=formats.count(day.left)
    )
    parts = [("completed", day.done), ("failed", day.failed), ("pending", day.left)]
    st.html(markup.progress_bar(parts, {state: components.chart_color(state) for state, _n in parts}, told))
    st.markdown(escape(told))


def _counts(now: Overview) -> None:
    cards = [
        (_("Pendientes"), now.counts.pendientes, "pending"),
        (_("Procesando"), now.counts.procesando, "processing"),
        (_("Completados"), now.counts.completados, "completed"),
        (_("Fallidos"), now.counts.fallidos, "failed"),
    ]
    st.html(markup.count_cards([(w, formats.count(n), components.chart_color(state)) for w, n, state in cards]))


def _chart(now: Overview) -> None:
    spans = {_HOUR: _("Última hora"), snapshot.DAY: _("Último día")}
    minutes = st.segmented_control(
        _("Terminados"),
        list(spans),
        default=_HOUR,
        required=True,
        format_func=lambda span: spans[span],
        key="progress_span",
    )
    minutes = minutes if minutes in spans else _HOUR
    buckets = now.hour if minutes == _HOUR else now.day
    highest = max((completed + failed for _start, completed, failed in buckets), default=0)
    if not highest:
        nothing = _("Nada terminó en la última hora.") if minutes == _HOUR else _("Nada terminó en el último día.")
        st.markdown(escape(nothing))
        return
    colours = {state: components.chart_color(state) for state in ("completed", "failed")}
    st.vega_lite_chart(
        pd.DataFrame(progress_chart.rows(buckets, formats.timezone()), columns=["at", "what", "n"]),
        progress_chart.spec(minutes, highest, colours),
        key=f"progress_chart_{minutes}",
        alt=_("Artículos completados y fallidos a lo largo del tiempo"),
    )


def _in_hand(now: Overview) -> None:
    components.section(_("En este momento"))
    if not now.in_hand:
        st.markdown(escape(_("No se está procesando ningún artículo.")))
    for job in now.in_hand[:_SHOWN_IN_HAND]:
        # The photo apart: the seconds change at every tick, and it must not be drawn anew with them.
        with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
            st.html(markup.photo(images.thumb_url(job.imagen_url_original, 320), _name(job), _PHOTO), width=_PHOTO)
            st.html(markup.in_hand(_name(job), _lines(job)))
    more = len(now.in_hand) - _SHOWN_IN_HAND
    if more > 0:
        st.markdown(escape(_("y {n} más").format(n=formats.count(more))))


def _last_hour(now: Overview) -> None:
    finished = ngettext(
        "{n} artículo terminado en la última hora.",
        "{n} artículos terminados en la última hora.",
        now.finished_last_hour,
    ).format(n=formats.count(now.finished_last_hour))
    st.markdown(escape(finished))


def _name(job: InHand) -> str:
    return job.articulo_nombre or _("Artículo {id}").format(id=job.articulo_id)


def _lines(job: InHand) -> list[str]:
    lines = [
        _("{stage} · {time}").format(stage=sentences.stage(job.stage), time=formats.duration(job.segundos_procesando))
    ]
    if job.intentos > 1:
        lines.append(_("Intento {n} de {most}").format(n=job.intentos, most=job.max_intentos))
    return lines
