"""What staff tune: typed values in the database, with the defaults of the system that people already know."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import Connection, text

from core.errors import InvalidInput, Words

Value = int | Decimal | str


@dataclass(frozen=True)
class Tuning:
    speed: str = "tranquila"  #: how many articles a worker has in hand at once (`SPEEDS`)
    delay_seconds: int = 2  #: between one article and the next, at the speed *tranquila*
    poll_seconds: int = 10  #: the longest a worker goes without looking, should a wake-up get lost
    max_intentos: int = 3
    clean_days: int = 7  #: what *Limpiar* removes: finished jobs older than this
    keep_superseded_days: int = 30  #: a replaced picture of ours stays this long at the host
    keep_originals_days: int = 0  #: a replaced photo that was uploaded here is deleted after these days; 0: never
    doubtful_rebuys: int = 1  #: how often a purchase that may have been charged is bought again; 0: ask a person
    images_per_minute: int = 20  #: bought by all workers together, in any minute; 0: no limit
    images_per_day: int = 0  #: in Google's day, which ends at midnight in California; 0: no limit
    in_flight: int = 8  #: being bought at the same time by all workers together
    daily_budget: Decimal = Decimal(20)  #: US$ in the shop's day; 0: no cap
    monthly_budget: Decimal = Decimal(200)  #: US$
    admin_over_articles: int = 5000  #: queued at once, more than this takes an administrator
    admin_over_usd: int = 200  #: and so does what is expected to cost more
    webhook_url: str = ""  #: told when the queue stops and goes on, and when a batch ends; empty: nobody
    inspection: str = "completa"  #: what is measured of a picture before it is published (`INSPECTIONS`)
    economy_wait_minutes: int = 10  #: how long the economy lane gathers articles before it sends them
    schedule_from: str = ""  #: `20:00` by the shop's clock, when processing begins; both empty: at any hour
    schedule_to: str = ""  #: `7:00`, when it ends
    idle_minutes: int = 30  #: without a person's action until a session of the panel ends
    session_hours: int = 8  #: until it ends whatever happens
    currency: str = ""  #: `ARS`: shown beside US$; empty: none
    currency_rate: Decimal = Decimal(0)  #: of it for one US$
    currency_date: str = ""  #: `2026-11-27`: since when that is the rate


#: Articles a worker has in hand at once; *máxima*: as many as the limits let it.
SPEEDS = {"tranquila": 1, "rapida": 4, "maxima": 16}

#: *básica* spares a weak machine the comparison with the photo: shape, colours, texts.
INSPECTIONS: dict[str, Literal["full", "basic"]] = {"completa": "full", "basica": "basic"}

#: field → (lowest, highest), inclusive.
BOUNDS: dict[str, tuple[int, int]] = {
    "delay_seconds": (0, 3600),
    "poll_seconds": (1, 60),
    "max_intentos": (1, 10),
    "clean_days": (1, 3650),
    "keep_superseded_days": (1, 3650),
    "keep_originals_days": (0, 3650),
    "doubtful_rebuys": (0, 1),
    "images_per_minute": (0, 2000),
    "images_per_day": (0, 1_000_000),
    "in_flight": (1, 64),
    "daily_budget": (0, 100_000),
    "monthly_budget": (0, 1_000_000),
    "admin_over_articles": (1, 1_000_000),
    "admin_over_usd": (1, 100_000),
    "economy_wait_minutes": (0, 1440),
    "idle_minutes": (5, 480),
    "session_hours": (1, 24),
}
#: A deleted original does not come back: nobody has it deleted within days by a slip of the finger.
LEAST_ORIGINALS_DAYS = 30
MAX_ADDRESS = 500  # characters
RATE_STEP = Decimal("0.000001")
_KINDS = {field.name: type(field.default) for field in fields(Tuning)}


def _one_of(known: Mapping[str, object], why: str) -> Callable[[str, object], str]:
    def check(name: str, value: object) -> str:
        if value not in known:
            raise InvalidInput(field=name, why=why)
        return str(value)

    return check


def _hour(name: str, value: object) -> str:
    """`7:00` → `07:00`."""
    written = str(value).strip()
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", written)
    if written and (not found or int(found[1]) > 23 or int(found[2]) > 59):
        raise InvalidInput(field=name, why="use una hora entre 00:00 y 23:59, como 20:00, o nada.")
    return f"{int(found[1]):02}:{found[2]}" if found else ""


def _currency(name: str, value: object) -> str:
    code = str(value).strip().upper()
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise InvalidInput(field=name, why="use las tres letras de la moneda, como ARS, MXN o PEN, o nada.")
    return code


def _rate(name: str, value: object) -> Decimal:
    try:
        rate = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(field=name, why="use un número mayor que 0.") from error
    if not rate.is_finite() or not 0 <= rate <= 1_000_000_000:
        raise InvalidInput(field=name, why="use un número mayor que 0.")
    return rate.quantize(RATE_STEP).normalize() + 0


def _day(name: str, value: object) -> str:
    written = str(value).strip()
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError as error:
        raise InvalidInput(field=name, why="use una fecha.") from error


def _web_address(name: str, value: object) -> str:
    address = str(value).strip()
    parts = urlsplit(address)
    whole = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", address)
    if address and (not whole or len(address) > MAX_ADDRESS):
        raise InvalidInput(field=name, why="use una dirección completa que empiece con https:// o http://, o nada.")
    return address


def load_tuning(connection: Connection) -> Tuning:
    """Values that this version doesn't know are left alone; values out of bounds count as absent."""
    return from_stored(
        {row.key: row.value for row in connection.execute(text("SELECT key, value FROM revelado.settings"))}
    )


def from_stored(stored: dict[str, object]) -> Tuning:
    known = {}
    for name in _KINDS.keys() & stored.keys():
        try:
            known[name] = checked(name, stored[name])
        except InvalidInput:
            continue
    return Tuning(**known)  # type: ignore[arg-type] # checked gives each field its own type


def checked(name: str, value: object) -> Value:
    """The value as its field keeps it, money in whole cents. Raises InvalidInput."""
    if name not in _KINDS:
        raise InvalidInput(field=name, why="no es un ajuste de Revelado.")
    if own := _OWN.get(name):
        return own(name, value)
    low, high = BOUNDS[name]
    why = Words("use un número entre {low} y {high}.", low=low, high=high)
    if isinstance(value, bool) or not isinstance(value, int | str | float | Decimal):
        raise InvalidInput(field=name, why=why)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(field=name, why=why) from error
    if name == "keep_originals_days" and 0 < number < LEAST_ORIGINALS_DAYS:
        raise InvalidInput(
            field=name, why=Words("use 0 (no se borran) o {least} días o más.", least=LEAST_ORIGINALS_DAYS)
        )
    whole = _KINDS[name] is int
    if not number.is_finite() or not low <= number <= high or (whole and number != int(number)):
        raise InvalidInput(field=name, why=why)
    return int(number) if whole else number.quantize(Decimal("0.01"))


_OWN: dict[str, Callable[[str, object], Value]] = {
    "speed": _one_of(SPEEDS, why="elija tranquila, rapida o maxima."),
    "inspection": _one_of(INSPECTIONS, why="elija completa o basica."),
    "webhook_url": _web_address,
    "schedule_from": _hour,
    "schedule_to": _hour,
    "currency": _currency,
    "currency_rate": _rate,
    "currency_date": _day,
}
