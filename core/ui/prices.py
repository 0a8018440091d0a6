"""What a picture costs here and now, and how an estimate is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from core.bootstrap import App
from core.money.bill import Bill, bill
from core.money.prices import expected
from core.queue import forecast
from core.queue.forecast import Estimate
from core.recipes.recipes import Version
from core.ui import formats
from core.ui.texts import _


def per_picture(app: App) -> Decimal:
    """US$. A model that isn't in the table counts as the dearest we know, never as free."""
    if app.settings.editor != "gemini":
        return Decimal(0)
    return expected(app.settings.gemini_model)


def of_recipe(app: App, version: Version) -> str:
    """What one more picture by it costs: «US$ 0,03», «sin costo»."""
    if app.settings.editor != "gemini" or version.kind == "faithful":
        return _("sin costo")
    return formats.money(expected(version.model or app.settings.gemini_model))


def estimate(app: App, count: int) -> Estimate:
    """At most, whatever the recipes."""
    return forecast.estimate(app.engine, app.settings.editor, per_picture(app), count)


def other_speeds(app: App, count: int) -> tuple[str, dict[str, str]]:
    """(how long it takes at today's speed, {another speed's name: how long at that one})."""
    words = {"tranquila": _("tranquila"), "rapida": _("rápida"), "maxima": _("máxima")}
    now, times = forecast.seconds_by_speed(app.engine, app.settings.editor, count)
    told = {speed: formats.duration_range(*seconds) for speed, seconds in times.items()}
    return told[now], {words[speed]: said for speed, said in told.items() if speed != now}


def bill_of(app: App, articulo_ids: Sequence[int]) -> Bill:
    return bill(app.engine, articulo_ids, app.settings.editor, app.settings.gemini_model)


def estimate_for(app: App, articulo_ids: Sequence[int]) -> Estimate:
    """By the recipe of each article's category."""
    due = bill_of(app, articulo_ids)
    each = due.normal / due.paid if due.paid else Decimal(0)
    return replace(estimate(app, len(articulo_ids)), cost=due.normal, per_picture=each)


def economy_saving(due: Bill) -> tuple[Decimal, Decimal]:
    """(what it costs in the economy lane, what that saves), US$; the saving as the cents that are shown say."""
    return due.economy, round(due.normal, 2) - round(due.economy, 2)


def cost_and_time(estimated: Estimate) -> str:
    """«US$ 1,25 · unos 9 min», «sin costo · menos de un minuto»."""
    cost = formats.money(estimated.cost) if estimated.per_picture else _("sin costo")
    return f"{cost} · {formats.duration_range(estimated.seconds_low, estimated.seconds_high)}"
