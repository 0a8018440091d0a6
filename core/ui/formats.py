"""Numbers, money and times as the shop writes them (`SHOP_LOCALE`, `SHOP_TIMEZONE`), words in the user's language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from core.ui.texts import _, language

#: es_419 names no country, and CLDR then takes Mexico's decimal point; most of its shops write 1.204,50.
_NUMBERS_OF = {"es_419": "es_AR"}
_CENT = Decimal("0.01")
_NBSP = "\u00a0"

_locale = "es_419"
_zone = ZoneInfo("UTC")


def configure(locale: str, timezone: str) -> None:
    """Once a process, at start-up."""
    global _locale, _zone
    _locale, _zone = locale, ZoneInfo(timezone)


def timezone() -> ZoneInfo:
    return _zone


def money(amount: Decimal) -> str:
    """`US$ 1,84`; four decimals under a cent. In Markdown, wrap in `texts.escape`: two `$` there make a formula."""
    small = amount != 0 and abs(amount) < _CENT
    return f"US${_NBSP}{_decimal(amount, '#,##0.0000' if small else '#,##0.00')}"


def amount(number: Decimal) -> str:
    """`1.204,50`: money without its currency, for the second of a pair."""
    return _decimal(number, "#,##0.00")


def count(number: int) -> str:
    return _decimal(number, "#,##0")


def number(value: float) -> str:
    """`0,012`: a figure without a unit, as many decimals as it has, four at most."""
    return _decimal(Decimal(str(value)), "#,##0.####")


def size(of: int) -> str:
    """Bytes: `12 MB`, `1,5 GB`."""
    for unit, step in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if of >= step:
            return f"{_decimal(Decimal(of) / step, '#,##0.#' if of < 10 * step else '#,##0')}{_NBSP}{unit}"
    return f"{_decimal(Decimal(of) / 1000, '#,##0')}{_NBSP}kB"


def percent(part: float) -> str:
    """`part` of one: 0.67 → `67 %`."""
    return str(format_percent(part, locale=_numbers())).replace("%", f"{_NBSP}%").replace(_NBSP * 2, _NBSP)


def duration(seconds: float) -> str:
    """A measured time: `45 s`, `2 min 5 s`, `1 h 20 min`, `3 d 4 h`."""
    left = max(0, round(seconds))
    if left < 60:
        return f"{left}{_NBSP}s"
    for size, unit, small_size, small_unit in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if left >= size:
            whole, rest = left // size, left % size // small_size
            text = f"{whole}{_NBSP}{unit}"
            return f"{text} {rest}{_NBSP}{small_unit}" if rest else text
    raise AssertionError("unreachable: a minute or more is caught above")


def duration_range(low: float, high: float) -> str:
    """An estimate: `unos 38 min`, `entre 30 y 45 min`, `cerca de 1 min`, `menos de un minuto`."""
    if high < 60:
        return _("menos de un minuto")
    least, most = _rounded(low), _rounded(high)
    if least == most:
        return _("cerca de 1 min") if most == 60 else _("unos {time}").format(time=duration(most))
    if most < 3600:
        return _("entre {low} y {high} min").format(low=max(1, least // 60), high=most // 60)
    return _("entre {low} y {high}").format(low=duration(least), high=duration(most))


def is_one_minute(low: float, high: float) -> bool:
    """Whether `duration_range` says it in the singular."""
    return high < 60 or _rounded(low) == _rounded(high) == 60


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`hace 3 min`; a moment from now on (clocks differ a little) is `ahora`."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 5:
        return _("ahora")
    return str(format_timedelta(timedelta(seconds=-seconds), add_direction=True, format="short", locale=_words()))


def clock(moment: datetime) -> str:
    """`15:42`, by the shop's clock; with the day when that isn't today: `25 nov, 09:10`."""
    today = moment.astimezone(_zone).date() == datetime.now(_zone).date()
    pattern = "HH:mm" if today else "d MMM, HH:mm"
    return str(format_datetime(moment.astimezone(_zone), pattern, locale=_words()))


def datetime_text(moment: datetime) -> str:
    """`24 nov 2026, 15:42`, by the shop's clock."""
    return str(format_datetime(moment.astimezone(_zone), "d MMM y, HH:mm", locale=_words()))


def day(of: date) -> str:
    """`24 nov 2026`."""
    return str(format_date(of, "d MMM y", locale=_words()))


def _rounded(seconds: float) -> int:
    """To what an estimate can tell apart: a minute under an hour, five minutes above."""
    step = 60 if seconds < 3600 else 300
    return max(60, round(seconds / step) * step)


def _decimal(number: Decimal | int, pattern: str) -> str:
    return _written(number, pattern, _numbers())


@lru_cache(4096)
def _written(number: Decimal | int, pattern: str, locale: str) -> str:
    """Remembered: a page writes hundreds of numbers, the same ones at each run."""
    return str(format_decimal(number, pattern, locale=locale))


def _numbers() -> str:
    return _NUMBERS_OF.get(_locale, _locale)


def _words() -> str:
    spoken = language()
    return _locale if Locale.parse(_locale).language == spoken else spoken
