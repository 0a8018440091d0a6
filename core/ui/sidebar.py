"""The foot of the menu: is somebody working, what was spent today, who is signed in, and the way out."""

from __future__ import annotations

import streamlit as st

from core.access import users
from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.ui import components, guard, notices_panel, snapshot, tab, texts
from core.ui.formats import money
from core.ui.texts import _, escape

_sign_out = st.components.v2.component(
    "revelado_salir",
    html='<button type="button"></button>',
    css="""
button { width: 100%; padding: 6px 12px; font: 14px var(--st-font); color: var(--st-text-color); cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:hover { color: var(--st-primary-color); border-color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
""",
    js="""
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.onclick = async () => {
    button.disabled = true;
    // Leaving the page drops what this tab remembers, whatever the server answered.
    await fetch("/auth/salir", { method: "POST", headers: { "X-Revelado": "1" } }).catch(() => {});
    location.assign("/");
  };
}
""",
)


def draw(session: Session, *, page: str, light: bool = True) -> None:
    """`page`: its address. `light`: whether the page itself doesn't tell already if somebody is working."""
    with st.sidebar:
        st.fragment(_foot, run_every=notices_panel.rhythm(session.actor))(light)
        st.markdown(_who(session.actor.name, role_word(session.actor.role)))
        _language_switch(session)
        tab.draw(texts.language(), page)
        _sign_out(key="sign_out", data={"label": _("Salir")})


def _language_switch(session: Session) -> None:
    """Named in the language it leads to, for who can't read the other."""
    other, name = ("es", "Español") if session.language == "en" else ("en", "English")
    st.button(
        name, key="language", icon=":material/translate:", type="tertiary", on_click=_speak, args=(session.actor, other)
    )


def _speak(actor: Actor, language: str) -> None:
    users.set_language(guard.app().engine, actor, language)


def _foot(light: bool) -> None:
    """One fragment for all that changes here: it ticks in every open tab."""
    actor, app = guard.require(Role.VIEWER, tick=True), guard.app()
    now = snapshot.overview(app)
    st.markdown(escape(_("Gasto de hoy: {money}").format(money=money(now.cost_today))))
    notices_panel.draw(app, actor)
    if light:  # last: what comes and goes moves nothing that is pressed
        st.markdown(components.worker_light(now.workers, now.pause))


def _who(name: str, role: str) -> str:
    """The first account is called after its role; saying it twice reads like a mistake."""
    return f"**{escape(name)}**" + ("" if name.casefold() == role.casefold() else f"  \n{role}")


def role_word(role: Role) -> str:
    return {
        Role.VIEWER: _("consulta"),
        Role.OPERATOR: _("operador"),
        Role.ADMIN: _("administrador"),
    }[role]
