"""What Google's image models cost and take, as dated data. `core.money.prices` is its face for the use cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MICRODOLLAR = Decimal("0.000001")  # what the ledger's NUMERIC(12,6) holds
MILLION = Decimal(1_000_000)


def _money(per_million: Decimal) -> Decimal:
    return (per_million / MILLION).quantize(MICRODOLLAR, ROUND_HALF_UP)


@dataclass(frozen=True)
class Model:
    """One row of the price list. Prices are US$ per million tokens, for one synchronous call of the standard tier."""

    id: str
    as_of: date  #: when the row was last compared with Google's price list
    image_tokens: int  #: output tokens of one 1K picture
    image_out: Decimal
    text_out: Decimal  #: text and thoughts
    input: Decimal
    state: str
    recommended: bool = False
    thinks: bool = False  #: takes a thinking level; thoughts are billed as text

    @property
    def picture_price(self) -> Decimal:
        """US$ for the output tokens of one 1K picture."""
        return _money(self.image_tokens * self.image_out)


_AS_OF = date(2026, 10, 9)

MODELS: tuple[Model, ...] = (
    Model(
        "gemini-nano-banana-2.1", _AS_OF, 1120, Decimal(30), Decimal("7.50"), Decimal("1.50"),
        "vigente desde el 2026-10-07", recommended=True, thinks=True,
    ),
    Model(
        "gemini-3.1-flash-lite-image", _AS_OF, 1120, Decimal(30), Decimal("1.50"), Decimal("0.25"),
        "vigente desde el 2026-06-30; solo 1K",
    ),
    # The text prices of the three rows below are of their text siblings: the image list doesn't give them.
    Model(
        "gemini-2.5-flash-image", _AS_OF, 1290, Decimal(30), Decimal("2.50"), Decimal("0.30"),
        "su retiro estaba anunciado para el 2026-10-02",
    ),
    Model(
        "gemini-3.1-flash-image", _AS_OF, 1120, Decimal(60), Decimal("3.00"), Decimal("0.50"),
        "su retiro estaba anunciado para el 2026-10-29",
    ),
    Model(
        "gemini-3-pro-image", _AS_OF, 1120, Decimal(120), Decimal("12.00"), Decimal("2.00"),
        "vigente desde el 2026-05-28; para etiquetas difíciles",
    ),
)  # fmt: skip

DEFAULT_MODEL = next(model.id for model in MODELS if model.recommended)
DEAREST = max(MODELS, key=lambda model: model.picture_price)


def find(model: str) -> Model | None:
    """The row of `model`, also under a versioned name (`…-001`) or a `models/` prefix; None when we know nothing of it."""
    name = model.removeprefix("models/")
    rows = [row for row in MODELS if name == row.id or name.startswith(f"{row.id}-")]
    return max(rows, key=lambda row: len(row.id), default=None)


def price_of(model: str) -> Decimal | None:
    """Expected US$ of one 1K picture, or None for a model that isn't in the table."""
    row = find(model)
    return row.picture_price if row else None


def cost_from_usage(model: str, usage: Mapping[str, Any], *, picture: bool = True) -> Decimal:
    """US$ of one answer, from its `usageMetadata`, to a millionth.

    A model that isn't in the table is charged as the dearest we know, never as free: a budget must not be overrun
    by a new name. `picture` says whether the answer holds one: if so and the usage doesn't count its tokens, the
    table's are charged.
    """
    row = find(model) or DEAREST
    by_modality = _by_modality(usage.get("candidatesTokensDetails"))
    total = _count(usage.get("candidatesTokenCount"))
    image = by_modality.get("IMAGE", 0) or (row.image_tokens if picture else 0)
    text = sum(count for modality, count in by_modality.items() if modality != "IMAGE")
    if not by_modality:
        text = max(0, total - image)
    text += _count(usage.get("thoughtsTokenCount"))
    return _money(image * row.image_out + text * row.text_out + _count(usage.get("promptTokenCount")) * row.input)


def _by_modality(details: object) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in details if isinstance(details, list) else []:
        if isinstance(item, dict):
            modality = str(item.get("modality"))
            counts[modality] = counts.get(modality, 0) + _count(item.get("tokenCount"))
    return counts


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
