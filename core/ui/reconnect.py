"""A database that is away for a while: the page says so, asks by itself whether it is back, and goes on."""

from __future__ import annotations

import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.ui import guard
from core.ui.texts import _, escape

_LOST = "_database_lost"
_EVERY = 2  # seconds


def lost() -> None:
    """In place of whatever could not be drawn."""
    st.session_state[_LOST] = True
    st.error(
        escape(
            _(
                "Se perdió la conexión con la base de datos. No se perdió ningún trabajo."
                " Esta página vuelve a intentarlo sola: no hace falta recargarla."
            )
        ),
        icon=":material/cloud_off:",
    )
    _ask()


def back() -> None:
    """On a run that went well: says it once."""
    if st.session_state.pop(_LOST, False):
        st.toast(
            escape(_("La conexión con la base de datos volvió. La página está al día.")), icon=":material/cloud_done:"
        )


@st.fragment(run_every=_EVERY)
def _ask() -> None:
    try:
        with guard.app().engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return
    st.rerun(scope="app")
