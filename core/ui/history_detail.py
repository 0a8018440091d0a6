"""One job in full: before and after, what was tried, what went wrong in plain words, the technical part folded away."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.queue import history, retry
from core.queue.history import HistoryRow
from core.ui import (
    attempt_timeline,
    components,
    errors,
    formats,
    frame,
    history_table,
    images,
    markup,
    picture_words,
    scroll,
    snapshot,
    versions_panel,
)
from core.ui.texts import _, escape

_KEY, _BUTTON, _TIMES = "history_detail", "history_to_detail", "history_detail_times"


def way_here() -> None:
    """The button that leads down to it. Short: in a second line it would push the table from under the pointer."""
    if st.button(_("Ver el detalle"), key=_BUTTON, icon=":material/arrow_downward:"):
        st.session_state[_TIMES] = st.session_state.get(_TIMES, 0) + 1


def draw(app: App, actor: Actor, row: HistoryRow) -> None:
    if st.session_state.get(_BUTTON):  # in this run alone: another row's detail must not pull the page down by itself
        scroll.to(_KEY, st.session_state[_TIMES])
    with st.container(border=True, key=_KEY):
        st.header(escape(history_table.name_of(row)), anchor=False)
        pictures, facts = st.columns([2, 3], gap="large")
        with pictures:
            _pictures(row)
        with facts:
            picture_words.badge(history_table.standing(row))
            if row.estado == "completed" and row.articulo_id is not None:
                versions_panel.standing(app, actor, row.articulo_id, history_table.name_of(row))
            if row.estado == "failed":
                st.error(escape(row.error_message or _("No se sabe qué pasó: no quedó registrado.")))
                if actor.can(Role.OPERATOR) and st.button(
                    _("Reintentar este"), key=f"retry_{row.id}", icon=":material/replay:"
                ):
                    _retry(app, actor, row.id)
            if row.doubts:
                _doubts(row)
            st.markdown(_list(_facts(row)))
            if row.batch_id is not None:
                st.page_link(
                    frame.page("history"),
                    label=_("Ver todo el lote {id}").format(id=row.batch_id),
                    icon=":material/stacks:",
                    query_params={"lote": str(row.batch_id)},
                )
            attempt_timeline.draw(history.attempts(app.engine, row.id))
            if row.error_stack:
                with st.expander(_("Detalle técnico")):
                    st.code(row.error_stack, language=None, wrap_lines=True)
        if row.articulo_id is not None:
            versions_panel.draw(app, actor, row.articulo_id, history_table.name_of(row))


def _doubts(row: HistoryRow) -> None:
    found = _list([picture_words.finding(doubt) for doubt in row.doubts])
    if history_table.doubtful(row):
        st.warning(f"{escape(_('Conviene mirar esta imagen:'))}\n{found}")
    else:
        st.markdown(f"{escape(_('La inspección había señalado:'))}\n{found}")


def _pictures(row: HistoryRow) -> None:
    if row.imagen_url_original and row.imagen_url_procesada:
        components.compare(
            row.imagen_url_original, row.imagen_url_procesada, name=history_table.name_of(row), key=f"compare_{row.id}"
        )
    elif row.imagen_url_original:
        st.html(markup.photo(images.thumb_url(row.imagen_url_original, 320), history_table.name_of(row), 320))
    else:
        st.markdown(escape(_("Este trabajo no tiene foto.")))


def _facts(row: HistoryRow) -> list[str]:
    facts = [
        (_("Código"), row.codigo),
        (_("Categoría"), row.categoria),
        (_("Creado"), formats.datetime_text(row.created_at) if row.created_at else None),
        (_("Terminado"), formats.datetime_text(row.completed_at) if row.completed_at else None),
        (_("Duración"), None if row.duracion_segundos is None else formats.duration(row.duracion_segundos)),
        (_("Costo"), history_table.cost_of(row)),
        (_("Hecho con"), picture_words.maker(row.model)),
        (_("Intentos"), _("{n} de {most}").format(n=row.intentos, most=row.max_intentos)),
        (_("Número de trabajo"), str(row.id)),
    ]
    return [f"{label}: {value}" for label, value in facts if value]


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {escape(' '.join(line.split()))}" for line in lines)


def _retry(app: App, actor: Actor, job_id: int) -> None:
    try:
        retry.retry_one(app.engine, actor, job_id)
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.toast(escape(_("El trabajo está otra vez en la cola.")))
    st.rerun()
