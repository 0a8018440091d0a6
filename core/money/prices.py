"""What a picture costs. The table itself lives beside the Gemini adapter, which needs it and may not import us."""

from __future__ import annotations

from decimal import Decimal

from core.providers.gemini_models import DEAREST, DEFAULT_MODEL, MODELS, Model, cost_from_usage, find, price_of

__all__ = ["DEFAULT_MODEL", "MODELS", "Model", "cost_from_usage", "expected", "find", "price_of"]


def expected(model: str) -> Decimal:
    """US$ to reserve for one picture; a model that isn't in the table counts as the dearest, never as free."""
    return price_of(model) or DEAREST.picture_price
