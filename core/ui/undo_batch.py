"""*Deshacer lote…*: how many articles get their picture back, a yes, and which were left alone and why."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError, NotFound
from core.queue import counts
from core.review import versions
from core.review.versions import UndoResult
from core.ui import errors, formats, guard, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def draw(app: App, actor: Actor, batch_id: int) -> None:
    """The button, where there is something to undo and the actor may."""
    try:
        shown = versions.undoable(app.engine, actor, batch_id)
    except NotFound:
        return
    if shown and st.button(_("Deshacer lote…"), icon=":material/undo:"):
        UNDO.open(batch_id, None)


def dialog() -> None:
    UNDO.draw()


def _body(batch_id: int, done: UndoResult | None) -> None:
    if done is None:
        _confirm(batch_id)
    else:
        _tell(done)


def _confirm(batch_id: int) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    shown = versions.undoable(app.engine, actor, batch_id) or 0
    with app.engine.connect() as connection:
        batch = counts.read(connection, batch_id)
    words = ngettext(
        "{n} artículo vuelve a mostrar la imagen que tenía antes de este lote.",
        "{n} artículos vuelven a mostrar la imagen que tenían antes de este lote.",
        shown,
    )
    st.markdown(escape(words.format(n=formats.count(shown))))
    st.markdown(escape(_("Los artículos cuya foto cambió después se dejan como están. Lo gastado no se devuelve.")))
    if left := batch.pendientes + batch.procesando:
        words = ngettext(
            "{n} artículo de este lote sigue en la cola y se hará igual. Si no lo quiere, cancélelo primero en Progreso.",
            "{n} artículos de este lote siguen en la cola y se harán igual. Si no los quiere, cancélelos primero en"
            " Progreso.",
            left,
        )
        st.warning(escape(words.format(n=formats.count(left))))
    label = ngettext("Deshacer el lote en {n} artículo", "Deshacer el lote en {n} artículos", shown)
    if st.button(
        label.format(n=formats.count(shown)),
        key="confirm_undo_batch",
        type="primary",
        icon=":material/undo:",
        width="stretch",
    ):
        try:
            done = versions.undo_batch(app.engine, actor, batch_id)
        except AppError as error:
            errors.show(error)
            return
        snapshot.forget()
        UNDO.open(batch_id, done)
        st.rerun()


def _tell(done: UndoResult) -> None:
    words = ngettext(
        "{n} artículo muestra otra vez su imagen anterior.",
        "{n} artículos muestran otra vez su imagen anterior.",
        done.restored,
    )
    st.success(escape(words.format(n=formats.count(done.restored))))
    if done.left:
        words = ngettext("{n} artículo quedó como estaba:", "{n} artículos quedaron como estaban:", len(done.left))
        st.markdown(escape(words.format(n=formats.count(len(done.left)))))
        st.dataframe(
            [{"nombre": nombre or str(articulo_id), "motivo": _(why)} for articulo_id, nombre, why in done.left],
            column_config={
                "nombre": st.column_config.TextColumn(_("Artículo")),
                "motivo": st.column_config.TextColumn(_("Por qué"), width="large"),
            },
            hide_index=True,
            placeholder="",
            alt=_("Artículos que quedaron como estaban"),
        )
    if st.button(_("Cerrar"), key="close_undo_batch", width="stretch"):
        UNDO.close()
        st.rerun()


UNDO = Dialog("undo_batch", lambda: _("Deshacer lote"), _body)
