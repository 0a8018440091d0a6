"""How articles are to be made: now or tonight at half the price, and whether finished pictures are made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from core.bootstrap import App
from core.queue import pilot
from core.queue.enqueue import Lane
from core.ui import formats, prices, snapshot
from core.ui.texts import _, escape, ngettext


@dataclass(frozen=True)
class Choice:
    lane: Lane
    fresh: bool
    figures: str  #: «US$ 1,25 · unos 9 min»
    cost: Decimal  #: US$, of all together
    made_anew: int  #: how many don't take a picture that exists
    pilot: int = 0  #: so many are made first; the rest waits for a person's yes


def verb(count: int) -> str:
    if not count:
        return _("Mejorar fotos")
    return ngettext("Mejorar {n} foto", "Mejorar {n} fotos", count).format(n=formats.count(count))


def beside(app: App, count: int) -> str:
    """«A velocidad rápida, unos 3 min; máxima, unos 2 min. La velocidad se cambia en Progreso.» Of a paused
    queue, that they will wait."""
    if snapshot.overview(app).pause:
        return _("La cola está en pausa: esperarán a que siga.")
    if not count:
        return ""
    now, others = prices.other_speeds(app, count)
    if set(others.values()) == {now}:
        return ""
    alike: dict[str, list[str]] = {}
    for speed, words in others.items():
        alike.setdefault(words, []).append(speed)
    told = "; ".join(f"{_(' o ').join(speeds)}, {words}" for words, speeds in alike.items())
    return _("A velocidad {list}. La velocidad se cambia en Progreso.").format(list=told)


def draw(app: App, ready: Sequence[int], reusable: frozenset[int]) -> Choice:
    """Inside the confirmation. `reusable` of the `ready` articles have a picture that would be used again."""
    paid = app.settings.editor == "gemini"
    fresh = bool(reusable) and _again(len(reusable), paid=paid)
    bought = [id_ for id_ in ready if fresh or id_ not in reusable]
    due = prices.bill_of(app, bought)
    normal = prices.cost_and_time(prices.estimate_for(app, bought))
    if not due.paid:  # the button says it all
        return Choice("normal", fresh, normal, due.normal, len(bought), _pilot(len(ready)))
    words = ngettext("Se procesará {n} artículo.", "Se procesarán {n} artículos.", len(ready))
    st.markdown(escape(words.format(n=formats.count(len(ready)))))
    tonight, saving = prices.economy_saving(due)
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
    if lane == "economy":
        return Choice("economy", fresh, economy, due.economy, len(bought))
    return Choice("normal", fresh, normal, due.normal, len(bought), _pilot(len(ready)))


def _pilot(ready: int) -> int:
    """How many to make first: none unless the batch is large and the person wants it."""
    if ready < pilot.WORTH_IT:
        return 0
    label = _("Hacer primero {n} y esperar mi visto bueno para el resto").format(n=pilot.MADE_FIRST)
    return pilot.MADE_FIRST if st.checkbox(label, key="enqueue_pilot") else 0


def _again(reusable: int, *, paid: bool) -> bool:
    label = _("Volver a hacer las que ya tienen imagen hecha")
    if paid:
        label = _("Volver a hacer las que ya tienen imagen hecha (se cobran otra vez)")
    again = st.checkbox(label, key="enqueue_fresh")
    if not again:
        words = ngettext(
            "{n} ya tiene imagen hecha: si su foto y sus textos no cambiaron, se reutiliza sin costo.",
            "{n} ya tienen imagen hecha: si su foto y sus textos no cambiaron, se reutiliza sin costo.",
            reusable,
        )
        st.markdown(escape(words.format(n=formats.count(reusable))))
    return again
