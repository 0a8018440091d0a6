"""Fallidos: a card for each cause, with its words, its articles and its one act; the technical part folded away."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.queue import failures
from core.queue.failures import Failed, FailureGroup
from core.ui import components, failure_acts, failure_words, formats, frame, images, markup
from core.ui.failure_words import Cause
from core.ui.texts import _, escape, ngettext, quiet

_LISTED = 200
_THUMB = 88
_ROW_HEIGHT = 56


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _groups(_engine: Engine, database: str) -> list[FailureGroup]:  # noqa: ARG001 - the cache's key
    return failures.groups(_engine)


def draw(app: App, actor: Actor) -> None:
    if failure_acts.result():
        _groups.clear()
    found = _merged(_groups(app.engine, str(app.engine.url)))
    if not found:
        components.empty_state(
            _("No hay fallidos"),
            _(
                "Todo lo que se procesó salió bien, o ya se pidió otra vez. Si algo falla, aquí dirá por qué y qué hacer."
            ),
            "progress",
            _("Ver el progreso"),
        )
        _rejected()
        return
    total = sum(group.count for _cause, groups in found for group in groups)
    words = ngettext(
        "{n} artículo no salió y conserva la foto que tenía.",
        "{n} artículos no salieron y conservan la foto que tenían.",
        total,
    ).format(n=formats.count(total))
    causes = ngettext("Por una sola causa.", "Por {n} causas distintas.", len(found)).format(n=len(found))
    st.markdown(f"**{escape(words)}** {escape(causes)}")
    for cause, groups in found:
        _card(app, actor, cause, groups)
    _rejected()
    failure_acts.dialogs()


def _rejected() -> None:
    """No failure, but looked for here."""
    st.page_link(
        frame.page("history"),
        label=_("Ver las imágenes rechazadas"),
        icon=":material/history:",
        query_params={"estado": "rejected"},
    )


def _merged(groups: list[FailureGroup]) -> list[tuple[Cause, list[FailureGroup]]]:
    """Codes that mean the same to staff share a card; the one with most articles comes first."""
    merged: dict[Cause, list[FailureGroup]] = {}
    for group in groups:
        merged.setdefault(failure_words.of(group.cause), []).append(group)
    return sorted(merged.items(), key=lambda item: -sum(group.count for group in item[1]))


def _card(app: App, actor: Actor, cause: Cause, groups: list[FailureGroup]) -> None:
    key = groups[0].cause or "unknown"
    codes, count = [group.cause for group in groups], sum(group.count for group in groups)
    newest = [failed for group in groups for failed in group.newest][: failures.SAMPLES]
    with st.container(border=True, key=f"cause_{key}"):
        components.section(cause.title)
        st.markdown(escape(cause.meaning))
        st.markdown(quiet(_facts(groups, count)))
        _strip(newest, count)
        if actor.can(Role.OPERATOR):
            failure_acts.draw(app, actor, cause, codes, count, key)
        folded = st.expander(_("Ver los artículos y el detalle técnico"), key=f"detail_{key}", on_change="rerun")
        if folded.open:
            with folded:
                _detail(app, codes, count, key)


def _facts(groups: list[FailureGroup], count: int) -> str:
    how_many = ngettext("{n} artículo", "{n} artículos", count).format(n=formats.count(count))
    since = min((group.since for group in groups if group.since), default=None)
    last = max((group.last for group in groups if group.last), default=None)
    if since is None or last is None:
        return how_many
    if since == last:
        return _("{n}, {ago}").format(n=how_many, ago=formats.ago(last))
    return _("{n}, desde el {since}; el último, {ago}").format(
        n=how_many, since=formats.datetime_text(since), ago=formats.ago(last)
    )


def _strip(newest: list[Failed], count: int) -> None:
    shown = [(images.thumb_url(failed.imagen_url_original, 320), _name(failed)) for failed in newest]
    more = count - len(shown)
    st.html(markup.photo_strip(shown, _THUMB, _("y {n} más").format(n=formats.count(more)) if more > 0 else ""))


def _detail(app: App, codes: list[str], count: int, key: str) -> None:
    listed = [failed for code in codes for failed in failures.articles(app.engine, code, _LISTED)][:_LISTED]
    st.dataframe(
        pd.DataFrame(
            [
                (
                    images.thumb_url(failed.imagen_url_original),
                    _name(failed),
                    failed.codigo or "",
                    formats.ago(failed.completed_at) if failed.completed_at else "",
                    failed.error_message,
                    None
                    if failed.articulo_id is None
                    else f"/{frame.PAGES['articles'].url}?articulo={failed.articulo_id}",
                )
                for failed in listed
            ],
            columns=["foto", "nombre", "codigo", "cuando", "mensaje", "ver"],
        ),
        column_config={
            "foto": st.column_config.ImageColumn(_("Foto"), width=72),
            "nombre": st.column_config.TextColumn(_("Artículo"), width="medium"),
            "codigo": st.column_config.TextColumn(_("Código"), width="small"),
            "cuando": st.column_config.TextColumn(_("Cuándo"), width="small"),
            "mensaje": st.column_config.TextColumn(_("Qué pasó"), width="large"),
            "ver": st.column_config.LinkColumn(_("Detalle"), display_text=_("Ver el artículo"), width="small"),
        },
        column_order=["foto", "nombre", "codigo", "ver", "cuando", "mensaje"],
        hide_index=True,
        row_height=_ROW_HEIGHT,
        placeholder="",
        alt=_("Artículos que fallaron por esta causa"),
        key=f"failed_{key}",
    )
    if count > len(listed):
        st.markdown(quiet(_("Se muestran los {n} más nuevos.").format(n=formats.count(len(listed)))))
    stack = next((failed.error_stack for failed in listed if failed.error_stack), "")
    st.markdown(quiet(_("Para el técnico: {codes}").format(codes=", ".join(code or "—" for code in codes))))
    if stack:
        st.code(stack, language=None, wrap_lines=True, height=240)


def _name(failed: Failed) -> str:
    return failed.articulo_nombre or _("Artículo {id}").format(id=failed.articulo_id or "—")
