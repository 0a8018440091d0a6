"""What the last confirmation did, until the next one; with the way back while it can be taken."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.catalog.articles import SkipReason
from core.errors import AppError
from core.queue import manage
from core.queue.batches import LiveBatch
from core.queue.enqueue import Enqueued, Skipped
from core.review import desk
from core.review.desk import Filter
from core.ui import article_numbers, errors, formats, frame, guard, snapshot, tab
from core.ui.texts import _, escape, ngettext

_RESULT, _UNDONE, _MOVED = "enqueue_result", "enqueue_undone", "enqueue_moved"
_NAMES_SHOWN = 200
_EVERY = 5  #: seconds


def keep(done: Enqueued, moved: str) -> None:
    """`moved`: that the filter gave others than were seen, in words. The answer to a second click doesn't repeat who was
    left out: the first one stays."""
    earlier = st.session_state.get(_RESULT)
    if not isinstance(earlier, Enqueued) or earlier.batch_id != done.batch_id:
        st.session_state[_RESULT] = done
        st.session_state[_MOVED] = moved


def forget() -> None:
    for earlier in (_RESULT, _UNDONE, _MOVED):
        st.session_state.pop(earlier, None)


def draw(app: App) -> None:
    done = st.session_state.get(_RESULT)
    if not isinstance(done, Enqueued):
        return
    undone = st.session_state.get(_UNDONE)
    if isinstance(undone, int):
        _taken_out(undone, len(done.added))
    elif not done.added:
        st.warning(escape(_("No se agregó ningún artículo a la cola.")), icon=":material/info:")
        _details(done, None)
    elif _batch(app, done):
        st.fragment(run_every=tab.every(_EVERY))(_under_way)(done)
    else:
        _ended(app, done)


def _batch(app: App, done: Enqueued) -> LiveBatch | None:
    return next((batch for batch in snapshot.live_batches(app) if batch.id == done.batch_id), None)


def _under_way(done: Enqueued) -> None:
    guard.require(Role.VIEWER, tick=True)
    batch = _batch(guard.app(), done)
    if batch is None:
        article_numbers.forget()
        st.rerun()
    added, left = len(done.added), batch.counts.pendientes + batch.counts.procesando
    words = ngettext("Se agregó {n} artículo a la cola.", "Se agregaron {n} artículos a la cola.", added)
    said = [words.format(n=formats.count(added))]
    if batch.label:
        said.append(_("Lote «{name}».").format(name=batch.label))
    if left < added:
        said.append(ngettext("Falta {left}.", "Faltan {left}.", left).format(left=formats.count(left)))
    st.success(escape(" ".join(said)), icon=":material/check_circle:")
    _details(done, batch)


def _ended(app: App, done: Enqueued) -> None:
    """Said once, for who was looking away."""
    forget()
    n = len(done.added)
    words = ngettext("Ya terminó {n} artículo.", "Ya terminaron los {n} artículos.", n)
    st.success(escape(words.format(n=formats.count(n))), icon=":material/check_circle:")
    if waiting := desk.waiting(app.engine, Filter(batch_id=done.batch_id)).total:
        words = ngettext("Revisar la imagen que espera", "Revisar las {n} imágenes que esperan", waiting)
        st.page_link(
            frame.page("review"),
            label=words.format(n=formats.count(waiting)),
            icon=":material/rate_review:",
            query_params={"lote": str(done.batch_id)},
        )
    _details(done, None)


def _details(done: Enqueued, batch: LiveBatch | None) -> None:
    if moved := st.session_state.get(_MOVED):
        st.markdown(escape(moved))
    if done.skipped:
        words = ngettext("{n} artículo quedó afuera", "{n} artículos quedaron afuera", len(done.skipped))
        with st.expander(escape(words.format(n=formats.count(len(done.skipped))))):
            for reason, skipped in _group(done.skipped).items():
                _left_out(reason, skipped)
    with st.container(horizontal=True, vertical_alignment="center"):
        if batch and st.button(_("Ver el progreso"), key="enqueue_progress", icon=":material/monitoring:"):
            st.switch_page(frame.page("progress"))
        # Only while some of it still waits.
        if batch and batch.counts.pendientes and st.button(_("Deshacer"), key="enqueue_undo", icon=":material/undo:"):
            _undo(done)
        st.page_link(frame.page("history"), label=_("Ver este lote"), query_params={"lote": str(done.batch_id)})


def _undo(done: Enqueued) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    try:
        st.session_state[_UNDONE] = manage.cancel(app.engine, actor, batch_id=done.batch_id)
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.rerun()


def _taken_out(count: int, of: int) -> None:
    words = [ngettext("Se sacó {n} artículo de la cola.", "Se sacaron {n} artículos de la cola.", count)]
    if count < of:
        words.append(
            ngettext("{more} ya había empezado y se termina.", "{more} ya habían empezado y se terminan.", of - count)
        )
    st.info(
        escape(" ".join(words).format(n=formats.count(count), more=formats.count(of - count))), icon=":material/undo:"
    )


def _group(skipped: Sequence[Skipped]) -> dict[SkipReason, list[Skipped]]:
    grouped: dict[SkipReason, list[Skipped]] = {}
    for skip in skipped:
        grouped.setdefault(skip.reason, []).append(skip)
    return grouped


def _left_out(reason: SkipReason, skipped: Sequence[Skipped]) -> None:
    names = [skip.nombre or _("Artículo {id}").format(id=skip.articulo_id) for skip in skipped]
    if len(names) > _NAMES_SHOWN:
        rest = _("y {n} más").format(n=formats.count(len(names) - _NAMES_SHOWN))
        names = [*names[:_NAMES_SHOWN], rest]
    st.markdown(f"**{escape(why(reason, len(skipped)))}**")
    st.text("\n".join(names))


def why(reason: SkipReason, count: int) -> str:
    words = {
        "unknown": ngettext("{n} ya no existe", "{n} ya no existen", count),
        "inactive": ngettext("{n} está inactivo", "{n} están inactivos", count),
        "no_picture": ngettext("{n} no tiene foto", "{n} no tienen foto", count),
        "already_queued": ngettext("{n} ya está en la cola", "{n} ya están en la cola", count),
    }
    return words[reason].format(n=formats.count(count))
