"""From ticked articles to the queue: the bar at the foot, a confirmation with figures computed anew, the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleRow
from core.errors import AppError
from core.queue import manage
from core.queue.enqueue import Enqueued, Matching, Skipped, SkipReason, enqueue
from core.ui import (
    article_table,
    enqueue_choice,
    errors,
    formats,
    frame,
    guard,
    phone_fold,
    prices,
    priorities,
    snapshot,
)
from core.ui.basket import EMPTY
from core.ui.dialogs import Dialog
from core.ui.enqueue_choice import Choice
from core.ui.texts import _, escape, ngettext, quiet

_RESULT, _UNDONE = "enqueue_result", "enqueue_undone"
_SEEN, _MOVED = "enqueue_seen", "enqueue_moved"
_NAMES_SHOWN = 200
_BESIDE = 330  #: pixels, beside the button


@dataclass(frozen=True)
class Verdict:
    """What would happen to the chosen articles. What really happens is decided when they are enqueued."""

    ready: list[int]  #: ids
    reusable: frozenset[int]  #: of those that are ready: had before, for nothing, while nothing about them changed
    left_out: Counter[SkipReason]


def judge(rows: Iterable[ArticleRow]) -> Verdict:
    ready, reusable = [], set()
    left_out: Counter[SkipReason] = Counter()
    for row in rows:
        if reason := _reason(row):
            left_out[reason] += 1
        else:
            ready.append(row.id)
            if row.reusable:
                reusable.add(row.id)
    return Verdict(ready, frozenset(reusable), left_out)


def bar(app: App) -> None:
    """Fixed at the foot of the screen. Its button carries what it will do."""
    ids = article_table.chosen()
    with st.bottom, st.container(horizontal=True, vertical_alignment="bottom"):
        if not ids:
            st.markdown(escape(_("Marque los artículos que quiere procesar.")))
            return
        with phone_fold.desk_only("priority", 160):
            priority = st.selectbox(
                _("Prioridad"),
                priorities.ALL,
                format_func=priorities.word,
                key="enqueue_priority",
                persist_state="session",
                filter_mode=None,
            )
        ready = articles.processable(app.engine, sorted(ids))
        made_anew = [id_ for id_, reusable in ready.items() if not reusable]
        figures = f" · {prices.cost_and_time(prices.estimate_for(app, made_anew))}" if ready else ""
        if st.button(
            escape(enqueue_choice.verb(len(ready)) + figures),
            key="bar_enqueue",
            type="primary",
            icon=":material/playlist_add:",
            wrap=True,
        ):
            forget_result()
            chosen = priority if priority in priorities.ALL else 0
            whole = article_table.whole()
            matching, besides = whole.meant(ids) if whole else (None, ids)
            st.session_state.pop(_SEEN, None)
            CONFIRM.open(sorted(besides), chosen, uuid4(), matching)
        beside = [_of_the_chosen(len(ids), len(ready)), _while_paused(app) or _at_each_speed(app, len(made_anew))]
        if any(beside):
            with phone_fold.desk_only("beside", _BESIDE):
                st.markdown(quiet(" ".join(filter(None, beside))))
    CONFIRM.draw()


def _of_the_chosen(chosen: int, ready: int) -> str:
    """«De 9 elegidos, 1 queda afuera.» Why, the dialog says."""
    if chosen == ready:
        return ""
    if chosen == 1:
        return _("El elegido queda afuera.")
    words = ngettext(
        "De {chosen} elegidos, {n} queda afuera.", "De {chosen} elegidos, {n} quedan afuera.", chosen - ready
    )
    return words.format(chosen=formats.count(chosen), n=formats.count(chosen - ready))


def _while_paused(app: App) -> str:
    return _("La cola está en pausa: esperarán a que siga.") if snapshot.overview(app).pause else ""


def _at_each_speed(app: App, count: int) -> str:
    """«Con otra velocidad: rápida, unos 3 min; máxima, unos 2 min.»"""
    if not count:
        return ""
    now, others = prices.other_speeds(app, count)
    if set(others.values()) == {now}:
        return ""
    alike: dict[str, list[str]] = {}
    for speed, words in others.items():
        alike.setdefault(words, []).append(speed)
    told = "; ".join(f"{_(' o ').join(speeds)}, {words}" for words, speeds in alike.items())
    return _("Con otra velocidad: {list}.").format(list=told)


def forget_result() -> None:
    for earlier in (_RESULT, _UNDONE, _MOVED):
        st.session_state.pop(earlier, None)


def result(app: App) -> None:
    """What the last confirmation did, until the next one; with the way back while it can be taken."""
    done = st.session_state.get(_RESULT)
    if not isinstance(done, Enqueued):
        return
    undone = st.session_state.get(_UNDONE)
    if isinstance(undone, int):
        _taken_out(undone, len(done.added))
        return
    batch = next((batch for batch in snapshot.live_batches(app) if batch.id == done.batch_id), None)
    if done.added and batch is None:
        forget_result()  # said once, for who was looking away
        words = ngettext("Ya terminó {n} artículo.", "Ya terminaron los {n} artículos.", len(done.added))
        st.success(escape(words.format(n=formats.count(len(done.added)))), icon=":material/check_circle:")
    elif done.added:
        words = ngettext("Se agregó {n} artículo a la cola.", "Se agregaron {n} artículos a la cola.", len(done.added))
        named = _("Lote «{name}».").format(name=batch.label) if batch and batch.label else ""
        st.success(escape(f"{words.format(n=formats.count(len(done.added)))} {named}"), icon=":material/check_circle:")
    else:
        st.warning(escape(_("No se agregó ningún artículo a la cola.")), icon=":material/info:")
    if moved := st.session_state.get(_MOVED):
        st.markdown(escape(moved))
    if done.skipped:
        words = ngettext("{n} artículo quedó afuera", "{n} artículos quedaron afuera", len(done.skipped))
        with st.expander(escape(words.format(n=formats.count(len(done.skipped))))):
            for reason, skipped in group(done.skipped).items():
                _left_out(reason, skipped)
    with st.container(horizontal=True, vertical_alignment="center"):
        # Only while some of it still waits.
        if batch and batch.counts.pendientes and st.button(_("Deshacer"), key="enqueue_undo", icon=":material/undo:"):
            _undo(done)
        st.page_link(frame.page("progress"), label=_("Ver el progreso"))
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


def group(skipped: Sequence[Skipped]) -> dict[SkipReason, list[Skipped]]:
    grouped: dict[SkipReason, list[Skipped]] = {}
    for skip in skipped:
        grouped.setdefault(skip.reason, []).append(skip)
    return grouped


def _confirm(asked: list[int], priority: int, request_id: UUID, matching: Matching | None = None) -> None:
    """`request_id` is made when the dialog opens: however often it is confirmed, the articles go in once."""
    guard.require(Role.OPERATOR)
    app = guard.app()
    ids = asked
    if matching:
        of_filter = [id_ for id_ in articles.ids(app.engine, matching.where) if id_ not in matching.without]
        ids = list(dict.fromkeys((*of_filter, *asked)))
        if len(of_filter) != matching.seen:
            st.info(escape(_moved(matching.seen, len(of_filter))), icon=":material/info:")
        # What a person reads and then confirms; the run of the click counts anew.
        matching = replace(matching, seen=st.session_state.setdefault(_SEEN, len(of_filter)))
    found = articles.get(app.engine, ids)
    verdict = judge(found)
    verdict.left_out["unknown"] += len(ids) - len(found)
    left_out = [_why(reason, number) for reason, number in verdict.left_out.items() if number]
    if left_out:
        number = sum(verdict.left_out.values())
        words = ngettext("Queda afuera: {list}.", "Quedan afuera: {list}.", number)
        st.markdown(escape(words.format(list="; ".join(left_out))))
    if not verdict.ready:
        st.markdown(escape(_("Ninguno de los artículos elegidos se puede procesar ahora.")))
        return
    choice = enqueue_choice.draw(app, verdict.ready, verdict.reusable)
    beside = _while_paused(app) or (_at_each_speed(app, choice.made_anew) if choice.lane == "normal" else "")
    if beside:
        st.markdown(quiet(beside))
    label = escape(f"{enqueue_choice.verb(len(verdict.ready))} · {choice.figures}")
    if st.button(label, key="confirm_enqueue", type="primary", icon=":material/playlist_add:", width="stretch"):
        _enqueue(app, asked, priority, request_id, choice, matching, _label([row for row in found if not _reason(row)]))
    elif matching:
        st.session_state[_SEEN] = len(of_filter)


def _label(rows: Sequence[ArticleRow]) -> str:
    """Of one category, the batch is called after it."""
    names = {row.categoria for row in rows}
    return (names.pop() or "") if len(names) == 1 else ""


def _moved(before: int, now: int) -> str:
    """«Eran 1.667, ahora 1.671.»"""
    words = _("El filtro cambió mientras tanto: eran {before}, ahora {now}.")
    return words.format(before=formats.count(before), now=formats.count(now))


def _enqueue(
    app: App, ids: list[int], priority: int, request_id: UUID, choice: Choice, matching: Matching | None, label: str
) -> None:
    actor = guard.require(Role.OPERATOR)
    try:
        done = enqueue(
            app.engine,
            actor,
            ids,
            origin="panel",
            prioridad=priority,
            label=label,
            request_id=request_id,
            lane=choice.lane,
            fresh=choice.fresh,
            pilot=choice.pilot,
            cost=choice.cost,
            confirmed=True,  # the dialog named the figures
            matching=matching,
        )
    except AppError as error:
        errors.show(error)
        return
    earlier = st.session_state.get(_RESULT)
    # The answer to a second click doesn't repeat who was left out: the first one stays.
    if not isinstance(earlier, Enqueued) or earlier.batch_id != done.batch_id:
        st.session_state[_RESULT] = done
        before, now = len(ids) + (matching.seen if matching else 0), len(done.added) + len(done.skipped)
        st.session_state[_MOVED] = _moved(before, now) if before != now else ""
    article_table.choose(EMPTY)
    snapshot.forget()
    CONFIRM.close()
    st.rerun()


def _reason(row: ArticleRow) -> SkipReason | None:
    if not row.activo:
        return "inactive"
    if not row.imagen_url:
        return "no_picture"
    return "already_queued" if row.estado in ("pending", "processing") else None


def _left_out(reason: SkipReason, skipped: Sequence[Skipped]) -> None:
    names = [skip.nombre or _("Artículo {id}").format(id=skip.articulo_id) for skip in skipped]
    if len(names) > _NAMES_SHOWN:
        rest = _("y {n} más").format(n=formats.count(len(names) - _NAMES_SHOWN))
        names = [*names[:_NAMES_SHOWN], rest]
    st.markdown(f"**{escape(_why(reason, len(skipped)))}**")
    st.text("\n".join(names))


def _why(reason: SkipReason, count: int) -> str:
    words = {
        "unknown": ngettext("{n} ya no existe", "{n} ya no existen", count),
        "inactive": ngettext("{n} está inactivo", "{n} están inactivos", count),
        "no_picture": ngettext("{n} no tiene foto", "{n} no tienen foto", count),
        "already_queued": ngettext("{n} ya está en la cola", "{n} ya están en la cola", count),
    }
    return words[reason].format(n=formats.count(count))


CONFIRM = Dialog("enqueue", lambda: _("Mejorar fotos"), _confirm)
