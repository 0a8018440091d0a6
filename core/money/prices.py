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
    "half",
    "price_of",
    "reserved",
]


#: Tokens that a purchase may cost beside its picture: photo and prompt, and what a thinking model thinks.
INPUT_TOKENS, THOUGHT_TOKENS = 2000, 500


def expected(model: str) -> Decimal:
    """US$ that one picture costs; a model that isn't in the table counts as the dearest, never as free."""
    return price_of(model) or DEAREST.picture_price


def reserved(model: str) -> Decimal:
    """US$ to hold back for one picture until its bill is known: no less than the bill will be."""
    row = find(model) or DEAREST
    return row.picture_price + (INPUT_TOKENS * row.input + THOUGHT_TOKENS * row.text_out) / 1_000_000


def economy(model: str) -> Decimal:
    """US$ that one picture costs in the economy lane."""
    return half(expected(model))


def half(price: Decimal) -> Decimal:
    return (price * BATCH_SHARE).quantize(MICRODOLLAR, ROUND_HALF_UP)


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
