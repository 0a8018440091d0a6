"""Reads a paid answer of Gemini: the picture, or why there is none and what that cost.

The body is read as received: the SDK's own classes drop `finishMessage` and warn about words they don't know.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.errors import JobError, PausesQueue, Permanent, Retryable
from core.providers.gemini_models import MICRODOLLAR, cost_from_usage, find
from core.providers.ports import Edit

DETAIL_LENGTH = 300
ODD_FINISH = "odd_finish"  #: the doubt of a picture that came with another `finishReason` than STOP


class NoPicture(Retryable):
    """The model didn't draw. Worth one more try with the strict prompt, then a person."""

    code = "no_picture"
    message = "Google no dibujó la imagen ({reason}). No se cobró. Reintente o pruebe con otra foto."


class TextOnly(NoPicture):
    code = "text_only"
    message = "Google respondió con palabras y sin imagen. Se cobró US$ {cost}. Reintente o pruebe con otra foto."


class CutAnswer(NoPicture):
    code = "cut_answer"
    message = "La respuesta de Google terminó antes de la imagen ({reason}). Se cobró US$ {cost}. Reintente."


class CorruptAnswer(Retryable):
    code = "corrupt_answer"
    message = (
        "La imagen que mandó Google está dañada. Se cobró US$ {cost}. Reintente; si se repite, pruebe con otra foto."
    )


class RefusedPhoto(Permanent):
    code = "refused_photo"
    message = (
        "Google rechazó esta foto o el texto del pedido ({reason}). No se cobró. "
        "Pruebe con otra foto o con el editor local."
    )


class RefusedResult(Permanent):
    code = "refused_result"
    message = (
        "Google no entrega la imagen que resulta de esta foto ({reason}). No se cobró. "
        "Pruebe con otra foto o con el editor local."
    )


class RefusedBrand(Permanent):
    code = "refused_brand"
    message = (
        "Google no dibuja esta foto por una marca o imagen de otros ({reason}). No se cobró. "
        "Pruebe con otra foto o con el editor local."
    )


class AccountLimited(PausesQueue):
    code = "account_limited"
    message = (
        "Google limitó la cuenta por sus normas de uso. No se cobró. "
        "Un administrador debe resolverlo con Google y reanudar la cola."
    )


#: `finishReason` of an answer without a picture. Those that aren't here count as cut.
FINISH_REASONS: dict[str, type[JobError]] = {
    "IMAGE_SAFETY": RefusedResult,
    "PROHIBITED_CONTENT": RefusedResult,
    "SAFETY": RefusedResult,
    "SPII": RefusedResult,
    "BLOCKLIST": RefusedResult,
    "LANGUAGE": RefusedResult,
    "IMAGE_PROHIBITED_CONTENT": RefusedBrand,
    "RECITATION": RefusedBrand,
    "IMAGE_RECITATION": RefusedBrand,
    "NO_IMAGE": NoPicture,
    "IMAGE_OTHER": NoPicture,
    "PUP_LIMITED_DISABLED": AccountLimited,
    "MAX_TOKENS": CutAnswer,
    "MALFORMED_RESPONSE": CutAnswer,
    "OTHER": CutAnswer,
    "CONTINUATION": CutAnswer,
}
#: The rest is free, in Google's words: "You will not be charged for this request".
BILLED_WITHOUT_PICTURE = (TextOnly, CutAnswer)

#: (first bytes, offset of the second mark, second mark, type)
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", 12, b"IHDR", "image/png"),
    (b"\xff\xd8", 2, b"\xff", "image/jpeg"),
    (b"RIFF", 8, b"WEBP", "image/webp"),
)


def read(body: bytes, model: str, share: Decimal = Decimal(1)) -> Edit:
    """The picture of an answer bought from `model` at this share of its list price. Pure.

    Raises Permanent, Retryable or PausesQueue when it holds none, with `cost` (Decimal, US$) and `usage` among the
    params.
    """
    answer = _Answer.parse(body, model, share)
    if not answer.pictures:
        raise answer.why_no_picture()
    try:
        image = _decode(answer.pictures[-1])
    except ValueError as error:
        raise CorruptAnswer(**answer.params(answer.cost(picture=True)), why=str(error)) from error
    return Edit(
        image=image,
        media_type=sniff(image) or "",
        usage=answer.usage,
        cost=answer.cost(picture=True),
        doubts=() if answer.reason == "STOP" else (ODD_FINISH,),
    )


def sniff(image: bytes) -> str | None:
    """`image/png`, `image/jpeg` or `image/webp` by the first bytes; None for anything else."""
    for start, offset, mark, media_type in SIGNATURES:
        if image.startswith(start) and image[offset : offset + len(mark)] == mark:
            return media_type
    return None


@dataclass(frozen=True)
class _Answer:
    model: str
    share: Decimal  #: of the list price
    reason: str  #: `finishReason`, or "" when there is none
    block: str  #: `blockReason` of a refused prompt
    detail: str
    pictures: tuple[object, ...]  #: base64 as received, without those of its thoughts
    text: str
    usage: dict[str, Any]

    @classmethod
    def parse(cls, body: bytes, model: str, share: Decimal) -> _Answer:
        try:
            root = _dict(json.loads(body))
        except ValueError:
            root = {}
        candidate = next(_dicts(root.get("candidates")), {})
        feedback = _dict(root.get("promptFeedback"))
        parts = [part for part in _dicts(_dict(candidate.get("content")).get("parts")) if not part.get("thought")]
        version = str(root.get("modelVersion", ""))
        return cls(
            model=version if find(version) else model,
            share=share,
            reason=str(candidate.get("finishReason") or ""),
            block=str(feedback.get("blockReason") or ""),
            detail=str(candidate.get("finishMessage") or feedback.get("blockReasonMessage") or "")[:DETAIL_LENGTH],
            pictures=tuple(_dict(part["inlineData"]).get("data") for part in parts if "inlineData" in part),
            text="".join(str(part["text"]) for part in parts if part.get("text")),
            usage=_dict(root.get("usageMetadata")),
        )

    def why_no_picture(self) -> JobError:
        error = self._class()
        billed = issubclass(error, BILLED_WITHOUT_PICTURE)
        return error(**self.params(self.cost(picture=False) if billed else Decimal(0)))

    def _class(self) -> type[JobError]:
        if self.reason in FINISH_REASONS:
            return FINISH_REASONS[self.reason]
        if self.block:
            return RefusedPhoto
        return TextOnly if self.text else CutAnswer

    def cost(self, *, picture: bool) -> Decimal:
        whole = cost_from_usage(self.model, self.usage, picture=picture)
        return whole if self.share == 1 else (whole * self.share).quantize(MICRODOLLAR, ROUND_HALF_UP)

    def params(self, cost: Decimal) -> dict[str, Any]:
        reason = self.reason or self.block or "—"
        return {"reason": reason, "detail": self.detail or self.text[:DETAIL_LENGTH], "cost": cost, "usage": self.usage}


def _decode(data: object) -> bytes:
    """Standard or URL-safe base64, padded or not. Raises ValueError for anything that isn't a picture."""
    if not isinstance(data, str):
        raise ValueError("no data")
    standard = "".join(data.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        image = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if sniff(image) is None:
        raise ValueError("not a PNG, JPEG or WebP")
    return image


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if isinstance(value, list) else []) if isinstance(item, dict))
