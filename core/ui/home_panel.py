"""What Inicio shows: the situation, the last pictures, the first steps."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleFilter
from core.queue import history
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.ui import (
    batches_panel,
    blockers,
    components,
    formats,
    frame,
    guard,
    images,
    markup,
    night_summary,
    progress_panel,
    review_count,
    snapshot,
    tab,
    tour,
)
from core.ui.texts import _, escape, ngettext

_STRIP = 6
_REFRESH_SECONDS = 10


def live(app: App, actor: Actor) -> None:
    """The part that refreshes itself; below it, whatever a person is doing stays as it is."""
    night_summary.draw(app)
    drawn = snapshot.overview(app)
    progress_panel.pause_notice(app, actor, drawn)

    @st.fragment(run_every=tab.every(_REFRESH_SECONDS))
    def tick() -> None:
        viewer = guard.require(Role.VIEWER, tick=True)
        now = snapshot.overview(app)
        if now.pause != drawn.pause:
            st.rerun()
        progress_panel.situation(now, viewer)
        st.markdown(progress_panel.worker_line(now))
        blockers.draw(app, now, viewer)

    @st.fragment(run_every=tab.every(_REFRESH_SECONDS))
    def work() -> None:
        guard.require(Role.VIEWER, tick=True)
        if not articles.any_of(app.engine, ArticleFilter(activo=None)):
            _first_steps()
        else:
            _links(snapshot.overview(app).counts.fallidos, review_count.waiting(guard.app()))
            _last_finished(app)
            batches_panel.recent(app)

    tick()
    tour.draw(actor)  # after the sentence that says it all, before what there is to look at
    work()


def _first_steps() -> None:
    components.empty_state(
        _("Todavía no hay artículos"),
        _(
            "Empiece en Catálogo: cargue la lista de artículos desde un CSV y después sus fotos."
            " Luego elija en Artículos cuáles procesar."
        ),
        "catalog",
        _("Ir a Catálogo"),
    )


def _links(failed: int, to_review: int) -> None:
    with st.container(horizontal=True):
        if to_review:
            st.page_link(frame.page("review"), label=review_count.words(to_review), icon=":material/rate_review:")
        st.page_link(frame.page("articles"), label=_("Elegir artículos"))
        st.page_link(frame.page("progress"), label=_("Ver el progreso"))
        if failed:
            words = ngettext("Ver {n} trabajo fallido", "Ver {n} trabajos fallidos", failed)
            st.page_link(frame.page("failures"), label=words.format(n=formats.count(failed)), icon=":material/error:")


def _last_finished(app: App) -> None:
    found = history.page(app.engine, HistoryFilter(estado="completed"), limit=2 * _STRIP).rows
    newest = {row.articulo_id: row.id for row in reversed(found) if row.review != "rejected"}
    rows = [row for row in found if newest.get(row.articulo_id) == row.id][:_STRIP]
    if not rows and snapshot.overview(app).counts.procesando:
        components.section(_("Se están haciendo las primeras imágenes"))
        st.markdown(escape(_("En cuanto salga la primera, aquí verá el antes y el después.")))
        return
    if not rows:
        components.empty_state(
            _("Todavía no se hizo ninguna imagen"),
            _("Elija artículos con foto y pulse «Mejorar»: aquí verá el antes y el después."),
            "articles",
            _("Elegir artículos"),
        )
        return
    components.section(_("Lo último que se hizo: antes y después"))
    st.html(markup.before_after_strip([_pair(row) for row in rows], _("Antes"), _("Después")))


def _pair(row: HistoryRow) -> tuple[str | None, str | None, str]:
    return (
        images.thumb_url(row.imagen_url_original, 320),
        images.thumb_url(row.imagen_url_procesada, 320),
        row.articulo_nombre or _("Artículo {id}").format(id=row.articulo_id),
    )
