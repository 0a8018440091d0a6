"""The first steps, told once to each person on Inicio, a card at a time: those whose page the person has not opened yet."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Actor
from core.ui import frame, remembered
from core.ui.texts import _, escape

_TAKEN, _SEEN = "tour", "tour_seen"


def visited(actor: Actor, address: str) -> None:
    """A step is done once its page was opened, by whatever way. `address`: of the page."""
    if actor.id is None or remembered.get(actor, _TAKEN):
        return
    for _title, _words, page in _steps():
        if frame.PAGES[page].url == address and page not in _seen(actor):
            _keep(actor, [*_seen(actor), page])


def draw(actor: Actor) -> None:
    """Until all is seen or the person says it is enough; who has no account is not bothered."""
    if actor.id is None or remembered.get(actor, _TAKEN):
        return
    seen, steps = _seen(actor), _steps()
    number, (title, words, page) = next(
        ((n, step) for n, step in enumerate(steps, 1) if step[2] not in seen), (0, steps[0])
    )
    if not number:
        return
    with st.container(border=True, key="tour"):
        place = _("{n} de {total}").format(n=number, total=len(steps))
        st.markdown(f"**{escape(_('Primeros pasos'))} · {escape(place)}: {escape(title)}**")
        st.markdown(escape(words))
        with st.container(horizontal=True, vertical_alignment="center"):
            there = _("Ir a {page}").format(page=_(frame.PAGES[page].title))
            if st.button(there, key="tour_there", type="primary"):
                st.switch_page(frame.page(page))
            if seen:
                st.button(_("Anterior"), key="tour_back", on_click=_keep, args=(actor, seen[:-1]))
            if number < len(steps):
                st.button(_("Siguiente"), key="tour_next", on_click=_keep, args=(actor, [*seen, page]))
            st.button(
                _("No mostrar más"), key="tour_end", type="tertiary", on_click=remembered.put, args=(actor, _TAKEN, "1")
            )


def again(actor: Actor) -> None:
    """For Ayuda: the way to see it once more."""
    over = remembered.get(actor, _TAKEN) or len(_seen(actor)) == len(_steps())
    if actor.id is not None and over and st.button(_("Ver otra vez los primeros pasos"), icon=":material/tour:"):
        remembered.put(actor, _TAKEN, "")
        _keep(actor, [])
        st.switch_page(frame.page("home"))


def _seen(actor: Actor) -> list[str]:
    """Pages, in the order in which they were seen."""
    return (remembered.get(actor, _SEEN) or "").split()


def _keep(actor: Actor, seen: list[str]) -> None:
    remembered.put(actor, _SEEN, " ".join(seen))


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
