"""The days of Costos as the words of an address, so that its links and its download mean the same days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from core.money.costs import Period

#: A longer period is no bill any more.
MOST_DAYS = 1100
SPANS = ("mes", "mes_pasado", "7_dias", "30_dias", "anio", "otro")


def period(span: str, today: date, zone: str, first: date | None = None, last: date | None = None) -> Period:
    """`first` and `last` count for the span `otro`; the wrong way round they are turned."""
    begin, end = today.replace(day=1), today
    if span == "mes_pasado":
        end = begin - timedelta(days=1)
        begin = end.replace(day=1)
    elif span == "7_dias":
        begin = today - timedelta(days=6)
    elif span == "30_dias":
        begin = today - timedelta(days=29)
    elif span == "anio":
        begin = today.replace(month=1, day=1)
    elif span == "otro":
        begin, end = sorted((first or begin, last or today))
        begin = max(begin, end - timedelta(days=MOST_DAYS))
    return Period(begin, end, zone)


def parse(params: Mapping[str, str], zone: str) -> Period:
    """Raises ValueError for days that can't be meant."""
    first, last = date.fromisoformat(params.get("desde", "")), date.fromisoformat(params.get("hasta", ""))
    if first > last or (last - first).days > MOST_DAYS or not 1900 <= first.year <= last.year <= 9000:
        raise ValueError(f"{first}–{last}")
    return Period(first, last, zone)


def encode(of: Period) -> str:
    return urlencode({"desde": of.first.isoformat(), "hasta": of.last.isoformat()})


def today(zone: str) -> date:
    return datetime.now(ZoneInfo(zone)).date()
