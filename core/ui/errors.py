"""How a failure looks on screen: plain words and a next step, never a traceback."""

from __future__ import annotations

import logging
import secrets

import streamlit as st
from sqlalchemy.exc import DBAPIError

from core.db.engine import is_passing
from core.errors import AppError, Words
from core.ui.texts import _, escape

log = logging.getLogger("revelado.panel")


def log_alone() -> None:
    """Once a process: Streamlit would write each error too, before `uncaught` does and with its secrets in it."""
    logging.getLogger("streamlit.error_util").addFilter(lambda record: record.msg != "Uncaught app execution")


def show(error: AppError) -> None:
    """`error` in the user's language: its Spanish template is the msgid."""
    st.error(escape(text_of(error)), icon=":material/error:")


def text_of(error: AppError) -> str:
    return _(type(error).message).format(**{name: _said(value) for name, value in error.params.items()})


def _said(value: object) -> object:
    """The words among an error's params are msgids too; what has no translation, a name for instance, stays as it is."""
    if isinstance(value, Words):
        return _(value.msgid).format(**value.blanks) if value.blanks else _(value.msgid)
    return _(value) if isinstance(value, str) and value else value


def uncaught(error: Exception) -> bool:
    """For whatever no page caught. True: Streamlit adds nothing of its own."""
    if isinstance(error, AppError):
        show(error)
        return True
    if isinstance(error, DBAPIError) and is_passing(error):
        from core.ui import reconnect  # it asks who is signed in, which needs this module

        log.warning("⚠️ [Panel] La base de datos no responde: %s", str(error.orig).strip().splitlines()[:1])
        reconnect.lost()
        return True
    number = secrets.token_hex(3)
    log.error("❌ [Panel] Error %s", number, exc_info=error)
    st.error(
        _(
            "Algo salió mal en esta página. Lo ya guardado no se perdió. Recargue la página;"
            " si se repite, avise a un administrador con este número: {number}."
        ).format(number=number),
        icon=":material/error:",
    )
    return True
