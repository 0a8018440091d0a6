"""Finished and failed over time, as a Vega-Lite dictionary: a tenth of what the chart libraries cost a refresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.ui.texts import _, language

Row = dict[str, str | int]
Bucket = tuple[datetime, int, int]  #: (start, completed, failed)

_SPANISH_TIME = {
    "dateTime": "%A, %e de %B de %Y, %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["a. m.", "p. m."],
    "days": ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
    "shortDays": ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
    "months": ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
               "noviembre", "diciembre"],
    "shortMonths": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
}  # fmt: skip
_SPANISH_NUMBER = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["US$ ", ""]}
_HEIGHT = 260
#: Minutes: a bar for each of them is a hair on a phone.
STEP = 5


def bars(minutes: Iterable[Bucket]) -> list[Bucket]:
    """Minutes, the oldest first, in groups of `STEP` as the clock has them."""
    grouped: dict[datetime, tuple[int, int]] = {}
    for at, completed, failed in minutes:
        start = at - timedelta(minutes=at.minute % STEP)
        before = grouped.get(start, (0, 0))
        grouped[start] = before[0] + completed, before[1] + failed
    return [(start, completed, failed) for start, (completed, failed) in grouped.items()]


def rows(buckets: Sequence[Bucket], zone: ZoneInfo) -> list[Row]:
    """Two rows a bucket. Times are the shop's wall clock, without zone: the browser must not shift them to its own."""
    listed: list[Row] = []
    for start, completed, failed in buckets:
        at = start.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
        listed.append({"at": at, "what": _("Completados"), "n": completed})
        listed.append({"at": at, "what": _("Fallidos"), "n": failed})
    return listed


def spec(minutes: int, highest: int, colours: Mapping[str, str]) -> dict[str, Any]:
    """`colours`: of `completed` and `failed`, as the browser writes them. `highest`: of the bars, for the scale."""
    by_minute = minutes <= 60
    return {
        "height": _HEIGHT,
        "mark": {"type": "bar", "width": {"band": 0.85}},
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "timeUnit": {"unit": "yearmonthdatehoursminutes", "step": STEP} if by_minute else "yearmonthdatehours",
                "axis": {"format": "%H:%M", "title": None, "grid": False, "labelOverlap": True},
            },
            "y": {
                "field": "n",
                "type": "quantitative",
                "stack": "zero",
                "title": _("Cada {n} minutos").format(n=STEP) if by_minute else _("Cada hora"),
                "axis": {"tickMinStep": 1, "format": ",d"},
                "scale": {"domainMin": 0, "domainMax": max(4, highest)},
            },
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {
                    "domain": [_("Completados"), _("Fallidos")],
                    "range": [colours["completed"], colours["failed"]],
                },
                "legend": {"orient": "top"},
            },
            "tooltip": [
                {"field": "at", "type": "temporal", "format": "%H:%M", "title": _("Hora")},
                {"field": "what", "type": "nominal", "title": _("Estado")},
                {"field": "n", "type": "quantitative", "title": _("Trabajos")},
            ],
        },
        "config": spoken(),
    }


def spoken() -> dict[str, Any]:
    """Axes in the user's language, for the `config` of any chart."""
    return {"locale": {"number": _SPANISH_NUMBER, "time": _SPANISH_TIME}} if language() == "es" else {}
