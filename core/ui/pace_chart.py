"""What each hour of the last day cost, as a Vega-Lite dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.ui.progress_chart import spoken
from core.ui.texts import _

_HEIGHT = 180


def hours(spend: Sequence[tuple[datetime, Decimal]], now: datetime, zone: ZoneInfo) -> list[dict[str, str | float]]:
    """A row for each of the last 24 hours, by the shop's clock."""
    last = now.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    total: dict[datetime, float] = {last - timedelta(hours=back): 0.0 for back in range(23, -1, -1)}
    for at, amount in spend:
        hour = at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        if hour in total:
            total[hour] += float(amount)
    return [{"at": hour.strftime("%Y-%m-%dT%H:%M:%S"), "spent": round(of, 6)} for hour, of in total.items()]


def spend(colour: str) -> dict[str, Any]:
    at = {"field": "at", "type": "temporal", "timeUnit": "yearmonthdatehours"}
    return {
        "height": _HEIGHT,
        "mark": {"type": "bar", "width": {"band": 0.85}, "color": colour},
        "encoding": {
            "x": {**at, "axis": {"format": "%H:%M", "title": None, "grid": False, "labelOverlap": True}},
            "y": {"field": "spent", "type": "quantitative", "title": _("US$ por hora"), "axis": {"format": ",.2f"}},
            "tooltip": [
                {"field": "at", "type": "temporal", "format": "%H:%M", "title": _("Hora")},
                {"field": "spent", "type": "quantitative", "format": ",.2f", "title": _("US$")},
            ],
        },
        "config": spoken(),
    }
