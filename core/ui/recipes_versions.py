"""A recipe's earlier versions: what each changed, and the way back to one."""

from __future__ import annotations

from itertools import pairwise

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.errors import AppError
from core.recipes import edit, recipes
from core.recipes.recipes import Recipe, Version
from core.ui import components, errors, guard, recipes_place, recipes_words
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape


def draw(app: App, recipe: Recipe) -> None:
    components.section(_("Versiones"), _("Cada vez que se guarda queda la anterior, y se puede volver a ella."))
    saved = recipes.saved(app.engine, recipe.id)
    for version, earlier in pairwise([*saved, None]):
        assert version is not None  # only the last of the pairs ends in None
        with st.expander(escape(_title(version))):
            if version.note:
                st.markdown(escape(version.note))
            if earlier is None:
                st.markdown(escape(_("La primera.")))
            else:
                st.markdown(recipes_words.changes(earlier.draft, version.draft))
            st.markdown(facts(version))
            if version.id != recipe.current.id and st.button(
                _("Restaurar…"), key=f"restore_{version.id}", icon=":material/history:"
            ):
                RESTORE.open(version.id, recipe.current.id)
    RESTORE.draw()


def facts(version: Version) -> str:
    """All it says, as a Markdown list."""
    draft = version.draft
    names = ["kind", "size", "fill", "shadow", "publish"]
    if draft.kind != "faithful":
        names[1:1] = ["prompt", "model"]
    return "\n".join(
        f"- {escape(recipes_words.label(name))}: {escape(recipes_words.said(name, draft))}" for name in names
    )


def _title(version: Version) -> str:
    words = recipes_words.who_when(version)
    return f"{words} · {version.note}" if version.note else words


def _restore(version_id: int, current_id: int) -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    with app.engine.connect() as connection:
        old, current = recipes.load(connection, version_id), recipes.load(connection, current_id)
    st.markdown(
        escape(
            _("La versión {old} pasa a ser la versión {new}. Lo hecho hasta ahora no cambia.").format(
                old=old.number, new=(current.number or 0) + 1
            )
        )
    )
    st.markdown(recipes_words.changes(current.draft, old.draft) or escape(_("Dice lo mismo que la actual.")))
    if not st.button(_("Restaurar esta versión"), key="confirm_restore", type="primary", width="stretch"):
        return
    try:
        kept = edit.restore(app.engine, actor, version_id, based_on=current_id)
    except AppError as error:
        errors.show(error)
        return
    RESTORE.close()
    recipes_place.to_recipe(kept.recipe_id)
    recipes_place.say(_("Restaurada como versión {number}.").format(number=kept.number))
    st.rerun()


RESTORE = Dialog("recipe_restore", lambda: _("Restaurar una versión"), _restore)
