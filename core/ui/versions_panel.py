"""An article's pictures through time, the newest first, and showing one of them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.review import versions
from core.review.versions import VersionRow
from core.settings.values import load_tuning
from core.ui import errors, formats, guard, images, market_opinion, markup, picture_words, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext

_PHOTO = 96  # pixels


def draw(app: App, actor: Actor, articulo_id: int, name: str) -> None:
    """`name`: of the article."""
    rows = versions.versions(app.engine, articulo_id)
    if not rows:
        return
    title = ngettext("{n} versión de la imagen", "{n} versiones de la imagen", len(rows))
    with st.expander(title.format(n=formats.count(len(rows))), icon=":material/history:"):
        if not any(row.shown for row in rows):
            st.markdown(escape(_("El artículo muestra ahora una foto que no está entre estas.")))
        for row in rows:
            _draw(actor, row, rows, name)
    RESTORE.draw()
    market_opinion.OPINION.draw()


def standing(app: App, actor: Actor, articulo_id: int, name: str) -> None:
    """Beside the article's picture: why a person didn't want the newest, and the way back to what was there before."""
    rows = versions.versions(app.engine, articulo_id)
    if rows and rows[0].review == "rejected":
        decided = [f"{said.rstrip('.')}." for said in _decided(rows[0])]
        st.markdown(escape(" ".join((*decided, _("La tienda sigue con la foto de antes.")))))
    elif rows and rows[0].published_at and not rows[0].shown:
        st.markdown(escape(_("La tienda muestra ahora otra foto.")))
    shown = next((row for row in rows if row.shown and row.kind == "result"), None)
    before = next((row for row in rows if shown and row.url == shown.replaces_url and row.restorable), None)
    if (
        before
        and versions.may_restore(actor, before, rows)
        and st.button(_("Restaurar la foto de antes…"), key=f"way_back_{articulo_id}", icon=":material/undo:")
    ):
        RESTORE.open(before.id, before.url, name)


def _draw(actor: Actor, row: VersionRow, rows: Sequence[VersionRow], name: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        # What was deleted at its host has nothing left to show.
        url = None if row.deleted_at else images.thumb_url(row.url, _PHOTO)
        st.html(markup.photo(url, _("{name}: {version}").format(name=name, version=_origin(row)), _PHOTO), width=_PHOTO)
        with st.container(width="stretch", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{escape(_origin(row))}**", width="content")
                _badges(row)
            st.markdown("\n".join(f"- {escape(' '.join(fact.split()))}" for fact in _facts(row)))
        allowed = row.restorable and versions.may_restore(actor, row, rows)
        if allowed and st.button(_("Restaurar…"), key=f"restore_{row.id}", icon=":material/undo:"):
            RESTORE.open(row.id, row.url, name)
        if not row.deleted_at and actor.can(Role.OPERATOR):
            market_opinion.button(row.id, name)


def _badges(row: VersionRow) -> None:
    if row.shown:
        st.badge(_("La muestra la tienda"), icon=":material/storefront:", color="green")
    if row.deleted_at:
        st.badge(_("Borrada"), icon=":material/delete:", color="gray")
    decision = None if row.review == "awaiting" else row.action
    picture_words.badge(
        picture_words.judged(row.review, row.verdict, decision) or picture_words.review(row.review, row.verdict)
    )


def _origin(row: VersionRow) -> str:
    if row.kind == "original":
        return _("Foto original")
    return _("Hecha con {model}").format(model=picture_words.maker(row.model)) if row.model else _("Imagen procesada")


def _facts(row: VersionRow) -> list[str]:
    facts = [_("Fecha: {when}").format(when=formats.datetime_text(row.created_at))]
    if row.kind == "original":
        return facts + _decided(row)
    if row.recipe_name:
        facts.append(_("Receta: {recipe}").format(recipe=_recipe(row)))
    if row.cost is not None:
        facts.append(_("Costo: {money}").format(money=formats.money(row.cost)))
    facts.append(_("Inspección: {verdict}").format(verdict=picture_words.verdict(row.verdict)))
    return facts + picture_words.findings(row.report) + _decided(row)


def _recipe(row: VersionRow) -> str:
    version = _("borrador") if row.recipe_number is None else _("versión {n}").format(n=row.recipe_number)
    return ", ".join(part for part in (row.recipe_name, version, picture_words.recipe_kind(row.recipe_kind)) if part)


def _decided(row: VersionRow) -> list[str]:
    """Who approved it, and what was decided last, when that is something else."""
    told = []
    if row.review == "approved" and row.judged_at:
        told.append(_on(picture_words.by_whom("approve", row.judged_by or ""), row.judged_at))
    if row.action != "approve" and row.decided_at and (said := picture_words.by_whom(row.action, row.decided_by or "")):
        told.append(_on(said, row.decided_at) + (f": {row.reason}" if row.reason else ""))
    return told


def _on(said: str, when: datetime) -> str:
    return f"{said}, {formats.datetime_text(when)}"


def _confirm_restore(picture_id: int, url: str, name: str) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    with app.engine.connect() as connection:
        days = load_tuning(connection).keep_superseded_days
    st.html(markup.photo(images.thumb_url(url, 320), name, 320))
    st.markdown(escape(_("La tienda mostrará esta imagen en «{name}», en lugar de la de ahora.").format(name=name)))
    st.markdown(
        escape(
            _(
                "La de ahora queda entre las versiones del artículo y también se puede restaurar: {days} días,"
                " si la hizo Revelado; para siempre, si es una foto original."
            ).format(days=formats.count(days))
        )
    )
    label = _("Restaurar esta foto")
    if st.button(label, key="confirm_restore", type="primary", icon=":material/undo:", width="stretch"):
        try:
            versions.restore(app.engine, actor, picture_id)
        except AppError as error:
            errors.show(error)
            return
        RESTORE.close()
        snapshot.forget()
        st.toast(escape(_("La tienda ya muestra la foto restaurada.")))
        st.rerun()


RESTORE = Dialog("restore", lambda: _("Restaurar una foto"), _confirm_restore)
