"""The confirmation that queues articles, with figures computed anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleRow, SkipReason
from core.errors import AppError
from core.queue.enqueue import Matching, enqueue
from core.recipes import outlook
from core.ui import (
    article_table,
    enqueue_choice,
    enqueue_result,
    errors,
    formats,
    guard,
    snapshot,
)
from core.ui.basket import EMPTY
from core.ui.dialogs import Dialog
from core.ui.enqueue_choice import Choice
from core.ui.texts import _, escape, ngettext, quiet


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


def open_(ids: list[int], priority: int, matching: Matching | None = None) -> None:
    """`matching`: besides `ids`, all that match it."""
    CONFIRM.open(ids, priority, uuid4(), matching)


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
        matching = replace(matching, seen=CONFIRM.seen(len(of_filter)))
    found = articles.get(app.engine, ids)
    verdict = judge(found)
    verdict.left_out["unknown"] += len(ids) - len(found)
    left_out = [enqueue_result.why(reason, number) for reason, number in verdict.left_out.items() if number]
    if left_out:
        number = sum(verdict.left_out.values())
        words = ngettext("Queda afuera: {list}.", "Quedan afuera: {list}.", number)
        st.markdown(escape(words.format(list="; ".join(left_out))))
    if not verdict.ready:
        st.markdown(escape(_("Ninguno de los artículos elegidos se puede procesar ahora.")))
        return
    choice = enqueue_choice.draw(app, verdict.ready, verdict.reusable)
    if beside := enqueue_choice.beside(app, choice.made_anew if choice.lane == "normal" else 0):
        st.markdown(quiet(beside))
    ready = set(verdict.ready)
    st.markdown(quiet(_what_becomes(app, {row.categoria_id for row in found if row.id in ready})))
    sure = ngettext("Sí, mejorar {n} foto", "Sí, mejorar {n} fotos", len(verdict.ready))
    label = escape(f"{sure.format(n=formats.count(len(verdict.ready)))} · {choice.figures}")
    if st.button(label, key="confirm_enqueue", type="primary", icon=":material/playlist_add:", width="stretch"):
        _enqueue(app, asked, priority, request_id, choice, matching, _label([row for row in found if not _reason(row)]))


def _what_becomes(app: App, categories: set[int | None]) -> str:
    found = outlook.policies(app.engine, categories, by_gemini=app.settings.editor == "gemini")
    if found == {"if_good"}:
        return _("Las que la inspección da por buenas van solas a la tienda; las dudosas esperan en Revisión.")
    if found == {"after_review"}:
        return _("Todas esperan en Revisión hasta que alguien las apruebe.")
    if found == {"at_once"}:
        return _("Todas van a la tienda en cuanto se hacen.")
    return _("Según la receta de cada categoría, unas van solas a la tienda y otras esperan en Revisión.")


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
    before, now = len(ids) + (matching.seen if matching else 0), len(done.added) + len(done.skipped)
    enqueue_result.keep(done, _moved(before, now) if before != now else "")
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


CONFIRM = Dialog("enqueue", lambda: _("Mejorar fotos"), _confirm)
