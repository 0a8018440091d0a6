"""*Probar receta*: which articles, and what it takes, before anything is bought."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.errors import AppError
from core.recipes import recipes, trial
from core.recipes.draft import Draft
from core.recipes.trial import Plan
from core.ui import errors, formats, guard, recipes_form, recipes_place, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext

_BY_DEFAULT = 3


def _ask(draft: Draft, based_on: int, request_id: UUID) -> None:
    """`request_id` is made when the dialog opens: however often it is confirmed, there is one trial."""
    guard.require(Role.ADMIN)
    app = guard.app()
    with app.engine.connect() as connection:
        recipe_id = recipes.load(connection, based_on).recipe_id
    every = recipes.categories(app.engine)
    categories = {c.categoria_id: c.nombre for c in every if c.recipe_id == recipe_id} or {
        c.categoria_id: c.nombre for c in every
    }
    st.markdown(
        escape(_("Se hacen unos pocos artículos con lo que escribió y con la receta actual. Nada va a la tienda."))
    )
    categoria_id = None
    if categories:
        categoria_id = st.selectbox(
            _("Categoría"), list(categories), format_func=lambda id_: categories[id_], key="trial_category"
        )
    found = trial.candidates(app.engine, categoria_id)
    if not found:
        st.info(escape(_("Esta categoría no tiene artículos activos con foto.")))
        return
    names = {article.id: recipes_form.name_of(article) for article in found}
    ids = st.multiselect(
        _("Artículos (de 1 a {most})").format(most=trial.MOST),
        list(names),
        trial.spread(list(names), _BY_DEFAULT),
        format_func=lambda id_: names[id_],
        max_selections=trial.MOST,
        key=f"trial_articles_{categoria_id}",
        placeholder=_("Elija artículos"),
    )
    if not ids:
        return
    planned = trial.plan(app.engine, draft, categoria_id, ids, app.settings.editor, app.settings.gemini_model)
    st.markdown(f"**{escape(figures(planned))}**")
    # No figures in the label: they change with each article, and a click on a label that changed is lost.
    if st.button(_("Hacer la prueba"), key="confirm_trial", type="primary", icon=":material/science:", width="stretch"):
        _start(app, draft, categoria_id, ids, based_on, request_id)


def figures(planned: Plan) -> str:
    made = ngettext("Se hará {n} imagen", "Se harán {n} imágenes", planned.made).format(n=formats.count(planned.made))
    if not planned.paid:
        return _("{made}, sin costo.").format(made=made)
    return _("{made}; se pagan {paid}, cerca de {cost} en total.").format(
        made=made, paid=formats.count(planned.paid), cost=formats.money(planned.cost)
    )


def _start(app: App, draft: Draft, categoria_id: int | None, ids: list[int], based_on: int, request_id: UUID) -> None:
    actor = guard.require(Role.ADMIN)
    try:
        begun = trial.start(app.engine, actor, draft, categoria_id, ids, based_on=based_on, request_id=request_id)
    except AppError as error:
        errors.show(error)
        return
    ASK.close()
    snapshot.forget()
    recipes_place.to_trial(begun.batch_id)
    st.rerun()


ASK = Dialog("recipe_trial", lambda: _("Probar receta"), _ask)
