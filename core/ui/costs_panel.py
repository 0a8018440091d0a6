"""Costos: the bill of any days, told in one sentence and four figures; who and what it was for; where the month leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pandas as pd
import streamlit as st

from core.bootstrap import App
from core.money import costs
from core.money.budget import Budget
from core.money.costs import Costs, Forecast, Period, Share
from core.settings.values import Tuning
from core.ui import address, components, costs_chart, costs_query, currency, formats, markup, snapshot
from core.ui.texts import _, escape, ngettext, quiet

_SHOWN = 12
_NARROW, _WIDE = 164, 230
_WIDGETS: address.Filters = {
    "periodo": ("costs_span", "mes"),
    "desde": ("costs_first", None),
    "hasta": ("costs_last", None),
}


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
@st.cache_data(ttl=30, max_entries=32, show_spinner=False)
def _read(_app: App, database: str, period: Period) -> tuple[Costs, Forecast]:  # noqa: ARG001 - the cache's key
    return costs.read(_app.engine, period), costs.forecast(_app.engine, period.zone)


def draw(app: App) -> None:
    now = snapshot.overview(app)
    tuning = now.tuning
    period = _period(app.settings.shop_timezone)
    found, ahead = _read(app, str(app.engine.url), period)
    if shop := currency.of(tuning):
        st.markdown(quiet(shop.words))
    _month(ahead, now.budget, tuning)
    if not found.calls and not found.reused:
        _nothing(app, found, tuning)
        return
    st.markdown(f"**{escape(_sentence(found, tuning))}**")
    if not found.amount and app.settings.editor == "local":
        st.markdown(escape(_("Las imágenes se hacen en este equipo, sin Gemini: por eso no cuestan nada.")))
    _figures(found, tuning)
    components.section(_("Gasto por día"))
    days = (period.last - period.first).days + 1
    st.vega_lite_chart(
        pd.DataFrame(costs_chart.day_rows(found.days, period.first, period.last)),
        costs_chart.by_day(days, components.accent(), tuning.daily_budget),
        key=f"costs_days_{period.first}_{period.last}",
        alt=_("Gasto de cada día, en dólares"),
    )
    left, right = st.columns(2, gap="large")
    with left:
        _shares(_("Por categoría"), found.categories, _("sin categoría"), tuning)
    with right:
        _shares(_("Por persona"), found.people, _("línea de comandos o sin dato"), tuning)
    st.link_button(_("Descargar CSV"), f"/exportar/costos.csv?{costs_query.encode(period)}", icon=":material/download:")


def _period(zone: str) -> Period:
    words = {
        "mes": _("Este mes"),
        "mes_pasado": _("El mes pasado"),
        "7_dias": _("Los últimos 7 días"),
        "30_dias": _("Los últimos 30 días"),
        "anio": _("Este año"),
        "otro": _("Otras fechas"),
    }
    known: Callable[[str], str | None] = {span: span for span in words}.get
    address.follow(_WIDGETS)
    with st.container(horizontal=True):
        bound = address.bound("periodo", "costs_span", known, "mes")
        span = st.selectbox(
            _("Período"), list(words), format_func=lambda code: words[code], filter_mode=None, width=_WIDE, **bound
        )
        first = last = None
        if span == "otro":
            first = _day(_("Desde"), "desde", "costs_first")
            last = _day(_("Hasta"), "hasta", "costs_last")
    return costs_query.period(span or "mes", costs_query.today(zone), zone, first, last)


def _day(label: str, name: str, key: str) -> date | None:
    chosen = st.date_input(label, value=None, format="DD/MM/YYYY", width=_NARROW, **address.bound(name, key, _written))
    return chosen if isinstance(chosen, date) else None


def _written(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _month(ahead: Forecast, budget: Budget, tuning: Tuning) -> None:
    """Where this month leads, at the pace of the last days, beside its cap."""
    if not ahead.spent and not ahead.a_day:
        return
    total, cap = ahead.total, budget.month_cap
    words = _(
        "Este mes van {spent}. Al ritmo de los últimos 7 días ({pace} por día), cerraría en unos {total}."
    ).format(
        spent=currency.money(ahead.spent, tuning), pace=formats.money(ahead.a_day), total=currency.money(total, tuning)
    )
    if not cap:
        st.info(escape(words + " " + _("El mes no tiene tope.")), icon=":material/calendar_month:")
    elif total > cap:
        left = cap - ahead.spent
        days = int(left / ahead.a_day) if ahead.a_day and left > 0 else 0
        reached = ngettext(
            "Pasa el tope de {cap}: se llegaría en {n} día, y la cola se pondría en pausa.",
            "Pasa el tope de {cap}: se llegaría en {n} días, y la cola se pondría en pausa.",
            days,
        ).format(cap=formats.money(cap), n=days)
        st.warning(escape(f"{words} {reached}"), icon=":material/savings:")
    else:
        within = _("Está dentro del tope de {cap}.").format(cap=formats.money(cap))
        st.info(escape(f"{words} {within}"), icon=":material/calendar_month:")


def _sentence(found: Costs, tuning: Tuning) -> str:
    finished = ngettext("se hizo {n} imagen", "se hicieron {n} imágenes", found.finished)
    said = _("Se gastaron {money} y {finished}.").format(
        money=currency.money(found.amount, tuning), finished=finished.format(n=formats.count(found.finished))
    )
    parts = [said]
    if found.reused:
        again = ngettext(
            "Otra ya se tenía y se usó de nuevo.", "Otras {n} ya se tenían y se usaron de nuevo.", found.reused
        )
        parts.append(again.format(n=formats.count(found.reused)))
    if saved := found.saved_by_reuse + found.saved_at_night:
        parts.append(_("Se ahorraron {money}.").format(money=formats.money(saved)))
    return " ".join(parts)


def _figures(found: Costs, tuning: Tuning) -> None:
    each, approved = found.per_finished, found.per_approved
    cards = [
        (_("Por imagen hecha"), _money(each), _beside(each, tuning)),
        (
            _("Por imagen aprobada"),
            _money(approved),
            ngettext("{n} aprobada o publicada", "{n} aprobadas o publicadas", found.approved).format(
                n=formats.count(found.approved)
            ),
        ),
        (
            _("Ahorrado por reutilizar"),
            formats.money(found.saved_by_reuse),
            ngettext("{n} imagen que ya se tenía", "{n} imágenes que ya se tenían", found.reused).format(
                n=formats.count(found.reused)
            ),
        ),
        (_("Ahorrado por la noche"), formats.money(found.saved_at_night), _("tanda de la noche, a mitad de precio")),
    ]
    if found.for_nothing:
        cards.append(
            (_("Pagado sin imagen"), formats.money(found.for_nothing), _("respuestas que no sirvieron o dudosas"))
        )
    st.html(markup.figure_cards(cards))


def _shares(title: str, shares: Sequence[Share], unknown: str, tuning: Tuning) -> None:
    components.section(title)
    paid = [share for share in shares if share.amount]
    if not paid:
        st.markdown(escape(_("Nada se cobró en estos días.")))
        return
    listed, rest = paid[:_SHOWN], paid[_SHOWN:]
    total = sum((share.amount for share in paid), Decimal(0))
    rows = [(share.name or unknown, share.amount) for share in listed]
    if rest:
        rows.append((_("otras {n}").format(n=len(rest)), sum((share.amount for share in rest), Decimal(0))))
    st.html(
        markup.bars(
            [(name, float(amount), 0, _told(amount, total, tuning)) for name, amount in rows],
            components.accent(),
            float(total),
        )
    )


def _told(amount: Decimal, total: Decimal, tuning: Tuning) -> str:
    return f"{currency.money(amount, tuning)} · {formats.percent(float(amount / total))}"


def _nothing(app: App, found: Costs, tuning: Tuning) -> None:
    if found.finished:
        st.markdown(f"**{escape(_sentence(found, tuning))}**")
    if app.settings.editor == "local" or found.finished:
        components.empty_state(
            _("No se gastó nada en estos días"),
            _(
                "Las imágenes hechas en este equipo y las de la receta Fiel no cuestan."
                " Lo que se pague a Google aparecerá aquí."
            ),
            "articles",
            _("Elegir artículos"),
        )
    else:
        components.empty_state(
            _("No hay compras en estos días"),
            _("Elija otro período, o mejore algunas fotos: lo que cuesten aparecerá aquí."),
            "articles",
            _("Elegir artículos"),
        )


def _money(amount: Decimal | None) -> str:
    return _("sin dato") if amount is None else formats.money(amount)


def _beside(amount: Decimal | None, tuning: Tuning) -> str:
    shop = currency.of(tuning)
    return shop.amount(amount) if shop and amount is not None else ""
