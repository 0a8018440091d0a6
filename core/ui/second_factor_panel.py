"""Mi cuenta, for administrators: the second step of their sign-in."""

from __future__ import annotations

import html

import segno
import streamlit as st

from core.access import second_factor
from core.access.second_factor import Enrolment
from core.access.sessions import Session
from core.bootstrap import App
from core.errors import AppError
from core.ui import components, errors
from core.ui.texts import _, escape

_BEGUN, _CODES = "second_factor_begun", "second_factor_codes"


def draw(app: App, session: Session) -> None:
    components.section(
        _("Segundo paso al entrar"),
        _("Además de la contraseña, un código que cambia cada medio minuto en una aplicación de su teléfono."),
    )
    if codes := st.session_state.pop(_CODES, None):
        st.success(
            escape(
                _("Activado. Guarde estos códigos: cada uno reemplaza una vez al teléfono. No se vuelven a mostrar.")
            ),
            icon=":material/key:",
        )
        st.code("\n".join(codes), language=None)
    begun = st.session_state.get(_BEGUN)
    if second_factor.is_on(app.engine, session):
        _off(app, session)
    elif isinstance(begun, Enrolment):
        _confirm(app, session, begun)
    elif st.button(_("Activar el segundo paso"), key="second_factor_on", icon=":material/phonelink_lock:"):
        try:
            st.session_state[_BEGUN] = second_factor.begin(app.engine, session)
        except AppError as error:
            errors.show(error)
            return
        st.rerun()


def _confirm(app: App, session: Session, begun: Enrolment) -> None:
    st.markdown(
        escape(
            _(
                "1. En la aplicación (Google Authenticator, Aegis, 1Password…) agregue una cuenta: con la cámara sobre este"
                " cuadro, o con la clave de abajo."
            )
        )
    )
    st.html(_picture(begun.address), width=220)
    st.code(begun.secret, language=None)
    st.markdown(f"[{escape(_('Abrirla en este teléfono'))}]({begun.address})")
    with st.form("second_factor_confirm"):
        code = st.text_input(_("2. Escriba el código que muestra"), max_chars=10, autocomplete="one-time-code")
        sent = st.form_submit_button(_("Activar"), type="primary")
    if not sent:
        return
    try:
        st.session_state[_CODES] = second_factor.confirm(app.engine, session, code or "")
    except AppError as error:
        errors.show(error)
        return
    del st.session_state[_BEGUN]
    st.rerun()


def _picture(address: str) -> str:
    """Black on white whatever the theme: cameras read nothing else."""
    uri = segno.make_qr(address, error="m").svg_data_uri(border=4, light="#fff", omitsize=True)
    return f'<img src="{html.escape(uri)}" alt="{html.escape(_("Código QR de la cuenta"))}" style="width:100%">'


def _off(app: App, session: Session) -> None:
    with st.form("second_factor_off"):
        code = st.text_input(_("Código, para desactivarlo"), max_chars=40, autocomplete="one-time-code")
        sent = st.form_submit_button(_("Desactivar el segundo paso"))
    if not sent:
        return
    try:
        second_factor.turn_off(app.engine, session, code or "")
    except AppError as error:
        errors.show(error)
        return
    st.rerun()
