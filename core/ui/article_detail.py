"""One article in full, at an address of its own: its pictures through time, its jobs, what it cost, what can be done."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleRow
from core.queue import history
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.ui import (
    address,
    attempt_timeline,
    components,
    enqueue_confirm,
    enqueue_result,
    formats,
    frame,
    history_again,
    history_table,
    images,
    markup,
    picture_words,
    prices,
    scroll,
    versions_panel,
)
from core.ui.texts import _, escape, ngettext

_WORD = "articulo"
_JOBS = 10


def asked_for() -> int | None:
    return address.number(st.query_params.get(_WORD, ""))


def open_(articulo_id: int) -> None:
    st.query_params[_WORD] = str(articulo_id)


def _back() -> None:
    st.query_params.pop(_WORD, None)


def draw(app: App, actor: Actor, articulo_id: int) -> None:
    scroll.to_top(f"{_WORD} {articulo_id}")
    st.button(_("Volver a la lista"), key="article_back", icon=":material/arrow_back:", on_click=_back)
    found = articles.get(app.engine, [articulo_id])
    if not found:
        components.empty_state(
            _("Ese artículo no existe"), _("Puede que se haya borrado del catálogo. Búsquelo en la lista.")
        )
        return
    row = found[0]
    components.header(row.nombre or _("Artículo {id}").format(id=row.id))
    enqueue_result.draw(app)
    jobs = history.page(app.engine, HistoryFilter(articulo_id=row.id), limit=_JOBS).rows
    pictures, facts = st.columns([2, 3], gap="large")
    with pictures:
        _pictures(row, jobs)
    with facts:
        picture_words.badge(picture_words.standing(row))
        st.markdown(_list(_facts(row, history.totals(app.engine, HistoryFilter(articulo_id=row.id)).cost)))
        versions_panel.standing(app, actor, row.id, row.nombre)
        if actor.can(Role.OPERATOR):
            _actions(app, row, jobs)
        _jobs(row, jobs)
        if jobs:
            attempt_timeline.draw(history.attempts(app.engine, jobs[0].id))
    versions_panel.draw(app, actor, row.id, row.nombre)
    enqueue_confirm.CONFIRM.draw()
    history_again.dialogs()


def _pictures(row: ArticleRow, jobs: list[HistoryRow]) -> None:
    made = next((job for job in jobs if job.imagen_url_original and job.imagen_url_procesada), None)
    if made and made.imagen_url_original and made.imagen_url_procesada:
        components.compare(
            made.imagen_url_original, made.imagen_url_procesada, name=row.nombre, key=f"article_compare_{row.id}"
        )
    elif row.imagen_url:
        st.html(markup.wide_photo(images.thumb_url(row.imagen_url, 320), row.nombre))
    else:
        st.markdown(escape(_("Este artículo no tiene foto. Súbala en Catálogo.")))
        st.page_link(frame.page("catalog"), label=_("Ir a Catálogo"))


def _facts(row: ArticleRow, cost: Decimal) -> list[str]:
    facts = [
        (_("Código"), row.codigo),
        (_("Categoría"), row.categoria),
        (_("Unidad"), row.unidad),
        (_("Descripción"), row.descripcion),
        (_("Gastado en sus imágenes"), formats.money(cost) if cost else None),
        (_("Activo"), None if row.activo else _("no: no se procesa")),
    ]
    return [f"{label}: {value}" for label, value in facts if value]


def _actions(app: App, row: ArticleRow, jobs: list[HistoryRow]) -> None:
    with st.container(horizontal=True):
        waiting = [job.id for job in jobs if job.estado == "pending"]
        if waiting:
            if st.button(_("Sacar de la cola"), key="article_cancel", icon=":material/cancel:"):
                history_again.CANCEL.open(waiting)
        elif row.imagen_url and row.activo and row.estado != "processing":
            figures = prices.cost_and_time(prices.estimate_for(app, [] if row.reusable else [row.id]))
            label = escape(f"{_('Mejorar esta foto')} · {figures}")
            kind: Literal["primary", "secondary"] = "secondary" if row.estado == "completed" else "primary"
            if st.button(label, key="article_enqueue", type=kind, icon=":material/playlist_add:"):
                enqueue_result.forget()
                enqueue_confirm.open_([row.id], 0)


def _jobs(row: ArticleRow, jobs: list[HistoryRow]) -> None:
    if not jobs:
        st.markdown(escape(_("Todavía no se hizo ninguna imagen de este artículo.")))
        return
    components.section(_("Sus trabajos"))
    st.markdown(_list([_job(job) for job in jobs]))
    st.page_link(
        frame.page("history"),
        label=_("Ver sus trabajos en Historial"),
        icon=":material/history:",
        query_params={"articulo": str(row.id)},
    )


def _job(job: HistoryRow) -> str:
    when = job.completed_at or job.started_at or job.created_at
    words = [
        formats.datetime_text(when) if when else "",
        history_table.standing(job).chip,
        history_table.cost_of(job),
        ngettext("{n} intento", "{n} intentos", job.intentos).format(n=job.intentos) if job.intentos > 1 else "",
    ]
    said = " · ".join(word for word in words if word)
    return f"{said}. {job.error_message}" if job.estado == "failed" and job.error_message else said


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {escape(' '.join(line.split()))}" for line in lines)
