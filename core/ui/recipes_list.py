"""All recipes, which categories use each, and the way to a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError
from core.recipes import edit, recipes
from core.recipes.recipes import Recipe, UsedBy
from core.ui import components, errors, formats, guard, recipes_confirm, recipes_place, recipes_words
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext, quiet

_NAMES_SHOWN = 12
_AUTOMATIC = 0  #: among recipes' ids


def draw(app: App, actor: Actor) -> None:
    found = recipes.every(app.engine)
    if st.button(_("Nueva receta…"), icon=":material/add:"):
        NEW.open()
    for recipe in found:
        _item(recipe)
    _categories(app, found)
    _archived(app, actor)
    NEW.draw()
    recipes_confirm.ASSIGN.draw()


def used_by(recipe: Recipe) -> str:
    """Which categories use it, and why."""
    names = [
        _("{name} (la eligió {who})").format(name=used.nombre, who=used.chosen_by) if used.chosen_by else used.nombre
        for used in recipe.categories[:_NAMES_SHOWN]
    ]
    more = len(recipe.categories) - len(names)
    if more:
        names.append(ngettext("y {n} más", "y {n} más", more).format(n=formats.count(more)))
    if recipe.is_general:
        rest = _("La usan los artículos sin categoría y las categorías que no tienen otra")
        return f"{rest}: {', '.join(names)}." if names else f"{rest}."
    return _("La usan: {names}.").format(names=", ".join(names)) if names else _("Ninguna categoría la usa.")


def _item(recipe: Recipe) -> None:
    with st.container(border=True):
        facts, way = st.columns([6, 1], vertical_alignment="center")
        with facts, st.container(gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{escape(recipe.name)}**", width="content")
                st.badge(recipes_words.kinds()[recipe.current.kind][0], color=_COLOURS[recipe.current.kind])
            st.markdown(escape(used_by(recipe)))
            st.markdown(f":small[{quiet(recipes_words.who_when(recipe.current))}]")
        way.button(
            _("Abrir"),
            key=f"recipe_open_{recipe.id}",
            on_click=recipes_place.to_recipe,
            args=(recipe.id,),
            width="stretch",
        )


_COLOURS: dict[str, components.BadgeColor] = {"faithful": "green", "composite": "blue", "creative": "violet"}


def _categories(app: App, found: Sequence[Recipe]) -> None:
    components.section(
        _("Qué receta usa cada categoría"),
        _("Si nadie elige, se usa la receta que va con el nombre de la categoría y, si no hay, la General."),
    )
    categories = recipes.categories(app.engine)
    if not categories:
        st.markdown(escape(_("Todavía no hay categorías. Cargue la lista de artículos en Catálogo.")))
        return
    names = {recipe.id: recipe.name for recipe in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_id = {used.categoria_id: used for used in categories}
        # Ids, not rows: Streamlit gives back what it was given once, and a row may have changed since.
        used = by_id[
            st.selectbox(
                _("Categoría"), list(by_id), format_func=lambda id_: by_id[id_].nombre, key="assign_category", width=320
            )
        ]
        options = [_AUTOMATIC, *names]
        chosen = used.recipe_id if used.chosen_by else _AUTOMATIC
        recipe_id = st.selectbox(
            _("Receta"),
            options,
            index=options.index(chosen),
            format_func=lambda id_: _("Automática") if id_ == _AUTOMATIC else names[id_],
            key=f"assign_recipe_{used.categoria_id}_{chosen}",
            width=320,
        )
        if st.button(_("Asignar"), key="assign", icon=":material/check:"):
            chosen_name = names.get(recipe_id, _("Automática"))
            recipes_confirm.ASSIGN.open(used.categoria_id, used.nombre, recipe_id or None, chosen_name)
    if said := recipes_place.take_said():
        st.success(escape(said), icon=":material/check_circle:")
    st.dataframe(
        [{"categoria": c.nombre, "receta": names.get(c.recipe_id, ""), "porque": _why(c)} for c in categories],
        column_config={
            "categoria": st.column_config.TextColumn(_("Categoría")),
            "receta": st.column_config.TextColumn(_("Receta")),
            "porque": st.column_config.TextColumn(_("Por qué")),
        },
        hide_index=True,
        placeholder="",
        alt=_("Qué receta usa cada categoría"),
        key="recipes_categories",
    )


def _why(used: UsedBy) -> str:
    return _("La eligió {who}").format(who=used.chosen_by) if used.chosen_by else _("Automática")


def _archived(app: App, actor: Actor) -> None:
    archived = recipes.every(app.engine, archived=True)
    if not archived:
        return
    with st.expander(_("Recetas archivadas"), icon=":material/archive:"):
        for recipe in archived:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(escape(recipe.name), width="content")
                if st.button(_("Sacar del archivo"), key=f"take_out_{recipe.id}"):
                    act(partial(edit.take_out, app.engine, actor, recipe.id), st.rerun)


def act(change: Callable[[], object], then: Callable[[], object]) -> None:
    """Says why when it is refused."""
    try:
        change()
    except AppError as error:
        errors.show(error)
        return
    then()


def _new() -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    found = recipes.every(app.engine)
    with st.form("recipe_new", border=False):
        name = st.text_input(_("Nombre"), max_chars=edit.MAX_NAME, placeholder=_("Por ejemplo: Mercado Libre"))
        like = st.selectbox(_("Igual a"), found, format_func=lambda recipe: recipe.name, key="recipe_new_like")
        st.markdown(quiet(_("Se crea como una copia; después cambia lo que quiera y la asigna a sus categorías.")))
        if not st.form_submit_button(_("Crear la receta"), type="primary", width="stretch") or like is None:
            return
    try:
        made = edit.create(app.engine, actor, name or "", like.current.draft)
    except AppError as error:
        errors.show(error)
        return
    NEW.close()
    recipes_place.to_recipe(made.recipe_id)
    st.rerun()


NEW = Dialog("recipe_new", lambda: _("Nueva receta"), _new)
