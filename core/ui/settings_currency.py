"""The currency that stands beside US$, its rate and since when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import streamlit as st

from core.access.actors import Actor
from core.bootstrap import App
from core.errors import AppError
from core.settings import change
from core.settings.values import Tuning
from core.ui import components, costs_query, errors, snapshot
from core.ui.currency import Currency
from core.ui.texts import _, escape

_SAVED = "settings_currency_saved"


def draw(app: App, actor: Actor, tuning: Tuning) -> None:
    components.section(
        _("Moneda de la tienda"),
        _("Google cobra en dólares. Costos muestra al lado la moneda de la tienda, a la cotización que usted ponga."),
    )
    kept = f"{tuning.currency}_{tuning.currency_rate}_{tuning.currency_date}"
    today = costs_query.today(app.settings.shop_timezone)
    with st.container(horizontal=True):
        code = st.text_input(
            _("Moneda"), tuning.currency, max_chars=3, key=f"currency_{kept}", placeholder="ARS, MXN, PEN…", width=160
        )
        rate = st.text_input(
            _("Un dólar vale"), _written(tuning.currency_rate), max_chars=16, key=f"rate_{kept}", width=160
        )
        since = st.date_input(
            _("Cotización del"),
            value=date.fromisoformat(tuning.currency_date) if tuning.currency_date else today,
            format="DD/MM/YYYY", key=f"rate_date_{kept}", width=160,
        )  # fmt: skip
    code, number = (code or "").strip().upper(), _read(rate or "")
    if not code:
        wanted: dict[str, str | Decimal] = {"currency": "", "currency_rate": Decimal(0), "currency_date": ""}
        st.markdown(escape(_("Sin moneda, los costos se muestran solo en dólares.")))
    elif number is None:
        st.markdown(escape(_("Escriba cuánto vale un dólar, sin separador de miles, como 1250 o 17,35.")))
        return
    else:
        day = since if isinstance(since, date) else today
        wanted = {"currency": code, "currency_rate": number, "currency_date": day.isoformat()}
        example = Currency(code, number, day).beside(Decimal(20))
        st.markdown(escape(_("Se verá así: {example}.").format(example=example)))
    if wanted != {
        "currency": tuning.currency, "currency_rate": tuning.currency_rate, "currency_date": tuning.currency_date,
    } and st.button(_("Guardar la moneda"), key="save_currency", type="primary", icon=":material/save:"):  # fmt: skip
        _save(app, actor, wanted)
    if said := st.session_state.pop(_SAVED, None):
        st.success(escape(said), icon=":material/check_circle:")


def _written(rate: Decimal) -> str:
    return f"{rate:f}".replace(".", ",") if rate else ""


def _read(typed: str) -> Decimal | None:
    """No thousands separator: `1.250` is twelve hundred and fifty to one person and one and a quarter to another."""
    whole, _comma, part = typed.strip().replace(".", ",").partition(",")
    if not whole.isdecimal() or (part and (not part.isdecimal() or len(part) > 6)):
        return None
    if "." in typed and len(part) == 3:
        return None
    found = Decimal(f"{whole}.{part or 0}").normalize() + 0
    return found if found > 0 else None


def _save(app: App, actor: Actor, wanted: dict[str, str | Decimal]) -> None:
    try:
        change.change_all(app.engine, actor, wanted, app.settings.shop_timezone)
    except AppError as error:
        errors.show(error)
        return
    snapshot.forget()
    st.session_state[_SAVED] = _("Guardado. Los costos ya se muestran así.")
    st.rerun()
