"""The batches under way on Progreso: how far each is, and what an operator may do with what still waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.queue import manage
from core.queue.batches import LiveBatch
from core.ui import (
    batch_words,
    components,
    errors,
    formats,
    frame,
    guard,
    live_places,
    pilot_panel,
    priorities,
    progress_look,
    snapshot,
)
from core.ui.dialogs import Dialog
from core.ui.live_places import Look
from core.ui.texts import _, escape, ngettext

_FRONT, _CANCEL = "front", "cancel"
_ALL = "_all_batches"


def draw(app: App, actor: Actor, live: Sequence[LiveBatch], look: Look) -> None:
    """`look`: of Progreso, whose places tell how far each is. The dialogs are drawn by the page, with `dialogs`."""
    if not live:
        return
    components.section(_("Lotes en curso"))
    for batch in progress_look.shown_batches(live, all_batches=shows_all()):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            live_places.place(look, progress_look.place_of(batch))
            if actor.can(Role.OPERATOR) and batch.pilot == "waiting":
                pilot_panel.draw(app, batch)
            elif actor.can(Role.OPERATOR) and batch.counts.pendientes:
                _actions(app, actor, batch)
    if len(live) > progress_look.FEW:
        label = _("Ver menos lotes") if shows_all() else _("Ver los {n} lotes").format(n=formats.count(len(live)))
        st.button(label, key="batches_shown", type="tertiary", on_click=_show_all, args=(not shows_all(),))


def shows_all() -> bool:
    """Whether this person asked for more than the first few."""
    return bool(st.session_state.get(_ALL))


def _show_all(everything: bool) -> None:
    st.session_state[_ALL] = everything


def recent(app: App) -> None:
    """The last batches and how far each is, to look at; what may be done with them is on Progreso."""
    found = snapshot.recent_batches(app)
    if not found:
        return
    components.section(_("Últimos lotes"))
    for batch in found:
        with st.container(gap="xxsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                told = f"{batch_words.left(batch)} {batch_words.cost(batch)}".strip()
                who = f"**{escape(batch_words.title(batch))}** · {escape(batch_words.origin(batch))}"
                st.markdown(f"{who} · {escape(told)}", width="content")
                st.page_link(frame.page("history"), label=_("Ver este lote"), query_params={"lote": str(batch.id)})
            st.html(batch_words.bar(batch))


def dialogs() -> None:
    CANCEL.draw()
    pilot_panel.dialogs()


def _actions(app: App, actor: Actor, batch: LiveBatch) -> None:
    # Fixed words, without figures: the browser answers with the word it shows, while the batch goes on.
    words = {_FRONT: _("Pasar al frente")}
    for number in priorities.ALL:
        words[str(number)] = _("Prioridad: {word}").format(word=priorities.word(number))
    words[_CANCEL] = _("Cancelar lo que espera…")
    chosen = st.menu_button(_("Acciones"), list(words), format_func=lambda code: words[code], key=f"batch_{batch.id}")
    if chosen is None:
        return
    if chosen == _CANCEL:
        CANCEL.open(batch.id, batch_words.title(batch))
        st.rerun()
    if chosen == _FRONT:
        _do(lambda: manage.move_to_front(app.engine, actor, batch_id=batch.id), _moved)
    else:
        _do(lambda: manage.reprioritise(app.engine, actor, int(chosen), batch_id=batch.id), _changed)


def _moved(count: int) -> str:
    return ngettext("{n} artículo pasó al frente de la cola.", "{n} artículos pasaron al frente de la cola.", count)


def _changed(count: int) -> str:
    return ngettext("{n} artículo cambió de prioridad.", "{n} artículos cambiaron de prioridad.", count)


def _removed(count: int) -> str:
    return ngettext("{n} artículo salió de la cola.", "{n} artículos salieron de la cola.", count)


def _confirm_cancel(batch_id: int, name: str) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    waiting = next((b.counts.pendientes for b in snapshot.live_batches(app) if b.id == batch_id), 0)
    if not waiting:
        st.markdown(escape(_("Ya no espera ningún artículo de «{name}».").format(name=name)))
        return
    st.markdown(
        escape(
            _(
                "De «{name}», los artículos que todavía esperan salen de la cola y conservan la foto que tienen."
                " Lo que ya se está haciendo se termina."
            ).format(name=name)
        )
    )
    label = ngettext("Cancelar {n} artículo", "Cancelar {n} artículos", waiting).format(n=formats.count(waiting))
    if st.button(label, key="confirm_cancel_batch", type="primary", icon=":material/cancel:", width="stretch"):
        _do(lambda: manage.cancel(app.engine, actor, batch_id=batch_id), _removed)


def _do(action: Callable[[], int], said: Callable[[int], str]) -> None:
    try:
        count = action()
    except AppError as error:
        errors.show(error)
        return
    CANCEL.close()
    snapshot.forget()
    st.toast(escape(said(count).format(n=formats.count(count))))
    st.rerun()


CANCEL = Dialog("cancel_batch", lambda: _("Cancelar lo que espera"), _confirm_cancel)
