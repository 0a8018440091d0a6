"""The filters of Historial as the words of an address: the page, its links and its download mean the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from core.queue.history_filter import HistoryFilter, Review

Code = TypeVar("Code", bound=str)
#: A completed job's picture may still be waited for, or not wanted: to staff those are states too.
REVIEWS: dict[str, Review] = {"to_review": "awaiting", "rejected": "rejected"}
STATES = ("pending", "processing", "completed", "failed", *REVIEWS)


def make(
    *,
    estado: str | None = None,
    categoria_id: int | None = None,
    search: str = "",
    batch_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
    articulo_id: int | None = None,
    person: str | None = None,
    cost_from: Decimal | None = None,
    cost_to: Decimal | None = None,
    zone: ZoneInfo,
) -> HistoryFilter:
    """`estado`: of `STATES`. Days are the shop's, both included."""
    review = REVIEWS.get(estado or "")
    return HistoryFilter(
        estado="completed" if review else estado,
        review=review,
        categoria_id=categoria_id,
        search=search.strip(),
        batch_id=batch_id,
        since=_midnight(first, zone),
        until=_midnight(last + timedelta(days=1), zone) if last else None,
        articulo_id=articulo_id,
        person=person,
        cost_from=cost_from,
        cost_to=cost_to,
    )


def parse(params: Mapping[str, str], zone: ZoneInfo) -> HistoryFilter:
    """Raises ValueError for a value that can't be meant: a download with a dropped filter would mislead."""
    estado = params.get("estado") or None
    if estado is not None and estado not in STATES:
        raise ValueError(f"estado={estado}")
    return make(
        estado=estado,
        categoria_id=number(params.get("categoria")),
        search=params.get("buscar", "").replace("\0", " "),
        batch_id=number(params.get("lote")),
        first=_day(params.get("desde")),
        last=_day(params.get("hasta")),
        articulo_id=number(params.get("articulo")),
        person=params.get("persona", "").replace("\0", " ") or None,
        cost_from=money(params.get("costo_desde")),
        cost_to=money(params.get("costo_hasta")),
        zone=zone,
    )


def encode(where: HistoryFilter, zone: ZoneInfo) -> str:
    """The query string that `parse` reads back; empty when nothing is filtered."""
    words: dict[str, object] = {
        "estado": next((code for code, review in REVIEWS.items() if review == where.review), where.estado),
        "categoria": where.categoria_id,
        "buscar": where.search or None,
        "lote": where.batch_id,
        "desde": where.since.astimezone(zone).date().isoformat() if where.since else None,
        "hasta": (where.until.astimezone(zone) - timedelta(days=1)).date().isoformat() if where.until else None,
        "articulo": where.articulo_id,
        "persona": where.person,
        "costo_desde": where.cost_from,
        "costo_hasta": where.cost_to,
    }
    return urlencode({name: value for name, value in words.items() if value is not None})


def number(value: str | None) -> int | None:
    """An id; None for an empty one. Raises ValueError."""
    if not value:
        return None
    found = int(value)
    if not 0 <= found < 2**31:
        raise ValueError(value)
    return found


def money(value: str | None) -> Decimal | None:
    """US$, with a point; None for an empty one. Raises ValueError."""
    if not value:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not found.is_finite() or not 0 <= found < 1_000_000:
        raise ValueError(value)
    return found


def _day(value: str | None) -> date | None:
    if not value:
        return None
    day = date.fromisoformat(value)
    if not 1900 <= day.year <= 9000:
        raise ValueError(value)
    return day


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day else None


def one_of(known: Mapping[str, Code], written: str | None) -> Code:
    """Raises ValueError for a word that isn't among them; none at all means `any`."""
    found = known.get(written or "any")
    if found is None:
        raise ValueError(written)
    return found
