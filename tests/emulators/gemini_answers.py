"""Answers of generateContent: the picture, its bill, and every known shape of an answer without one."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PIL import Image

from tests.emulators import images
from tests.emulators.faults import Fault
from tests.emulators.gemini_models import Model
from tests.emulators.gemini_request import Asked

JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """`bill` is the ledger's entry, without its time; None when nothing was billed."""

    body: bytes
    media_type: str
    bill: dict[str, Any] | None


@dataclass(frozen=True)
class Drawn:
    """What a shape may need: the picture is drawn only when one is asked for."""

    asked: Asked
    kind: str

    def picture(self, encoding: str = "PNG") -> bytes:
        source = self.asked.source or Image.new("RGB", (600, 600), (120, 140, 160))
        key = (hashlib.sha256(source.tobytes()).digest(), self.kind, self.asked.size, encoding)
        drawn = _DRAWN.get(key)
        if drawn is None:
            drawn = images.encoded(images.KINDS[self.kind](source, self.asked.size), encoding)
            _DRAWN[key] = drawn
            while len(_DRAWN) > 20:
                _DRAWN.pop(next(iter(_DRAWN)), None)
        return drawn


#: The last pictures drawn: tests of thousands of articles show the same few photos again and again.
_DRAWN: dict[tuple[object, ...], bytes] = {}


Shape = Callable[[Drawn, str], dict[str, Any]]
#: Shapes whose status is 200 and whose body is no answer at all.
GARBAGE = {"empty": (b"", JSON), "html": (b"<!doctype html><title>Sign in</title>", "text/html")}
#: finishReason of answers that the service says it does not charge, or stops before drawing.
_FREE = "You will not be charged for this request. Try rephrasing the prompt."


def answer(asked: Asked, model: Model, fault: Fault | None, image: str = "studio") -> Answer:
    """Draws and prices. Slow: call it off the event loop. Raises KeyError for an unknown shape or image kind."""
    shape, _, reason = (fault.shape if fault else "").partition(":")
    drawn = Drawn(asked, (fault.image if fault else "") or image)
    garbage = GARBAGE.get(shape)
    content = _picture(drawn, "") if garbage or not shape else SHAPES[shape](drawn, reason)
    usage = _usage(asked, model, content)
    whole = {**content, "usageMetadata": usage, "modelVersion": model.name, "responseId": secrets.token_urlsafe(16)}
    billed = usage["candidatesTokenCount"] > 0
    if fault is not None and fault.billed is not None:
        billed = fault.billed
    bill = _bill(asked, model, whole) if billed else None
    if shape == "no_usage":
        del whole["usageMetadata"]
    if garbage:
        return Answer(*garbage, bill)
    return Answer(json.dumps(whole).encode(), JSON, bill)


def _usage(asked: Asked, model: Model, content: dict[str, Any]) -> dict[str, Any]:
    text = max(1, len(asked.prompt) // 4)
    pictured = 258 * len(asked.images)
    usage: dict[str, Any] = {
        "promptTokenCount": text + pictured,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": text}],
        "candidatesTokenCount": 0,
    }
    if pictured:
        usage["promptTokensDetails"].append({"modality": "IMAGE", "tokenCount": pictured})
    parts = [part for candidate in content.get("candidates", []) for part in _parts(candidate)]
    spoken = sum(max(1, len(part["text"]) // 4) for part in parts if "text" in part)
    shown = model.image_tokens[asked.size_name] * sum("inlineData" in part for part in parts if not part.get("thought"))
    usage["candidatesTokenCount"] = spoken + shown
    if shown:
        usage["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": shown}]
    usage["thoughtsTokenCount"] = 180 if model.thinks and parts and asked.thinking.upper() != "MINIMAL" else 0
    usage["totalTokenCount"] = usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    return usage


def _bill(asked: Asked, model: Model, whole: dict[str, Any]) -> dict[str, Any]:
    usage = whole["usageMetadata"]
    cost = model.cost(usage)
    return {
        "model": model.name,
        "prompt": asked.prompt,
        "prompt_sha256": hashlib.sha256(asked.prompt.encode()).hexdigest(),
        "image_sha256": hashlib.sha256(asked.images[0]).hexdigest() if asked.images else None,
        "prompt_tokens": usage["promptTokenCount"],
        "output_tokens": usage["candidatesTokenCount"],
        "thought_tokens": usage["thoughtsTokenCount"],
        "cost_usd": str(cost / 2 if asked.tier == "flex" else cost),
        "tier": asked.tier,
        "response_id": whole["responseId"],
        "batch": None,
    }


def halved(bill: dict[str, Any], batch: str) -> dict[str, Any]:
    """The same purchase made in a batch."""
    return {**bill, "cost_usd": str(Decimal(bill["cost_usd"]) / 2), "batch": batch, "tier": "batch"}


# ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parts(candidate: dict[str, Any]) -> list[dict[str, Any]]:
    return (candidate.get("content") or {}).get("parts") or []


def _inline(data: bytes, media_type: str = "image/png") -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": base64.b64encode(data).decode()}}


def _said(*parts: dict[str, Any], finish: str = "STOP") -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0}]}


