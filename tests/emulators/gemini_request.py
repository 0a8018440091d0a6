"""Reads a generateContent body as the service does: both base64 alphabets, both key spellings, unknown names refused."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps
from starlette.responses import JSONResponse

from tests.emulators.base import Refusal
from tests.emulators.faults import google_error
from tests.emulators.gemini_models import Model

#: Bytes of the file called `files/…`, or None.
OpenFile = Callable[[str], bytes | None]

BODY_LIMIT = 104_857_600
LARGEST_IMAGE = 80_000_000  #: pixels
UNPROCESSABLE = "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"
_TOP = {
    "contents",
    "generationConfig",
    "serviceTier",
    "safetySettings",
    "systemInstruction",
    "tools",
    "toolConfig",
    "model",
}
_TOP |= {"cachedContent", "labels", "store"}
_CONFIG = {
    "responseModalities",
    "imageConfig",
    "responseFormat",
    "thinkingConfig",
    "temperature",
    "topP",
    "topK",
    "seed",
}
_CONFIG |= {
    "candidateCount",
    "maxOutputTokens",
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "mediaResolution",
}
_CONFIG |= {"presencePenalty", "frequencyPenalty", "responseJsonSchema"}
_IMAGE_CONFIG = {"aspectRatio", "imageSize", "outputMimeType", "outputCompressionQuality", "personGeneration"}


@dataclass(frozen=True)
class Asked:
    """A request that was understood. `size` is the picture's, in pixels."""

    prompt: str
    images: tuple[bytes, ...]
    source: Image.Image | None
    size: tuple[int, int]
    size_name: str
    thinking: str
    tier: str


def refuse(code: int, status: str, message: str, *details: dict[str, Any]) -> Refusal:
    return Refusal(JSONResponse(google_error(code, status, message, *details), code))


def invalid(message: str, *details: dict[str, Any]) -> Refusal:
    return refuse(400, "INVALID_ARGUMENT", message, *details)


def camel(value: Any) -> Any:
    """Every key in lowerCamelCase: the service takes `mime_type` and `mimeType` alike."""
    if isinstance(value, dict):
        return {re.sub(r"_([a-z0-9])", lambda m: m[1].upper(), key): camel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [camel(item) for item in value]
    return value


def decode(data: str) -> bytes:
    """Standard or URL-safe base64, padded or not. Raises the 400 of a body that is neither."""
    standard = data.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(
            "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed"
        ) from None


def understand(body: Any, model: Model, open_file: OpenFile) -> Asked:
    """Raises Refusal (400, 403). Slow for big pictures: call it off the event loop."""
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received.")
    request = camel(body)
    config = request.get("generationConfig", {})
    _known(request, _TOP, "")
    _known(config, _CONFIG, "generation_config")
    if model.name == "gemini-2.5-flash-image" and "responseFormat" in config:
        raise _unknown_name("responseFormat", "generation_config")
    thinking = config.get("thinkingConfig", {}).get("thinkingLevel", "")
    if thinking and not model.thinks:
        raise invalid("Thinking level is not supported for this model.")
    parts = [part for content in request.get("contents") or [] for part in content.get("parts") or []]
    if not parts:
        raise invalid("* GenerateContentRequest.contents: contents is not specified")
    images = tuple(_image_bytes(part, open_file) for part in parts if "inlineData" in part or "fileData" in part)
    source = _opened(images[0]) if images else None
    image_config = config.get("imageConfig") or config.get("responseFormat", {}).get("image", {})
    _known(image_config, _IMAGE_CONFIG, "generation_config.image_config")
    size_name = image_config.get("imageSize", "1K")
    if size_name not in model.image_tokens:
        raise invalid(f"Image size {size_name} is not supported for this model.")
    return Asked(
        prompt="\n".join(part["text"] for part in parts if "text" in part),
        images=images,
        source=source,
        size=_pixels(image_config.get("aspectRatio"), int(size_name[0]), source),
        size_name=size_name,
        thinking=thinking or "MEDIUM",
        tier=str(request.get("serviceTier", "standard")).lower(),
    )


def _known(given: dict[str, Any], names: set[str], where: str) -> None:
    for name in given:
        if name not in names:
            raise _unknown_name(name, where)


def _unknown_name(name: str, where: str) -> Refusal:
    at = f" at '{where}'" if where else ""
    return invalid(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')


def _image_bytes(part: dict[str, Any], open_file: OpenFile) -> bytes:
    if "inlineData" in part:
        declared, data = part["inlineData"].get("mimeType", ""), decode(part["inlineData"].get("data", ""))
    else:
        uri = part["fileData"].get("fileUri", "")
        name = "files/" + uri.rpartition("files/")[2]
        stored = open_file(name)
        if stored is None:
            raise missing_file(name)
        declared, data = part["fileData"].get("mimeType", "image/jpeg"), stored
    if declared not in ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"):
        raise invalid(f"Unsupported MIME type: {declared}")
    return data


def missing_file(name: str) -> Refusal:
    """The service does not tell a missing file from another project's."""
    text = f"You do not have permission to access the File {name.removeprefix('files/')} or it may not exist."
    return refuse(403, "PERMISSION_DENIED", text)


def _opened(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"])
        if image.width * image.height > LARGEST_IMAGE:
            raise invalid(UNPROCESSABLE)
        return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise invalid(UNPROCESSABLE) from None


def _pixels(ratio: str | None, scale: int, source: Image.Image | None) -> tuple[int, int]:
    """About a megapixel times `scale` squared; without a ratio an edit keeps its source's."""
    if ratio:
        if not re.fullmatch(r"\d{1,2}:\d{1,2}", ratio):
            raise invalid(f"Invalid aspect ratio: {ratio}")
        width, height = (int(side) for side in ratio.split(":"))
    else:
        width, height = source.size if source else (1, 1)
    root = (width / height) ** 0.5
    return max(8, round(1024 * scale * root / 8) * 8), max(8, round(1024 * scale / root / 8) * 8)
