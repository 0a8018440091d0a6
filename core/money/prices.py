"""What a picture costs. The table itself lives beside the Gemini adapter, which needs it and may not import us."""

from __future__ import annotations

from core.providers.gemini_models import DEFAULT_MODEL, MODELS, Model, cost_from_usage, find, price_of

__all__ = ["DEFAULT_MODEL", "MODELS", "Model", "cost_from_usage", "find", "price_of"]
