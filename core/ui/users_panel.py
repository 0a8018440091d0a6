"""Usuarios: who may enter and as what; what is shown once is shown beside the way to hand it over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.access import invitations, own_sessions, users
from core.access.actors import Actor, Role
from core.access.users import User
from core.bootstrap import App
from core.errors import AppError
from core.ui import account_panel, components, errors
from core.ui.sidebar import role_word
from core.ui.texts import _, escape, quiet

_SECRET, _SAID = "users_secret", "users_said"


def draw(app: App, actor: Actor) -> None:
    _tell()
    for user in users.list_users(app.engine, actor):
        with st.container(border=True):
            _row(app, actor, user)
    components.section(
        _("Usuario nuevo"), _("Recibe un enlace con el que elige su contraseña; vale una vez y tres días.")
    )
    with st.form("new_user", clear_on_submit=False):
        email = st.text_input(_("Correo"), max_chars=254, autocomplete="off")
        name = st.text_input(_("Nombre"), max_chars=100, autocomplete="off")
        role = st.selectbox(_("Rol"), list(Role), index=1, format_func=role_does, filter_mode=None)
        if st.form_submit_button(_("Crear e invitar"), type="primary", icon=":material/person_add:"):
            _create(app, actor, email or "", name or "", Role(role or Role.VIEWER))


def role_does(role: Role) -> str:
    return {
        Role.VIEWER: _("consulta: mira"),
        Role.OPERATOR: _("operador: pide imágenes, reintenta, revisa, descarga"),
        Role.ADMIN: _("administrador: además ajustes y topes de gasto, recetas, usuarios, limpiar"),
    }[role]


def _row(app: App, actor: Actor, user: User) -> None:
    me = user.id == actor.id
    state = _("activo") if user.active else _("desactivado")
    if user.active and user.must_change_password:
        state = _("todavía no eligió su contraseña")
    st.markdown(f"**{escape(user.name)}** · {escape(user.email)}  \n{quiet(f'{role_word(user.role)} · {state}')}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("Rol"),
            list(Role),
            list(Role).index(user.role),
            format_func=role_word,
            key=f"role_{user.id}_{user.role}",
            filter_mode=None,
            width=180,
        )
        role = Role(chosen or user.role)
        if role != user.role:
            button = st.button(_("Cambiar el rol"), key=f"set_role_{user.id}", type="primary")
            if button and _done(lambda: users.set_role(app.engine, actor, user.id, role)):
                _say(_("{name} es ahora {role}.").format(name=user.name, role=role_word(role)))
        if user.active:
            if st.button(_("Otro enlace"), key=f"invite_{user.id}", icon=":material/link:", disabled=me):
                _link(app, actor, user)
            if st.button(
                _("Cerrar sus sesiones"), key=f"end_{user.id}", icon=":material/logout:", disabled=me
            ) and _done(lambda: own_sessions.end_all_of(app.engine, actor, user.id)):
                _say(_("{name} ya no tiene ninguna sesión abierta.").format(name=user.name))
        words = _("Desactivar") if user.active else _("Activar")
        if st.button(words, key=f"active_{user.id}", icon=":material/power_settings_new:", disabled=me) and _done(
            lambda: users.set_active(app.engine, actor, user.id, not user.active)
        ):
            told = _("{name} ya no puede entrar.") if user.active else _("{name} puede entrar otra vez.")
            _say(told.format(name=user.name))
    if user.active and not me:
        _sessions(app, actor, user)


def _sessions(app: App, actor: Actor, user: User) -> None:
    """Looked up only once it is opened."""
    inside = st.expander(_("Sus sesiones abiertas"), key=f"sessions_{user.id}", on_change="rerun")
    if not inside.open:
        return
    with inside:
        found = own_sessions.open_sessions_of(app.engine, actor, user.id)
        if not found:
            st.markdown(escape(_("No tiene ninguna.")))
        for each in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(account_panel.where(each))
                if st.button(_("Cerrar"), key=f"end_{user.id}_{each.id[:16]}", icon=":material/logout:") and _done(
                    partial(own_sessions.end_one_of, app.engine, actor, user.id, each.id)
                ):
                    _say(_("Se cerró una sesión de {name}.").format(name=user.name))


def _create(app: App, actor: Actor, email: str, name: str, role: Role) -> None:
    try:
        user, token = invitations.invite(app.engine, actor, email=email, name=name, role=role)
    except AppError as error:
        errors.show(error)
        return
    _hand_over(app, user.name, token)


def _link(app: App, actor: Actor, user: User) -> None:
    try:
        token = invitations.invite_again(app.engine, actor, user.id)
    except AppError as error:
        errors.show(error)
        return
    _hand_over(app, user.name, token)


def _hand_over(app: App, name: str, token: str) -> None:
    base = app.settings.public_url or st.context.url or ""
    origin = "/".join(base.split("/", 3)[:3])
    st.session_state[_SECRET] = (name, f"{origin}/?invitacion={token}")
    st.rerun()


def _tell() -> None:
    if said := st.session_state.pop(_SAID, None):
        st.success(escape(said), icon=":material/check_circle:")
    if secret := st.session_state.pop(_SECRET, None):
        name, link = secret
        st.success(
            escape(_("Envíe este enlace a {name}. No se vuelve a mostrar.").format(name=name)), icon=":material/key:"
        )
        st.code(link, language=None, wrap_lines=True)


def _done(act: Callable[[], object]) -> bool:
    try:
        act()
    except AppError as error:
        errors.show(error)
        return False
    return True


def _say(words: str) -> None:
    st.session_state[_SAID] = words
    st.rerun()
