"""What a picture costs. The table itself lives beside the Gemini adapter, which needs it and may not import us."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.providers.gemini_models import (
    DEAREST,
    DEFAULT_MODEL,
    MICRODOLLAR,
    MODELS,
    Model,
    cost_from_usage,
    find,
    price_of,
)
from core.providers.ports import BATCH_SHARE

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "Model",
    "Offer",
    "compare",
    "cost_from_usage",
    "economy",
    "expected",
    "find",
    "price_of",
]


def expected(model: str) -> Decimal:
    """US$ to reserve for one picture; a model that isn't in the table counts as the dearest, never as free."""
    return price_of(model) or DEAREST.picture_price


def economy(model: str) -> Decimal:
    """US$ to reserve for one picture of the economy lane."""
    return (expected(model) * BATCH_SHARE).quantize(MICRODOLLAR, ROUND_HALF_UP)


@dataclass(frozen=True)
class Offer:
    """What some pictures are expected to cost, US$, now and in the economy lane."""

    normal: Decimal
    economy: Decimal

    @property
    def saving(self) -> Decimal:
        return self.normal - self.economy


def compare(model: str, pictures: int) -> Offer:
    return Offer(expected(model) * pictures, economy(model) * pictures)
