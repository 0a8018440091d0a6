"""Before a recipe or its use changes: how many articles that is, and what each picture costs then."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import UNCATEGORISED, CategoryRow
from core.errors import AppError
from core.money.prices import expected
from core.recipes import edit, recipes
from core.recipes.draft import Draft
from core.recipes.recipes import Recipe
from core.ui import errors, formats, guard, recipes_place, recipes_words
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext


def reach(app: App, recipe: Recipe) -> list[CategoryRow]:
    """Whose articles are made by it."""
    used = {category.categoria_id for category in recipe.categories}
    if recipe.is_general:
        used.add(UNCATEGORISED)
    return [row for row in articles.categories(app.engine) if row.id in used]


def told(rows: list[CategoryRow]) -> str:
    active, queued = sum(row.articles for row in rows), sum(row.queued for row in rows)
    words = ngettext("Vale para {n} artículo activo", "Vale para {n} artículos activos", active)
    waiting = ngettext("{n} está en la cola", "{n} están en la cola", queued)
    return f"{words.format(n=formats.count(active))}; {waiting.format(n=formats.count(queued))}."


def _price(app: App, draft: Draft, queued: int) -> str:
    if app.settings.editor != "gemini" or draft.kind == "faithful":
        return _("Cada imagen: sin costo.")
    each = expected(draft.model or app.settings.gemini_model)
    return _("Cada imagen: {each}. Lo que está en la cola costaría hasta {all}.").format(
        each=formats.money(each), all=formats.money(each * queued)
    )


def _save(draft: Draft, based_on_id: int) -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    with app.engine.connect() as connection:
        based_on = recipes.load(connection, based_on_id)
    recipe = next((each for each in recipes.every(app.engine) if each.id == based_on.recipe_id), None)
    rows = reach(app, recipe) if recipe else []
    st.markdown(recipes_words.changes(based_on.draft, draft))
    st.markdown(escape(told(rows)))
    st.markdown(escape(_price(app, draft, sum(row.queued for row in rows))))
    label = _("Guardar la versión {n}").format(n=(based_on.number or 0) + 1)
    if not st.button(label, key="confirm_save_recipe", type="primary", icon=":material/save:", width="stretch"):
        return
    try:
        kept = edit.save(app.engine, actor, draft, based_on=based_on_id)
    except AppError as error:
        errors.show(error)
        return
    SAVE.close()
    recipes_place.to_recipe(kept.recipe_id)
    recipes_place.say(
        _("Guardada como versión {number}. Vale para lo que empiece desde ahora.").format(number=kept.number)
    )
    st.rerun()


def _assign(categoria_id: int, category: str, recipe_id: int | None, recipe: str) -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    st.markdown(escape(_("{category}: desde ahora usa «{recipe}».").format(category=category, recipe=recipe)))
    st.markdown(escape(told([row for row in articles.categories(app.engine) if row.id == categoria_id])))
    if not st.button(_("Asignar la receta"), key="confirm_assign", type="primary", width="stretch"):
        return
    try:
        edit.assign(app.engine, actor, categoria_id, recipe_id)
    except AppError as error:
        errors.show(error)
        return
    ASSIGN.close()
    recipes_place.say(_("{category}: guardado. Vale para lo que empiece desde ahora.").format(category=category))
    st.rerun()


SAVE = Dialog("recipe_save", lambda: _("Guardar la receta"), _save)
ASSIGN = Dialog("recipe_assign", lambda: _("Asignar una receta"), _assign)
