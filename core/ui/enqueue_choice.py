"""How articles are to be made: now or tonight at half the price, and whether finished pictures are made again."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.queue.enqueue import Lane
from core.ui import formats, prices
from core.ui.texts import _, escape, ngettext


@dataclass(frozen=True)
class Choice:
    lane: Lane
    fresh: bool
    figures: str  #: «US$ 1,25 · unos 9 min»


def verb(count: int) -> str:
    return ngettext("Encolar {n} imagen", "Encolar {n} imágenes", count).format(n=formats.count(count))


def draw(app: App, ready: int, reusable: int) -> Choice:
    """Inside the confirmation. `reusable` of the `ready` articles have a picture that would be used again."""
    paid = app.settings.editor == "gemini"
    first = st.container()
    fresh = reusable > 0 and _again(reusable, paid=paid)
    bought = ready if fresh else ready - reusable
    normal = prices.cost_and_time(prices.estimate(app, bought))
    words = ngettext("Se procesará {n} artículo", "Se procesarán {n} artículos", ready).format(n=formats.count(ready))
    if not paid or not bought:
        first.markdown(escape(f"{words}: {normal}."))
        return Choice("normal", fresh, normal)
    first.markdown(escape(f"{words}."))
    tonight, saving = prices.economy_saving(app, bought)
    economy = _("{money} · lista mañana").format(money=formats.money(tonight))
    st.markdown(
        "\n".join(
            f"- {escape(line)}"
            for line in (
                _("Normal: {figures}.").format(figures=normal),
                _("Económica: {figures}. Ahorra {saving}.").format(figures=economy, saving=formats.money(saving)),
            )
        )
    )
    # No figures in the labels: the browser answers with a label, and one that changed meanwhile would mean nothing.
    labels: dict[Lane, str] = {"normal": _("Normal"), "economy": _("Económica (esta noche)")}
    lane = st.radio(
        _("Cuándo"), list(labels), format_func=lambda lane: labels[lane], key="enqueue_lane", horizontal=True
    )
    return Choice("economy", fresh, economy) if lane == "economy" else Choice("normal", fresh, normal)


def _again(reusable: int, *, paid: bool) -> bool:
    label = _("Volver a hacer las que ya tienen imagen hecha")
    if paid:
        label = _("Volver a hacer las que ya tienen imagen hecha (se cobran otra vez)")
    again = st.checkbox(label, key="enqueue_fresh")
    if not again:
        words = ngettext(
            "{n} ya tiene imagen: si su foto y sus textos no cambiaron, se reutiliza, US$ 0.",
            "{n} ya tienen imagen: si su foto y sus textos no cambiaron, se reutiliza, US$ 0.",
            reusable,
        )
        st.markdown(escape(words.format(n=formats.count(reusable))))
    return again
