"""One recipe: its form, its text as Gemini reads it, its versions, its name."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.errors import AppError
from core.recipes import edit, recipes
from core.recipes.draft import Draft, checked, differences
from core.recipes.recipes import Recipe, Version
from core.ui import (
    components,
    errors,
    guard,
    recipes_confirm,
    recipes_form,
    recipes_list,
    recipes_place,
    recipes_trial_start,
    recipes_versions,
    recipes_words,
)
from core.ui.dialogs import Dialog
from core.ui.recipes_place import Editing
from core.ui.texts import _, escape


def draw(app: App, recipe: Recipe) -> None:
    editing = recipes_place.editing(recipe.current)
    with app.engine.connect() as connection:
        based_on = recipes.load(connection, editing.based_on)
        shown = recipes.load(connection, editing.shown)
    components.header(_("Receta: {name}").format(name=recipe.name), recipes_list.used_by(recipe))
    st.button(_("Todas las recetas"), key="recipes_back", icon=":material/arrow_back:", on_click=recipes_place.to_list)
    without_gemini(app)
    if recipe.current.id != based_on.id:
        _overtaken(recipe.current, based_on)
    form, example = st.columns([3, 2], gap="large")
    with form:
        draft = recipes_form.draw(app, shown, editing)
    with example:
        used = recipe.categories or tuple(recipes.categories(app.engine))
        recipes_form.preview(app, draft, used, editing)
    recipes_versions.draw(app, recipe)
    _name(recipe)
    _bar(draft, based_on, recipe.current, editing)
    recipes_trial_start.ASK.draw()
    recipes_confirm.SAVE.draw()
    ARCHIVE.draw()


def without_gemini(app: App) -> None:
    if app.settings.editor == "local":
        st.info(
            escape(
                _(
                    "Gemini no está conectado: hasta entonces, Creativa y Fiel con luz de Gemini trabajan como Fiel."
                    " Lo que guarde aquí vale desde que se conecte."
                )
            ),
            icon=":material/info:",
        )


def _bar(draft: Draft, based_on: Version, current: Version, editing: Editing) -> None:
    """At the foot of the screen: what is typed above may grow, and these stay where they are."""
    with st.bottom:
        told = st.container()
        with st.container(horizontal=True, vertical_alignment="center"):
            saves = st.button(_("Guardar la receta"), key="recipe_save", type="primary", icon=":material/save:")
            tries = st.button(_("Probar receta…"), key="recipe_try", icon=":material/science:")
            changed = bool(differences(based_on.draft, draft))
            undoes = changed and st.button(_("Descartar los cambios"), key="recipe_undo", icon=":material/undo:")
    with told:
        if said := recipes_place.take_said():
            st.success(escape(said), icon=":material/check_circle:")
        if saves:
            _ask(draft, based_on, current)
        elif tries:
            _try(draft, based_on)
    if undoes:
        recipes_place.to_recipe(editing.recipe_id)
        st.rerun()


def _ask(draft: Draft, based_on: Version, current: Version) -> None:
    try:
        wanted = checked(draft)
        if current.id != based_on.id:
            raise edit.overtaken(current)
    except AppError as error:
        errors.show(error)
        return
    if differences(based_on.draft, wanted):
        recipes_confirm.SAVE.open(wanted, based_on.id)
    else:
        st.info(escape(_("No cambió nada: todo quedó como estaba.")))


def _try(draft: Draft, based_on: Version) -> None:
    try:
        checked(draft)
    except AppError as error:
        errors.show(error)
        return
    recipes_trial_start.ASK.open(draft, based_on.id, uuid4())


def _overtaken(current: Version, based_on: Version) -> None:
    with st.container(border=True):
        st.warning(
            escape(
                _(
                    "{who} guardó la versión {number} mientras usted editaba. Lo suyo no se puede guardar encima."
                ).format(who=current.created_by, number=current.number)
            ),
            icon=":material/group:",
        )
        st.markdown(recipes_words.changes(based_on.draft, current.draft))
        st.button(
            _("Empezar de nuevo desde esa versión"),
            key="recipe_start_over",
            on_click=recipes_place.to_recipe,
            args=(current.recipe_id,),
        )


def _name(recipe: Recipe) -> None:
    with st.expander(_("Nombre y archivo"), icon=":material/edit:"):
        with st.form(f"recipe_rename_{recipe.id}_{recipe.name}", border=False):
            name = st.text_input(_("Nombre"), recipe.name, max_chars=edit.MAX_NAME)
            if st.form_submit_button(_("Cambiar el nombre")):
                actor, app = guard.require(Role.ADMIN), guard.app()
                recipes_list.act(
                    lambda: edit.rename(app.engine, actor, recipe.id, name or "", before=recipe.name), st.rerun
                )
        if recipe.is_general:
            st.markdown(escape(_("La receta General no se archiva: la usa todo lo que no tiene otra.")))
        elif st.button(_("Archivar…"), key="recipe_archive", icon=":material/archive:"):
            ARCHIVE.open(recipe)


def _archive(recipe: Recipe) -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    st.markdown(escape(recipes_list.used_by(recipe)))
    st.markdown(escape(recipes_confirm.told(recipes_confirm.reach(app, recipe))))
    st.markdown(
        escape(
            _(
                "Desde ahora usarán la receta que va con su nombre o la General. Las versiones no se pierden, y se puede"
                " sacar del archivo."
            )
        )
    )
    if st.button(_("Archivar la receta"), key="confirm_archive", type="primary", width="stretch"):

        def then() -> None:
            ARCHIVE.close()
            recipes_place.to_list()
            st.rerun()

        recipes_list.act(lambda: edit.archive(app.engine, actor, recipe.id), then)


ARCHIVE = Dialog("recipe_archive", lambda: _("Archivar la receta"), _archive)
