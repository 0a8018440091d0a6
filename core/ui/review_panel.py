"""Revisión: the desk where pictures are judged one by one, or the way to a batch's contact sheet."""

from __future__ import annotations

import streamlit as st
from sqlalchemy.exc import DBAPIError

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.db.engine import is_passing
from core.recipes import recipes
from core.recipes.recipes import Recipe
from core.review import desk, tally
from core.review.desk import Filter
from core.review.open_batches import OpenBatch, open_batches
from core.ui import (
    components,
    formats,
    guard,
    picture_words,
    prices,
    review_case,
    review_count,
    review_filters,
    review_sheet,
    review_sitting,
    review_viewer,
    review_words,
)
from core.ui.review_sitting import Served, Sitting
from core.ui.texts import _, escape

_SITTING = "review_sitting"
_SERVED = "review_served"


def draw(app: App, actor: Actor) -> None:
    if not actor.can(Role.OPERATOR):
        _only_counts(app)
        return
    if (batch_id := review_sheet.asked_for()) is not None:
        review_sheet.draw(app, actor, batch_id)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(escape(_("Revisión")), anchor=False, width="content")
        batches = open_batches(app.engine)
        where = review_filters.draw(app, batches)
        _sheets(batches, where)
    today, sitting = tally.today(app.engine, actor, app.settings.shop_timezone), _sitting()
    sitting.earlier = sum(today.values()) - sitting.decided
    if desk.waiting(app.engine, where).total == 0 and not sitting.decided:
        _nothing(app, where, today)
        return
    _desk(app, where)


def _desk(app: App, where: Filter) -> None:
    key = f"review|{where.categoria_id}|{where.batch_id}|{where.verdict}"
    known = [*recipes.every(app.engine)]

    @st.fragment
    def judge() -> None:
        sitting = _sitting()
        message = review_sitting.read(review_viewer.asked(key))
        try:
            actor = guard.require(Role.OPERATOR, tick=not review_sitting.asks_something(sitting, message))
            engine = guard.app().engine
            review_sitting.obey(engine, actor, sitting, message)
            served = review_sitting.serve(engine, actor, sitting, where, message, app.settings.shop_timezone)
            st.session_state[_SERVED] = served
        except DBAPIError as error:
            if _SERVED not in st.session_state or not is_passing(error):
                raise
            served = st.session_state[_SERVED]
            is_saved = False
        else:
            is_saved = True
        review_viewer.desk(key, _data(app, served, sitting, known, is_saved))

    judge()


def _data(app: App, served: Served, sitting: Sitting, known: list[Recipe], is_saved: bool) -> dict[str, object]:
    return {
        "words": review_words.words(by_gemini=app.settings.editor != "local"),
        "cases": [review_case.shown(app, case, known) for case in served.cases],
        "recipes": [
            {
                "id": recipe.current.id,
                "label": _recipe(app, recipe),
                "elsewhere": bool(recipe.categories) and not recipe.is_general,
            }
            for recipe in _faithful_first(known)
        ],
        # What a person writes is for Gemini: the editor of this machine doesn't read.
        "notes": app.settings.editor != "local",
        "answers": sitting.answers,
        "decided": sitting.earlier + sitting.decided,
        "left": served.counts.total,
        "elsewhere": served.elsewhere,
        "today": review_words.today(served.today),
        "saved": is_saved,
    }


def _faithful_first(known: list[Recipe]) -> list[Recipe]:
    """After a picture that changed the product, one that can't."""
    return sorted(known, key=lambda recipe: recipe.current.kind != "faithful")


def _recipe(app: App, recipe: Recipe) -> str:
    price = prices.of_recipe(app, recipe.current)
    if app.settings.editor == "local":  # all kinds are made alike
        return f"{recipe.name} · {price}"
    return f"{recipe.name} ({picture_words.recipe_kind(recipe.current.kind)}) · {price}"


def _sitting() -> Sitting:
    sitting: Sitting = st.session_state.setdefault(_SITTING, Sitting())
    return sitting


def _sheets(batches: list[OpenBatch], where: Filter) -> None:
    """The way to the contact sheet: of the batch that is chosen, else of one of the list."""
    good = {batch.id: batch for batch in batches if batch.good and where.batch_id in (None, batch.id)}
    if not good:
        return
    label = _("Aprobar las que están bien…")
    if len(good) == 1:
        if st.button(label, icon=":material/done_all:", key="review_sheet"):
            review_sheet.open(next(iter(good)))
        return
    words = _("{batch}: {n} bien")
    chosen = st.menu_button(
        label,
        list(good),
        format_func=lambda number: words.format(
            batch=escape(review_filters.batch_title(good[number])), n=formats.count(good[number].good)
        ),
        icon=":material/done_all:",
        key="review_sheets",
    )
    if chosen is not None:
        review_sheet.open(chosen)


def _nothing(app: App, where: Filter, today: dict[str, int]) -> None:
    if told := review_words.today(today):
        st.markdown(f"**{escape(told)}**")
    if where != Filter():
        elsewhere = desk.waiting(app.engine, Filter()).total
        if elsewhere:
            components.empty_state(_("No hay imágenes por revisar con ese filtro"), review_count.words(elsewhere) + ".")
            st.button(_("Ver todas"), icon=":material/filter_list_off:", on_click=review_filters.clear)
            return
    components.empty_state(
        _("No hay imágenes por revisar"),
        _("Aparecen aquí las que la inspección no dio por buenas y las de recetas que piden revisión."),
        "articles",
        _("Elegir artículos para procesar"),
    )


def _only_counts(app: App) -> None:
    components.header(_("Revisión"))
    total = desk.waiting(app.engine, Filter()).total
    if total:
        st.markdown(f"**{escape(review_count.words(total))}**")
    else:
        st.markdown(escape(_("No hay imágenes por revisar.")))
    st.info(
        escape(_("Su usuario es de consulta. Para aprobar o rechazar, pida a un administrador que lo haga operador.")),
        icon=":material/lock:",
    )
