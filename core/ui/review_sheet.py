"""The contact sheet: all that the inspection calls good in a batch, seen at once, approved at once."""

from __future__ import annotations

import time
from typing import NoReturn

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.review import decide, desk
from core.review.desk import Case, Filter
from core.ui import components, errors, formats, frame, guard, images, review_viewer, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext

_QUERY = "hoja"
#: On one sheet: as many as a person still looks at.
LIMIT = 120
_PATIENCE = 600  # seconds without a click
_DONE = "review_sheet_done"
_LEASED = "review_sheet_leased"


def asked_for() -> int | None:
    """The batch of the address."""
    written = st.query_params.get(_QUERY, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def open(batch_id: int) -> NoReturn:
    st.session_state.pop(_DONE, None)
    st.query_params[_QUERY] = str(batch_id)
    st.rerun()


def close() -> None:
    st.query_params.pop(_QUERY, None)
    st.session_state.pop(_DONE, None)
    desk.release(guard.app().engine, guard.require(Role.OPERATOR), st.session_state.pop(_LEASED, []))


def draw(app: App, actor: Actor, batch_id: int) -> None:
    components.header(_("Las que están bien del lote {id}").format(id=batch_id))
    if (done := st.session_state.get(_DONE)) is not None:
        _tell(batch_id, *done)
        return
    where = Filter(batch_id=batch_id, verdict="good")
    cases = desk.next_cases(app.engine, actor, where, LIMIT)
    st.session_state[_LEASED] = [case.picture_id for case in cases]
    if not cases:
        _nothing(app, where)
        return
    total = desk.waiting(app.engine, where).total
    st.markdown(escape(_guide(len(cases), total)))
    _hold()
    key = f"review_sheet|{batch_id}"
    review_viewer.sheet(key, {"words": _words(), "cases": [_shown(case) for case in cases]})
    out = review_viewer.left_out(key)
    chosen = {case.picture_id: case.nombre for case in cases if case.picture_id not in out}
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        label = ngettext("Aprobar {n} imagen…", "Aprobar {n} imágenes…", len(chosen))
        if st.button(
            label.format(n=formats.count(len(chosen))),
            key="review_approve_good",
            type="primary",
            icon=":material/done_all:",
            disabled=not chosen,
        ):
            CONFIRM.open(batch_id, chosen, len(cases) - len(chosen))
        st.button(_("Volver sin aprobar"), key="review_sheet_close", icon=":material/arrow_back:", on_click=close)
    CONFIRM.draw()


def _hold() -> None:
    """While the sheet is looked at, nobody else gets its pictures; a sheet that is forgotten lets them go."""
    drawn_at = time.monotonic()

    @st.fragment(run_every=60)
    def renew() -> None:
        actor = guard.require(Role.OPERATOR, tick=True)
        if time.monotonic() - drawn_at < _PATIENCE:
            desk.renew(guard.app().engine, actor, st.session_state.get(_LEASED, []))

    renew()


def _guide(shown: int, total: int) -> str:
    words = ngettext(
        "La inspección dio por buena {n} imagen.", "La inspección dio por buenas {n} imágenes.", shown
    ).format(n=formats.count(shown))
    words += " " + _("Mírelas y toque las que no quiera aprobar: siguen esperando revisión.")
    if total > shown:
        words += " " + _("Hay {n} más en este lote: vienen después, o las mira otra persona.").format(
            n=formats.count(total - shown)
        )
    return words


def _shown(case: Case) -> dict[str, object]:
    return {
        "id": case.picture_id,
        "name": case.nombre or _("Artículo {id}").format(id=case.articulo_id),
        "before": images.thumb_url(case.before_url, 320) or "",
        "after": images.thumb_url(case.after_url, 320) or "",
    }


def _words() -> dict[str, str]:
    return {
        "in": _("Se aprueba"),
        "out": _("No se aprueba"),
        "before": _("Antes: {name}"),
        "after": _("Después: {name}"),
    }


def _confirm(batch_id: int, names: dict[int, str], left_out: int) -> None:
    """`names`: of the articles, by picture."""
    actor, app = guard.require(Role.OPERATOR), guard.app()
    words = ngettext(
        "{n} artículo mostrará su imagen nueva en la tienda.",
        "{n} artículos mostrarán su imagen nueva en la tienda.",
        len(names),
    )
    st.markdown(escape(words.format(n=formats.count(len(names)))))
    if left_out:
        words = ngettext("La que quitó sigue por revisar.", "Las {n} que quitó siguen por revisar.", left_out)
        st.markdown(escape(words.format(n=formats.count(left_out))))
    label = ngettext("Aprobar {n} imagen", "Aprobar {n} imágenes", len(names))
    if st.button(
        label.format(n=formats.count(len(names))),
        key="confirm_approve_good",
        type="primary",
        icon=":material/done_all:",
        width="stretch",
    ):
        try:
            approved, left = decide.approve_good(app.engine, actor, batch_id, list(names))
        except AppError as error:
            errors.show(error)
            return
        st.session_state[_DONE] = (len(approved), [(names[number], why) for number, why in left])
        CONFIRM.close()
        snapshot.forget()
        st.rerun()


def _tell(batch_id: int, approved: int, left: list[tuple[str, str]]) -> None:
    words = ngettext(
        "{n} imagen aprobada: la tienda ya la muestra.", "{n} imágenes aprobadas: la tienda ya las muestra.", approved
    )
    st.success(escape(words.format(n=formats.count(approved))), icon=":material/check_circle:")
    if left:
        words = ngettext("{n} no se aprobó:", "{n} no se aprobaron:", len(left))
        st.markdown(escape(words.format(n=formats.count(len(left)))))
        st.dataframe(
            [{"nombre": name, "motivo": _(why)} for name, why in left],
            column_config={
                "nombre": st.column_config.TextColumn(_("Artículo")),
                "motivo": st.column_config.TextColumn(_("Por qué"), width="large"),
            },
            hide_index=True,
            placeholder="",
            alt=_("Imágenes que no se aprobaron"),
        )
    with st.container(horizontal=True):
        st.button(_("Seguir revisando"), key="review_sheet_close", type="primary", on_click=close)
        # There, the batch can be undone as a whole.
        st.page_link(frame.page("history"), label=_("Ver el lote en Historial"), query_params={"lote": str(batch_id)})


def _nothing(app: App, where: Filter) -> None:
    if desk.waiting(app.engine, where).total:
        text = _("Las que quedan las está mirando otra persona. Si no las decide, vuelva en un par de minutos.")
    else:
        text = _("En este lote no queda ninguna que la inspección dé por buena: júzguelas una por una.")
    components.empty_state(_("No hay nada que aprobar de una vez"), text)
    st.button(_("Volver a Revisión"), key="review_sheet_close", icon=":material/arrow_back:", on_click=close)


CONFIRM = Dialog("approve_good", lambda: _("Aprobar las que están bien"), _confirm)
