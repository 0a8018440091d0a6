"""The first steps, told once to each person on Inicio, a card at a time."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor
from core.ui import frame, remembered
from core.ui.texts import _, escape

_TAKEN, _STEP = "tour", "tour_step"


def draw(actor: Actor) -> None:
    """Until the person says it is enough; who has no account is not bothered."""
    if actor.id is None or remembered.get(actor, _TAKEN):
        return
    steps = _steps()
    number = min(int(remembered.get(actor, _STEP) or 0), len(steps) - 1)
    title, words, page = steps[number]
    with st.container(border=True, key="tour"):
        place = _("{n} de {total}").format(n=number + 1, total=len(steps))
        st.markdown(f"**{escape(_('Primeros pasos'))} · {escape(place)}: {escape(title)}**")
        st.markdown(escape(words))
        with st.container(horizontal=True, vertical_alignment="center"):
            there = _("Ir a {page}").format(page=_(frame.PAGES[page].title))
            if st.button(there, key="tour_there", type="primary"):
                _go(actor, number + 1)  # who comes back has done this step
                st.switch_page(frame.page(page))
            if number:
                st.button(_("Anterior"), key="tour_back", on_click=_go, args=(actor, number - 1))
            if number + 1 < len(steps):
                st.button(_("Siguiente"), key="tour_next", on_click=_go, args=(actor, number + 1))
            st.button(
                _("No mostrar más"), key="tour_end", type="tertiary", on_click=remembered.put, args=(actor, _TAKEN, "1")
            )


def again(actor: Actor) -> None:
    """For Ayuda: the way to see it once more."""
    taken = actor.id is not None and remembered.get(actor, _TAKEN)
    if taken and st.button(_("Ver otra vez los primeros pasos"), icon=":material/tour:"):
        remembered.put(actor, _TAKEN, "")
        _go(actor, 0)
        st.switch_page(frame.page("home"))


def _go(actor: Actor, number: int) -> None:
    remembered.put(actor, _STEP, str(number))


def _steps() -> list[tuple[str, str, str]]:
    """(title, words, page of `frame.PAGES`)."""
    return [
        (
            _("Elija los artículos"),
            _(
                "Empiece por una categoría, marque los que quiera y pulse el botón de abajo:"
                " dice cuántos son y cuánto cuestan."
            ),
            "articles",
        ),
        (
            _("Mire cómo avanza"),
            _("El trabajador hace las imágenes solo, aunque cierre el navegador. Progreso dice cuánto falta."),
            "progress",
        ),
        (
            _("Revise las que lo piden"),
            _(
                "Compare el antes y el después. Nada de lo que redibuja Gemini llega a la tienda sin que alguien lo apruebe."
            ),
            "review",
        ),
        (
            _("Si algo no sale bien"),
            _(
                "Todo queda en Historial, con el motivo en palabras simples y lo que conviene hacer."
                " La foto de antes no se pierde."
            ),
            "history",
        ),
        (_("Cuando tenga dudas"), _("Ayuda explica cada página con imágenes."), "help"),
    ]