def _picture(drawn: Drawn, _: str) -> dict[str, Any]:
    return _said(_inline(drawn.picture()))


def _finish(_: Drawn, reason: str) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model"}, "finishReason": reason or "NO_IMAGE", "index": 0}
    if candidate["finishReason"] in ("NO_IMAGE", "IMAGE_OTHER"):
        candidate["finishMessage"] = (
            f"Unable to show the generated image. The model could not generate the image. {_FREE}"
        )
    return {"candidates": [candidate]}


def _blocked(_: Drawn, reason: str) -> dict[str, Any]:
    return {"promptFeedback": {"blockReason": reason or "SAFETY"}}


def _with_content(content: object) -> Shape:
    def shape(_: Drawn, reason: str) -> dict[str, Any]:
        return {"candidates": [{"content": content, "finishReason": reason or "STOP", "index": 0}]}

    return shape


def _corrupt(drawn: Drawn, _: str) -> dict[str, Any]:
    part = _inline(drawn.picture())
    data = part["inlineData"]["data"]
    part["inlineData"]["data"] = data[:400] + "*#!" + data[403:-3]
    return _said(part)


def _huge(_: Drawn, __: str) -> dict[str, Any]:
    """81 megapixels in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (9000, 9000), 1).save(out, "PNG")
    return _said(_inline(out.getvalue()))


def _continuation(_: Drawn, __: str) -> dict[str, Any]:
    whole = _said({"text": "…"}, finish="CONTINUATION")
    whole["candidates"][0]["continuationToken"] = "more"
    return whole


def _no_content(_: Drawn, reason: str) -> dict[str, Any]:
    return {"candidates": [{"finishReason": reason or "STOP", "index": 0}]}


_THOUGHT = {"text": "Considering the lighting", "thought": True}

#: After a colon comes a reason: `finish:IMAGE_SAFETY`, `blocked:OTHER`, `odd_finish:OTHER`.
SHAPES: dict[str, Shape] = {
    "blocked": _blocked,
    "finish": _finish,
    "text_only": lambda _, __: _said({"text": "Here is your image: "}),
    "text_and_image": lambda drawn, _: _said({"text": "Here is your image: "}, _inline(drawn.picture())),
    "thought_image": lambda drawn, _: _said(
        _THOUGHT,
        {**_inline(images.encoded(Image.new("RGB", (64, 64), "red"), "PNG")), "thought": True},
        _inline(drawn.picture()),
    ),
    "only_thought_image": lambda drawn, _: _said({**_inline(drawn.picture()), "thought": True}),
    "jpeg": lambda drawn, _: _said(_inline(drawn.picture("JPEG"), "image/jpeg")),
    "mislabelled": lambda drawn, _: _said(_inline(drawn.picture("JPEG"), "image/png")),
    "odd_finish": lambda drawn, reason: _said(_inline(drawn.picture()), finish=reason or "OTHER"),
    "two_images": lambda drawn, _: _said(
        _inline(images.encoded(Image.new("RGB", (64, 64)), "PNG")), _inline(drawn.picture())
    ),
    "no_usage": _picture,
    "corrupt_base64": _corrupt,
    "broken_image": lambda drawn, _: _said(_inline(drawn.picture()[:2000])),
    "not_an_image": lambda _, __: _said(_inline(b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
    "huge": _huge,
    "continuation": _continuation,
    "no_candidates": lambda _, __: {},
    "empty_candidates": lambda _, __: {"candidates": []},
    "no_content": _no_content,
    "content_null": _with_content(None),
    "content_empty": _with_content({}),
    "content_role_only": _with_content({"role": "model"}),
    "parts_null": _with_content({"parts": None}),
}
