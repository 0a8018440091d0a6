"""The one form in which a password is chosen."""

from __future__ import annotations

import streamlit as st

from core.ui.texts import _


def draw(key: str, label: str, *, asks_current: bool = True) -> tuple[str, str] | None:
    """(current, new) once it was sent and both new ones are the same; `current` is empty where it isn't asked.

    The sign-in form trims what is typed into it, so a password can't begin or end with a space.
    """
    with st.form(key, clear_on_submit=False):
        current = ""
        if asks_current:
            current = st.text_input(_("Contraseña actual"), type="password", autocomplete="current-password")
        new = st.text_input(_("Contraseña nueva"), type="password", autocomplete="new-password")
        again = st.text_input(_("Repita la contraseña nueva"), type="password", autocomplete="new-password")
        sent = st.form_submit_button(label, type="primary")
    if not sent:
        return None
    if new != again:
        st.error(_("Las dos contraseñas nuevas no son iguales. Escríbalas otra vez."))
        return None
    return current.strip(), new.strip()
