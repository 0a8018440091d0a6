"""What every call to Gemini shares: one way to connect, one limit to how long a call may last, one body of a request."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from google import genai
from google.genai import types

from core.errors import StartupError
from core.providers.gemini_errors import classify
from core.providers.gemini_models import find
from core.providers.ports import EditRequest

GOOGLE = "https://generativelanguage.googleapis.com"
SHORTEST_DEADLINE = 10  # seconds; the service answers 400 to a shorter one

#: Of the SDK's configuration, what it acts upon itself and does not send.
_NOT_SENT = {"automatic_continuation", "automatic_function_calling", "should_return_http_response"}

T = TypeVar("T")


def connect(api_key: str, base_url: str | None, timeout_ms: int) -> genai.Client:
    """A client for the whole process. Raises StartupError for a key that can't be sent as a header."""
    if not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise StartupError(
            "GEMINI_API_KEY tiene espacios o letras que una clave no lleva. Cópiela otra vez de Google AI Studio.",
            "GEMINI_API_KEY has blanks or letters no key has. Copy it again from Google AI Studio.",
        )
    return genai.Client(
        api_key=api_key,
        vertexai=False,  # all is said here, so that no GOOGLE_… variable turns the calls elsewhere
        http_options=types.HttpOptions(
            base_url=base_url or GOOGLE,
            api_version="v1beta",
            timeout=timeout_ms,
            headers={"X-Server-Timeout": str(max(SHORTEST_DEADLINE, math.ceil(timeout_ms / 1000)))},
        ),
    )


def within(seconds: float, call: Callable[[], T], model: str) -> T:
    """The result of `call`, or an error of ours. Past the deadline its thread is left behind, to die by itself."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, name="gemini-call", daemon=True).start()
    try:
        return future.result(seconds)
    except Exception as error:  # a TimeoutError of ours among them
        raise classify(error, model=model) from error


def content(request: EditRequest) -> types.Content:
    picture = types.Part.from_bytes(data=request.image, mime_type=request.media_type)
    return types.Content(role="user", parts=[picture, types.Part.from_text(text=request.prompt)])


def config(request: EditRequest, *, squared: bool) -> types.GenerateContentConfig:
    """`squared` asks for a square picture, in words that not every version of the service knows."""
    row = find(request.model)
    minimal = types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL)
    return types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="1:1") if squared else None,
        thinking_config=minimal if row and row.thinks else None,
        automatic_continuation=False,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        should_return_http_response=True,
    )


def body(request: EditRequest, *, squared: bool) -> dict[str, Any]:
    """The JSON that one call with this content and configuration sends."""
    sent = config(request, squared=squared).model_dump(mode="json", by_alias=True, exclude_none=True, exclude=_NOT_SENT)
    said = content(request).model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"contents": [said], "generationConfig": sent}
