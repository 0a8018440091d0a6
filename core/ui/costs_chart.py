"""What each day cost, as a Vega-Lite dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.money.costs import Day
from core.ui.progress_chart import spoken
from core.ui.texts import _

_HEIGHT = 240
#: Read on either theme.
_QUIET = "#808488"


def day_rows(days: Sequence[Day], first: date, last: date) -> list[dict[str, str | float]]:
    """Every day of the period; those without a purchase are bars of nothing. With an hour: a browser takes a bare date for
    midnight in Greenwich, which in America is still the day before."""
    spent = {day.day: day for day in days}
    listed: list[dict[str, str | float]] = []
    for number in range((last - first).days + 1):
        at = first + timedelta(days=number)
        of = spent.get(at)
        listed.append(
            {
                "at": f"{at.isoformat()}T00:00:00",
                "spent": float(of.amount) if of else 0.0,
                "calls": of.calls if of else 0,
            }
        )
    return listed


def by_day(days: int, colour: str, day_cap: Decimal) -> dict[str, Any]:
    """`day_cap`, US$, is drawn as a line; 0: none."""
    bars = {
        "mark": {"type": "bar", "width": {"band": 0.85}, "color": colour, "minHeight": 0},
        "encoding": {
            "x": {
                "field": "at",
                "type": "ordinal",  # as time, the axis would go on to the day after
                "timeUnit": "yearmonthdate" if days <= 100 else "yearmonth",
                "axis": {
                    "format": "%-d %b" if days <= 100 else "%b %Y", "title": None, "labelAngle": 0, "labelOverlap": True,
                },
            },
            "y": {
                "field": "spent",
                "type": "quantitative",
                "aggregate": "sum",
                "title": _("US$ por día") if days <= 100 else _("US$ por mes"),
                "axis": {"format": ",.2f"},
            },
            "tooltip": [
                {
                    "field": "at",
                    "type": "temporal",
                    "timeUnit": "yearmonthdate" if days <= 100 else "yearmonth",
                    "format": "%a %-d de %B" if days <= 100 else "%B %Y",
                    "title": _("Fecha"),
                },
                {"field": "spent", "aggregate": "sum", "type": "quantitative", "format": ",.2f", "title": _("US$")},
                {"field": "calls", "aggregate": "sum", "type": "quantitative", "format": ",d", "title": _("Compras")},
            ],
        },
    }  # fmt: skip
    layers: list[dict[str, Any]] = [bars]
    if day_cap and days <= 100:
        cap = {"y": {"datum": float(day_cap), "type": "quantitative"}}
        line = {"type": "rule", "strokeDash": [6, 4], "color": _QUIET}
        name = {
            "type": "text",
            "align": "left",
            "baseline": "bottom",
            "dx": 4,
            "dy": -3,
            "fontSize": 12,
            "color": _QUIET,
        }
        layers.append({"mark": line, "encoding": cap})
        named = {**cap, "x": {"value": 0}, "text": {"value": _("Tope del día")}}
        layers.append({"data": {"values": [{}]}, "mark": name, "encoding": named})
    return {"height": _HEIGHT, "layer": layers, "config": spoken()}
