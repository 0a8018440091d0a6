"""Says that the articles are examples; administrators can remove them."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.catalog import demo
from core.errors import AppError
from core.ui import errors, formats, guard, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def draw(app: App, actor: Actor) -> None:
    """Nothing when there is no demonstration."""
    if not demo.has_demo(app.engine):
        return
    with st.container(border=True):
        st.markdown(escape(_("Este catálogo es de demostración: sirve para probar todo sin tocar su tienda.")))
        if actor.can(Role.ADMIN) and st.button(_("Quitar la demostración"), icon=":material/delete:"):
            REMOVE_DEMO.open()
    REMOVE_DEMO.draw()


def _confirm_removal() -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    st.markdown(
        escape(
            _(
                "Se borran los artículos de demostración, sus fotos y sus trabajos. Los artículos de la tienda no cambian."
                " No se puede deshacer."
            )
        )
    )
    if st.button(_("Borrar los artículos de demostración"), type="primary", icon=":material/delete:"):
        try:
            removed = demo.remove_demo(app.engine, app.local_host, actor)
        except AppError as error:
            errors.show(error)
            return
        snapshot.forget()
        words = ngettext(
            "Se quitó {n} artículo de demostración.", "Se quitaron {n} artículos de demostración.", removed
        )
        st.toast(words.format(n=formats.count(removed)))
        REMOVE_DEMO.close()
        st.rerun()


REMOVE_DEMO = Dialog("remove_demo", lambda: _("Quitar la demostración"), _confirm_removal)
