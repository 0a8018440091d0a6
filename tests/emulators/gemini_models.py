"""The emulated models: what each takes and what it bills."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Model:
    """Prices in US$ per million tokens; `image_tokens` per output picture by size."""

    name: str
    image_tokens: dict[str, int]
    image_price: Decimal
    text_price: Decimal
    input_price: Decimal
    thinks: bool = False

    def cost(self, usage: dict[str, Any]) -> Decimal:
        """US$ of a `usageMetadata`; thoughts are billed as text."""
        image: int = sum(d["tokenCount"] for d in usage.get("candidatesTokensDetails", []) if d["modality"] == "IMAGE")
        text: int = usage.get("candidatesTokenCount", 0) - image + usage.get("thoughtsTokenCount", 0)
        prompt: int = usage.get("promptTokenCount", 0)
        return (image * self.image_price + text * self.text_price + prompt * self.input_price) / 1_000_000

    def to_json(self) -> dict[str, Any]:
        return {
            "name": f"models/{self.name}",
            "version": "001",
            "displayName": self.name.replace("-", " ").title(),
            "inputTokenLimit": 65536,
            "outputTokenLimit": 32768,
            "supportedGenerationMethods": ["generateContent", "countTokens", "batchGenerateContent"],
            "thinking": self.thinks,
        }


def _model(name: str, tokens: dict[str, int], image: str, text: str, given: str, *, thinks: bool = False) -> Model:
    return Model(name, tokens, Decimal(image), Decimal(text), Decimal(given), thinks)


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        _model("gemini-2.5-flash-image", {"1K": 1290}, "30", "2.50", "0.30"),
        _model("gemini-nano-banana-2.1", {"1K": 1120, "2K": 1680, "4K": 3780}, "30", "7.50", "1.50", thinks=True),
        _model("gemini-3.1-flash-lite-image", {"1K": 1120}, "30", "1.50", "0.25"),
        _model("gemini-3.1-flash-image", {"1K": 1120, "2K": 1680, "4K": 2520}, "60", "3", "0.50", thinks=True),
        _model("gemini-3-pro-image", {"1K": 1120, "2K": 1120, "4K": 2000}, "120", "12", "2", thinks=True),
    )
}
