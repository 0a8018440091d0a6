"""The hours in which the shop processes: what saving them will do is said before it is done."""

from __future__ import annotations

from datetime import UTC, datetime, time

import streamlit as st

from core.access.actors import Actor
from core.bootstrap import App
from core.errors import AppError
from core.queue import schedule
from core.settings import change
from core.settings.values import Tuning
from core.ui import clock_words, components, errors, formats, snapshot
from core.ui.texts import _, escape

_SAVED = "settings_hours_saved"
_USUAL = (time(20), time(7))


def draw(app: App, actor: Actor, tuning: Tuning) -> None:
    components.section(
        _("Horario"), _("Cuándo se procesa, por el reloj de la tienda. Fuera de hora los artículos esperan, no fallan.")
    )
    kept = f"{tuning.schedule_from}-{tuning.schedule_to}"
    words = {False: _("A toda hora"), True: _("Solo en un horario")}
    limited = st.segmented_control(
        _("Cuándo se procesa"), list(words), default=bool(tuning.schedule_from), required=True,
        format_func=lambda value: words[value], key=f"hours_limited_{kept}", label_visibility="collapsed",
    )  # fmt: skip
    begin = end = ""
    if limited:
        with st.container(horizontal=True):
            begin = _hour(_("Desde las"), tuning.schedule_from, _USUAL[0], f"hours_from_{kept}")
            end = _hour(_("Hasta las"), tuning.schedule_to, _USUAL[1], f"hours_to_{kept}")
    wanted = Tuning(schedule_from=begin, schedule_to=end)
    changed = (begin, end) != (tuning.schedule_from, tuning.schedule_to)
    st.markdown(escape(_consequence(wanted, app.settings.shop_timezone, changed=changed)))
    if changed and st.button(_("Guardar el horario"), key="save_hours", type="primary", icon=":material/save:"):
        _save(app, actor, wanted)
    if said := st.session_state.pop(_SAVED, None):
        st.success(escape(said), icon=":material/check_circle:")


def _hour(label: str, kept: str, usual: time, key: str) -> str:
    chosen = st.time_input(label, value=time.fromisoformat(kept) if kept else usual, step=900, key=key, width=160)
    return f"{chosen:%H:%M}" if chosen else ""


def _consequence(wanted: Tuning, timezone: str, *, changed: bool) -> str:
    now = datetime.now(UTC)
    opens = schedule.opens_at(wanted, timezone, now)
    if not wanted.schedule_from:
        return _("Al guardar, se procesa a toda hora.") if changed else _("Se procesa a toda hora.")
    if wanted.schedule_from == wanted.schedule_to:
        return _("Las dos horas son la misma. Elija otra, o «A toda hora».")
    hours = _("Se procesa de {begin} a {end}, hora de {zone}.").format(
        begin=wanted.schedule_from, end=wanted.schedule_to, zone=timezone.rpartition("/")[2].replace("_", " ")
    )
    clock = _("Ahora son las {clock}:").format(clock=formats.clock(now))
    if opens is None:
        then = _("está dentro del horario, la cola sigue.")
    elif changed:
        then = _("al guardar, la cola queda en pausa y sigue sola {at}.").format(at=clock_words.at(opens))
    else:
        then = _("la cola espera y sigue sola {at}.").format(at=clock_words.at(opens))
    return f"{hours} {clock} {then}"


def _save(app: App, actor: Actor, wanted: Tuning) -> None:
    values = {"schedule_from": wanted.schedule_from, "schedule_to": wanted.schedule_to}
    try:
        change.change_all(app.engine, actor, values, app.settings.shop_timezone)
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.session_state[_SAVED] = _("Guardado. Los trabajadores obedecen en un segundo.")
    st.rerun()
