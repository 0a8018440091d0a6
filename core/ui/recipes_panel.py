"""The page *Recetas*: the list, a recipe or a trial, as the address says."""

from __future__ import annotations

from core.access.actors import Actor
from core.bootstrap import App
from core.errors import NotFound
from core.recipes import recipes
from core.ui import components, errors, recipes_editor, recipes_list, recipes_place, recipes_trial_view
from core.ui.texts import _


def draw(app: App, actor: Actor) -> None:
    if (batch_id := recipes_place.asked(recipes_place.TRIAL)) is not None:
        recipes_trial_view.draw(app, actor, batch_id)
        return
    recipe_id = recipes_place.asked(recipes_place.RECIPE)
    found = next((recipe for recipe in recipes.every(app.engine) if recipe.id == recipe_id), None)
    if found is not None:
        recipes_editor.draw(app, found)
        return
    components.header(_("Recetas"), _("Cómo se hace la imagen de cada categoría, y cuándo se publica."))
    if recipe_id is not None:
        errors.show(NotFound(what=_("esa receta, o está archivada")))
    recipes_editor.without_gemini(app)
    recipes_list.draw(app, actor)
