"""What a picture costs here and now, and how an estimate is said."""

from __future__ import annotations

from decimal import Decimal

from core.bootstrap import App
from core.money.prices import compare, expected
from core.queue import stats
from core.queue.stats import Estimate
from core.ui import formats
from core.ui.texts import _


def per_picture(app: App) -> Decimal:
    """US$. A model that isn't in the table counts as the dearest we know, never as free."""
    if app.settings.editor != "gemini":
        return Decimal(0)
    return expected(app.settings.gemini_model)


def estimate(app: App, count: int) -> Estimate:
    return stats.estimate(app.engine, app.settings.editor, per_picture(app), count)


def economy_saving(app: App, count: int) -> tuple[Decimal, Decimal]:
    """(what `count` pictures cost in the economy lane, what that saves), US$; the saving as the cents that are shown say."""
    offer = compare(app.settings.gemini_model, count)
    return offer.economy, round(offer.normal, 2) - round(offer.economy, 2)


def cost_and_time(estimated: Estimate) -> str:
    """«US$ 1,25 · unos 9 min», «sin costo · menos de un minuto»."""
    cost = formats.money(estimated.cost) if estimated.per_picture else _("sin costo")
    return f"{cost} · {formats.duration_range(estimated.seconds_low, estimated.seconds_high)}"
