"""The one act of each cause of failures, and the confirmation that states how many and what it costs."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.notify import notices
from core.queue import failures, retry
from core.ui import errors, formats, frame, guard, prices, snapshot
from core.ui.dialogs import Dialog
from core.ui.failure_words import Act, Cause
from core.ui.texts import _, escape, ngettext

_RESULT = "failures_result"


def draw(app: App, actor: Actor, cause: Cause, codes: list[str], count: int, key: str) -> None:
    """For operators. What the photo or the recipe holds up can be retried too, once that is mended."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if cause.act == "photo":
            _go("catalog", _("Cargar otra foto en Catálogo"), key, ":material/add_a_photo:")
        elif cause.act == "recipe" and actor.can(Role.ADMIN):
            _go("recipes", _("Cambiar la receta"), key, ":material/palette:")
        elif cause.act == "admin" and actor.can(Role.ADMIN):
            _go("settings", _("Probar los servicios en Ajustes"), key, ":material/tune:")
        elif cause.act in ("admin", "recipe") and st.button(
            _("Avisar a un administrador"), key=f"help_{key}", icon=":material/support_agent:"
        ):
            _ask(app, actor, codes[0], count)
        if cause.act == "nothing":
            return
        main = cause.act in ("retry", "wait")
        label = _retry_label(cause.act, count)
        if st.button(label, key=f"retry_{key}", icon=":material/replay:", type="secondary" if main else "tertiary"):
            RETRY.open(cause.title, codes)


def result() -> bool:
    """What the last act did, once; whether there was one."""
    said = st.session_state.pop(_RESULT, None)
    if said:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(escape(said), icon=":material/check_circle:")
            st.page_link(frame.page("progress"), label=_("Ver el progreso"))
    return bool(said)


def dialogs() -> None:
    RETRY.draw()


def _go(page: str, label: str, key: str, icon: str) -> None:
    if st.button(label, key=f"go_{page}_{key}", icon=icon):
        st.switch_page(frame.page(page))


def _retry_label(act: Act, count: int) -> str:
    n = formats.count(count)
    if act in ("retry", "wait"):
        return ngettext("Reintentar {n} artículo", "Reintentar {n} artículos", count).format(n=n)
    return ngettext("Ya se corrigió: reintentar {n}", "Ya se corrigió: reintentar {n}", count).format(n=n)


def _ask(app: App, actor: Actor, cause: str, count: int) -> None:
    try:
        told = notices.ask_for_help(app.engine, actor, cause, count)
    except AppError as error:
        errors.show(error)
        return
    st.toast(
        escape(
            _("Se avisó a los administradores: lo verán en su panel.")
            if told
            else _("Los administradores ya tienen este aviso, de hoy.")
        )
    )


def _confirm(title: str, codes: list[str]) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    ids = [articulo_id for code in codes for articulo_id in failures.article_ids(app.engine, code)]
    if not ids:
        st.markdown(escape(_("Ya no queda ninguno por esta causa: alguien se adelantó.")))
        return
    estimated = prices.estimate_for(app, ids)
    figures, count = prices.cost_and_time(estimated), len(ids)
    seen = RETRY.seen(count)
    words = ngettext(
        "«{title}»: {n} artículo vuelve a la cola, junto a lo que ya espera. Como mucho: {figures}.",
        "«{title}»: {n} artículos vuelven a la cola, junto a lo que ya espera. Como mucho: {figures}.",
        count,
    )
    if not estimated.per_picture:
        words = ngettext(
            "«{title}»: {n} artículo vuelve a la cola, junto a lo que ya espera: {figures}.",
            "«{title}»: {n} artículos vuelven a la cola, junto a lo que ya espera: {figures}.",
            count,
        )
    st.markdown(escape(words.format(title=title, n=formats.count(count), figures=figures)))
    st.markdown(
        escape(_("Lo que ya se pagó y está guardado no se paga otra vez. Cada artículo tiene intentos nuevos."))
    )
    label = ngettext("Reintentar {n} artículo", "Reintentar {n} artículos", count).format(n=formats.count(count))
    if st.button(
        escape(f"{label} · {figures}"), key="confirm_retry_cause", type="primary", icon=":material/replay:",
        width="stretch",
    ):  # fmt: skip
        _retry(app, actor, codes, seen, estimated.cost / count)


def _retry(app: App, actor: Actor, codes: list[str], seen: int, each: Decimal) -> None:
    """By the causes, not by what was seen: who left meanwhile is not retried, and the difference is said."""
    try:
        retried = retry.retry_causes(app.engine, actor, codes, seen=seen, each=each, confirmed=True)
    except AppError as error:
        errors.show(error)
        return
    said = ngettext("{n} artículo volvió a la cola.", "{n} artículos volvieron a la cola.", retried)
    said = said.format(n=formats.count(retried))
    if retried != seen:
        said += " " + _("Eran {shown} al abrir la confirmación.").format(shown=formats.count(seen))
    st.session_state[_RESULT] = said
    snapshot.forget()
    RETRY.close()
    st.rerun()


RETRY = Dialog("retry_cause", lambda: _("Reintentar esta causa"), _confirm)
