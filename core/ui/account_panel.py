"""Mi cuenta: one's password, where one is signed in, and tokens for scripts."""

from __future__ import annotations

import streamlit as st

from core.access import api_tokens, own_sessions, sessions
from core.access.actors import Role
from core.access.api_tokens import ApiToken, Scope
from core.access.own_sessions import OpenSession
from core.access.sessions import Session
from core.bootstrap import App
from core.errors import AppError
from core.ui import components, errors, formats, password_form, second_factor_panel
from core.ui.texts import _, escape, ngettext, quiet

_SAID, _SECRET = "account_said", "account_secret"


def draw(app: App, session: Session) -> None:
    if said := st.session_state.pop(_SAID, None):
        st.success(escape(said), icon=":material/check_circle:")
    _password(app, session)
    if session.actor.can(Role.ADMIN):
        second_factor_panel.draw(app, session)
    _sessions(app, session)
    _tokens(app, session)


def _password(app: App, session: Session) -> None:
    components.section(_("Contraseña"), _("Al cambiarla se cierran sus otras sesiones."))
    chosen = password_form.draw("own_password", _("Cambiar la contraseña"))
    if chosen is None:
        return
    try:
        sessions.change_password(app.engine, session, *chosen)
    except AppError as error:
        errors.show(error)
        return
    _say(_("Su contraseña cambió y sus otras sesiones se cerraron."))


def _sessions(app: App, session: Session) -> None:
    components.section(_("Sesiones abiertas"), _("Si no reconoce alguna, ciérrela y cambie su contraseña."))
    for each in own_sessions.open_sessions(app.engine, session):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(where(each))
            if not each.current and st.button(_("Cerrar"), key=f"end_{each.id[:16]}", icon=":material/logout:"):
                try:
                    own_sessions.end_one(app.engine, session, each.id)
                except AppError as error:
                    errors.show(error)
                    return
                _say(_("La sesión se cerró."))
    if st.button(_("Salir de todos"), key="end_all", icon=":material/logout:"):
        own_sessions.end_all(app.engine, session)
        st.rerun()


def where(each: OpenSession) -> str:
    what = _("Esta sesión") if each.current else _("Panel") if each.kind == "panel" else _("API")
    since = _("desde {time}, usada {ago}").format(
        time=formats.clock(each.created_at), ago=formats.ago(each.last_seen_at)
    )
    place = " · ".join(part for part in (each.address, each.user_agent[:80]) if part)
    return f"**{escape(what)}** · {escape(since)}  \n{quiet(place)}"


def _tokens(app: App, session: Session) -> None:
    components.section(
        _("Tokens para programas"), _("Cada uno admite 60 llamadas por minuto y nunca puede más que usted.")
    )
    if secret := st.session_state.pop(_SECRET, None):
        st.success(escape(_("Copie el token ahora: no se vuelve a mostrar.")), icon=":material/key:")
        st.code(secret, language=None, wrap_lines=True)
    for token in api_tokens.own(app.engine, session.actor):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(_what(token))
            if st.button(_("Retirar"), key=f"revoke_{token.id}", icon=":material/delete:"):
                try:
                    api_tokens.revoke(app.engine, session.actor, token.id)
                except AppError as error:
                    errors.show(error)
                    return
                _say(_("El token «{name}» ya no vale.").format(name=token.name))
    scopes: dict[Scope, str] = {"read": _("leer")}
    if session.actor.can(Role.OPERATOR):
        scopes["operate"] = _("leer y pedir imágenes")
    with st.form("new_token", clear_on_submit=False):
        name = st.text_input(_("Para qué es"), max_chars=60, autocomplete="off")
        scope = st.selectbox(_("Qué puede"), list(scopes), format_func=lambda scope: scopes[scope], filter_mode=None)
        days = st.selectbox(
            _("Vence en"),
            [30, 90, 365],
            format_func=lambda days: ngettext("{n} día", "{n} días", days).format(n=days),
            filter_mode=None,
        )
        if st.form_submit_button(_("Crear el token"), icon=":material/add:"):
            try:
                _token, st.session_state[_SECRET] = api_tokens.create(
                    app.engine, session.actor, name or "", scope, days
                )
            except AppError as error:
                errors.show(error)
                return
            st.rerun()


def _what(token: ApiToken) -> str:
    can = _("leer y pedir imágenes") if token.scope == "operate" else _("leer")
    used = _("usado {ago}").format(ago=formats.ago(token.last_used_at)) if token.last_used_at else _("sin usar")
    ends = _("vence {time}").format(time=formats.clock(token.expires_at))
    return f"**{escape(token.name)}** · {escape(token.starts)}…  \n{quiet(f'{can} · {used} · {ends}')}"


def _say(words: str) -> None:
    st.session_state[_SAID] = words
    st.rerun()
