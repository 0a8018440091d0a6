"""The bill as a file: a line for each day, category and person; the shop's currency as a column where one is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from core.access.sessions import Session
from core.bootstrap import App
from core.money import costs
from core.money.costs import Period
from core.settings.values import load_tuning
from core.ui import costs_query, csv_out, currency
from core.ui.csv_out import Cell
from core.ui.currency import Currency
from core.ui.texts import _


def csv(app: App, _session: Session, asked: Mapping[str, str]) -> Iterator[bytes]:
    """Raises ValueError."""
    zone = ZoneInfo(app.settings.shop_timezone)
    period = costs_query.parse(asked, zone.key)
    # At once, while the language is spoken: days by categories by people are few.
    return csv_out.encode(header(app.engine), list(lines(app.engine, period)), zone)


def header(engine: Engine) -> list[str]:
    shop = _currency(engine)
    columns = [
        _("Fecha"), _("Categoría"), _("Persona"), _("Compras"), _("Reutilizadas"), _("Gasto (US$)"), _("Ahorro (US$)"),
    ]  # fmt: skip
    return [*columns, _("Gasto ({code})").format(code=shop.code), _("Cotización")] if shop else columns


def lines(engine: Engine, period: Period) -> Iterator[list[Cell]]:
    shop = _currency(engine)
    for line in costs.lines(engine, period):
        cells: list[Cell] = [
            line.day.strftime("%d/%m/%Y"), line.category, line.person, line.calls, line.reused, line.amount, line.saved,
        ]  # fmt: skip
        yield [*cells, round(line.amount * shop.rate, 2), shop.rate] if shop else cells


def _currency(engine: Engine) -> Currency | None:
    with engine.connect() as connection:
        return currency.of(load_tuning(connection))
