"""The speed on Progreso, where its effect is seen: administrators change it, the others read it."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.settings import change
from core.settings.values import Tuning
from core.ui import errors, settings_fields, snapshot
from core.ui.texts import _, escape, quiet


def draw(app: App, actor: Actor, tuning: Tuning) -> None:
    words = settings_fields.speeds()
    label = _("Velocidad: {word}").format(word=words[tuning.speed][0])
    if not actor.can(Role.ADMIN):
        st.markdown(quiet(label))
        return
    with st.popover(label, icon=":material/speed:"):
        chosen = st.radio(
            _("Velocidad"), list(words), index=list(words).index(tuning.speed), key=f"speed_{tuning.speed}",
            format_func=lambda value: f"**{escape(words[value][0])}**: {escape(words[value][1])}",
            label_visibility="collapsed",
        )  # fmt: skip
        st.markdown(escape(_("Los trabajadores obedecen en un segundo. El costo de cada imagen es el mismo.")))
        if chosen != tuning.speed and st.button(
            _("Cambiar a {word}").format(word=words[str(chosen)][0]), key="change_speed", type="primary"
        ):
            _change(app, actor, str(chosen))


def _change(app: App, actor: Actor, speed: str) -> None:
    try:
        change.change(app.engine, actor, "speed", speed, app.settings.shop_timezone)
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.rerun()
