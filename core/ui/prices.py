"""What a picture costs here and now, and how an estimate is said."""

from __future__ import annotations

from decimal import Decimal

from core.bootstrap import App
from core.money.prices import MODELS, price_of
from core.queue import stats
from core.queue.stats import Estimate
from core.ui import formats
from core.ui.texts import _


def per_picture(app: App) -> Decimal:
    """US$. A model that isn't in the table counts as the dearest we know, never as free."""
    if app.settings.editor != "gemini":
        return Decimal(0)
    known = price_of(app.settings.gemini_model)
    return max(model.picture_price for model in MODELS) if known is None else known


def estimate(app: App, count: int) -> Estimate:
    return stats.estimate(app.engine, app.settings.editor, per_picture(app), count)


def cost_and_time(expected: Estimate) -> str:
    """«US$ 1,25 · unos 9 min», «sin costo · menos de un minuto»."""
    cost = formats.money(expected.cost) if expected.per_picture else _("sin costo")
    return f"{cost} · {formats.duration_range(expected.seconds_low, expected.seconds_high)}"
