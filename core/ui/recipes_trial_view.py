"""A trial's pictures as they come: the photo, the current recipe's, the new one's; then keep it, go on, or let it go."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.errors import AppError, NotFound
from core.inspect import doubts
from core.queue import retry
from core.recipes import edit, recipes, trial, trial_result
from core.recipes.trial_result import Made, Row, TrialResult
from core.ui import (
    components,
    errors,
    formats,
    guard,
    images,
    recipes_markup,
    recipes_place,
    recipes_words,
    sentences,
    snapshot,
    tab,
)
from core.ui.recipes_markup import Shown
from core.ui.texts import _, escape, ngettext

_SECONDS = 2


def draw(app: App, actor: Actor, batch_id: int) -> None:
    try:
        result = trial_result.read(app.engine, batch_id)
    except NotFound as error:
        components.header(_("Probar receta"))
        errors.show(error)
        st.button(_("Todas las recetas"), icon=":material/arrow_back:", on_click=recipes_place.to_list)
        return
    components.header(
        _("Prueba de la receta: {name}").format(name=result.draft.recipe_name),
        _("Nada de esto está en la tienda. Compare y decida."),
    )
    with st.expander(_("Qué cambia respecto de la actual"), expanded=True):
        st.markdown(recipes_words.changes(result.now.draft, result.draft.draft))
    _live(app, result)
    _bar(app, actor, result)


def _live(app: App, drawn: TrialResult) -> None:
    """Refreshes itself while pictures are made; with the last one the whole page runs again and is still."""

    @st.fragment(run_every=None if drawn.is_done else tab.every(_SECONDS))
    def tick() -> None:
        guard.require(Role.ADMIN, tick=True)
        try:
            result = drawn if drawn.is_done else trial_result.read(app.engine, drawn.batch_id)
        except NotFound:
            st.rerun()
        if result.is_done and not drawn.is_done:
            st.rerun()
        _draw(app, result)

    tick()


def _draw(app: App, result: TrialResult) -> None:
    if result.is_done:
        _ended(app, result)
    else:
        words = ngettext("Falta {n} imagen.", "Faltan {n} imágenes.", result.left).format(n=result.left)
        st.markdown(f"**{escape(words)}** " + escape(_("Esta página se actualiza sola.")))
        _obstacle(app)
    for row in result.rows:
        st.html(recipes_markup.triptych(row.nombre, _shown(result, row)))


def _ended(app: App, result: TrialResult) -> None:
    failed = result.failed
    if not failed:
        words = _("Listo. Lo hecho con la receta nueva costó {cost}.").format(cost=formats.money(result.cost))
        st.markdown(f"**{escape(words)}**")
        return
    words = ngettext("{n} imagen no se pudo hacer.", "{n} imágenes no se pudieron hacer.", len(failed))
    st.warning(escape(words.format(n=formats.count(len(failed)))), icon=":material/warning:")
    if st.button(_("Reintentar las que fallaron"), key="trial_retry", icon=":material/replay:"):
        retry.retry(app.engine, guard.require(Role.ADMIN), failed)
        snapshot.forget()
        st.rerun()


def _obstacle(app: App) -> None:
    """Why nothing comes, when nothing will."""
    now = snapshot.overview(app)
    if now.pause:
        st.warning(escape(sentences.paused(now.pause, now.budget)), icon=":material/pause_circle:")
    elif not any(worker.alive for worker in now.workers):
        st.markdown(components.worker_light(now.workers, None))


def _shown(result: TrialResult, row: Row) -> list[Shown]:
    now = _("Actual") if result.now.recipe_id == result.draft.recipe_id else _("Actual: {name}")
    return [
        Shown(_("Original"), images.full_url(row.original_url), []),
        Shown(now.format(name=result.now.recipe_name), images.full_url(row.now.url), _lines(row.now)),
        Shown(_("Nueva"), images.full_url(row.new.url), _lines(row.new)),
    ]


def _lines(made: Made) -> list[str]:
    if made.estado == "failed":
        return [made.error or _("No se pudo hacer.")]
    if not made.is_done:
        return [components.status_word(made.estado)]
    verdicts = {"good": _("Bien"), "doubtful": _("Revisar"), "bad": _("Mal")}
    verdict = verdicts.get(made.verdict or "", _("Sin inspección"))
    lines = [f"{verdict} · {_money(made.cost or Decimal(0))}"]
    return [*lines, *(_doubt(found) for found in made.findings)]


def _doubt(found: object) -> str:
    words, params = doubts.sentence(found)  # type: ignore[arg-type] # as the report keeps it: a code, or code and params
    return doubts.fill(_(words), params)


def _money(amount: Decimal) -> str:
    return formats.money(amount) if amount else _("sin costo")


def _bar(app: App, actor: Actor, result: TrialResult) -> None:
    with st.bottom:
        told = st.container()
        with st.container(horizontal=True, vertical_alignment="center"):
            if result.draft.number is not None:
                words = _("Ya es la versión {number} de la receta.").format(number=result.draft.number)
                st.markdown(escape(words), width="content")
                st.button(_("Volver a la receta"), on_click=recipes_place.to_recipe, args=(result.draft.recipe_id,))
                return
            keeps = st.button(_("Guardar esta receta"), key="trial_keep", type="primary", icon=":material/save:")
            edits = st.button(_("Seguir editando"), key="trial_edit", icon=":material/edit:")
            drops = st.button(_("Descartar"), key="trial_drop", icon=":material/delete:")
    with told:
        if keeps:
            _keep(app, actor, result)
    if edits:
        with app.engine.connect() as connection:
            based_on = recipes.before(connection, result.draft)
        recipes_place.back_to_form(result.draft, based_on.id)
        st.rerun()
    if drops:
        _drop(app, actor, result)


def _keep(app: App, actor: Actor, result: TrialResult) -> None:
    try:
        kept = edit.adopt(app.engine, actor, result.draft.id)
    except AppError as error:
        errors.show(error)
        return
    recipes_place.to_recipe(kept.recipe_id)
    recipes_place.say(
        _("Guardada como versión {number}. Vale para lo que empiece desde ahora.").format(number=kept.number)
    )
    st.rerun()


def _drop(app: App, actor: Actor, result: TrialResult) -> None:
    trial.discard(app.engine, actor, result.batch_id)
    snapshot.forget()
    recipes_place.to_recipe(result.draft.recipe_id)
    recipes_place.say(_("Prueba descartada. La receta quedó como estaba."))
    st.rerun()
