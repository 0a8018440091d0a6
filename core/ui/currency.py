"""The shop's own currency beside US$, at the rate that an administrator set, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.settings.values import Tuning
from core.ui import formats
from core.ui.texts import _


@dataclass(frozen=True)
class Currency:
    code: str
    rate: Decimal  #: of it for one US$
    since: date | None

    def amount(self, dollars: Decimal) -> str:
        """`ARS 2.300,00`."""
        return f"{self.code}\u00a0{formats.amount(dollars * self.rate)}"

    def beside(self, dollars: Decimal) -> str:
        """`US$ 1,84 (ARS 2.300,00)`."""
        return f"{formats.money(dollars)} ({self.amount(dollars)})"

    @property
    def words(self) -> str:
        rate = formats.number(float(self.rate))
        if self.since is None:
            return _("A {rate} {code} por dólar.").format(rate=rate, code=self.code)
        return _("A {rate} {code} por dólar, cotización del {day}.").format(
            rate=rate, code=self.code, day=formats.day(self.since)
        )


def of(tuning: Tuning) -> Currency | None:
    """None: the shop shows dollars alone."""
    if not tuning.currency or tuning.currency_rate <= 0:
        return None
    return Currency(
        tuning.currency,
        tuning.currency_rate,
        date.fromisoformat(tuning.currency_date) if tuning.currency_date else None,
    )


def money(dollars: Decimal, tuning: Tuning) -> str:
    """In dollars, and in the shop's currency where one is set."""
    shop = of(tuning)
    return shop.beside(dollars) if shop else formats.money(dollars)
