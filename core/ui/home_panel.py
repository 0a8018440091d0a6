"""What Inicio shows: the situation, the last pictures, the first steps, and the demonstration catalogue."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.catalog import articles, demo
from core.catalog.articles import ArticleFilter
from core.errors import AppError
from core.queue import history
from core.queue.history import HistoryFilter, HistoryRow
from core.ui import components, errors, formats, frame, guard, images, markup, progress_panel, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext

_STRIP = 5
_REFRESH_SECONDS = 10


def live(app: App, actor: Actor) -> None:
    """The part that refreshes itself; below it, whatever a person is doing stays as it is."""
    progress_panel.pause_notice(app, actor)
    drawn = snapshot.overview(app).pause is not None

    @st.fragment(run_every=_REFRESH_SECONDS)
    def tick() -> None:
        guard.require(Role.VIEWER, tick=True)
        now = snapshot.overview(app)
        if (now.pause is not None) != drawn:
            st.rerun()
        progress_panel.situation(app, now)
        progress_panel.worker_line(now)
        if articles.count(app.engine, ArticleFilter(activo=None)) == 0:
            _first_steps()
        else:
            _links(now.counts.fallidos)
            _last_finished(app)

    tick()


def demo_notice(app: App, actor: Actor) -> None:
    """Says that the articles are examples; administrators can remove them."""
    if not demo.has_demo(app.engine):
        return
    with st.container(border=True):
        st.markdown(
            escape(_("Este catálogo tiene artículos de demostración: sirven para probar, no son de la tienda."))
        )
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


def _links(failed: int) -> None:
    with st.container(horizontal=True):
        st.page_link(frame.page("articles"), label=_("Elegir artículos"))
        st.page_link(frame.page("progress"), label=_("Ver el progreso"))
        if failed:
            words = ngettext("Ver {n} trabajo fallido", "Ver {n} trabajos fallidos", failed)
            st.page_link(
                frame.page("history"),
                label=words.format(n=formats.count(failed)),
                icon=":material/error:",
                query_params={"estado": "failed"},
            )


def _last_finished(app: App) -> None:
    components.section(_("Lo último que se hizo"))
    rows = history.page(app.engine, HistoryFilter(estado="completed"), limit=_STRIP).rows
    if not rows:
        components.empty_state(
            _("Todavía no se hizo ninguna imagen"),
            _("Elija artículos con foto y póngalos en la cola: aquí verá el antes y el después."),
            "articles",
            _("Elegir artículos"),
        )
        return
    st.html(markup.before_after_strip([_pair(row) for row in rows], _("Antes"), _("Después")))


def _pair(row: HistoryRow) -> tuple[str | None, str | None, str]:
    return (
        images.thumb_url(row.imagen_url_original, 320),
        images.thumb_url(row.imagen_url_procesada, 320),
        row.articulo_nombre or _("Artículo {id}").format(id=row.articulo_id),
    )
