"""The paid editor: Google's image models through the google-genai SDK, with all that could buy twice switched off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from google.genai.errors import APIError

from core.errors import Ambiguous, JobError, PausesQueue, Permanent, StartupError
from core.providers import gemini_answers, gemini_client
from core.providers.gemini_errors import (
    DETAIL_LENGTH,
    BadKey,
    ModelGone,
    Unanswered,
    Unreachable,
    refuses_image_config,
)
from core.providers.gemini_models import MODELS
from core.providers.ports import Edit, EditRequest, RawAnswer

JSON = "application/json"

T = TypeVar("T")


class GeminiEditor:
    """One client for the whole process; its methods may be called from several threads.

    `timeout_ms` is for each read of the connection; `deadline` (seconds) for a whole call, since a server that
    trickles never reaches the first.
    """

    name = "gemini"
    options = "1:1"

    def __init__(
        self, api_key: str, model: str, base_url: str | None = None, *, timeout_ms: int = 120_000, deadline: float = 150
    ) -> None:
        """Raises StartupError for a key that can't be sent as a header."""
        self.model = model
        self._deadline = deadline
        self._refuse_image_config: set[str] = set()
        self._client = gemini_client.connect(api_key, base_url, timeout_ms)

    def check(self) -> None:
        """Looks the model up, which is free. Raises StartupError, or Retryable while Google can't be asked."""
        try:
            self._within_deadline(lambda: self._client.models.get(model=self.model))
        except PausesQueue as error:
            if error.seconds is not None:
                raise Unreachable(**error.params) from error
            raise _startup_error(error, self.model) from error
        except Permanent as error:
            raise _startup_error(error, self.model) from error
        except Ambiguous as error:
            raise Unreachable(**error.params) from error

    def buy(self, request: EditRequest) -> RawAnswer:
        """One purchase. Raises Retryable, Permanent, PausesQueue or, when it may have been billed, Ambiguous."""
        body = self._within_deadline(lambda: self._generate(request), request.model)
        try:
            whole = isinstance(json.loads(body), dict)
        except ValueError:
            whole = False
        if not whole:
            raise Unanswered(status=200, detail=body[:DETAIL_LENGTH])
        return RawAnswer(body.encode(), JSON, model=request.model)

    def read(self, answer: RawAnswer) -> Edit:
        """See `gemini_answers.read`."""
        return gemini_answers.read(answer.body, answer.model or self.model, answer.share)

    def close(self) -> None:
        self._client.close()

    def _generate(self, request: EditRequest) -> str:
        squared = request.model not in self._refuse_image_config
        try:
            return self._post(request, squared=squared)
        except APIError as error:
            if not squared or not refuses_image_config(error):
                raise
        # Which field carries the aspect ratio differs between versions of the service. A 400 is free, and the
        # picture is squared by us in any case.
        self._refuse_image_config.add(request.model)
        return self._post(request, squared=False)

    def _post(self, request: EditRequest, *, squared: bool) -> str:
        response = self._client.models.generate_content(
            model=request.model,
            contents=gemini_client.content(request),
            config=gemini_client.config(request, squared=squared),
        )
        http = response.sdk_http_response
        return (http.body if http else None) or ""

    def _within_deadline(self, call: Callable[[], T], model: str | None = None) -> T:
        return gemini_client.within(self._deadline, call, model or self.model)


def _startup_error(error: JobError, model: str) -> StartupError:
    if isinstance(error, ModelGone):
        known = ", ".join(row.id for row in MODELS if row.id != model)
        return StartupError(
            f"Google no ofrece el modelo {model}. Ponga otro en GEMINI_MODEL: {known}.",
            f"Google doesn't serve the model {model}. Set another in GEMINI_MODEL: {known}.",
        )
    if isinstance(error, BadKey):
        return StartupError(
            "Google rechaza GEMINI_API_KEY. Revise la clave en Google AI Studio.",
            "Google refuses GEMINI_API_KEY. Check the key in Google AI Studio.",
        )
    return StartupError(
        f"Google no acepta a este cliente con GEMINI_API_KEY y GEMINI_MODEL={model}: {error.params.get('detail')}",
        f"Google refuses this client with GEMINI_API_KEY and GEMINI_MODEL={model}: {error.params.get('detail')}",
    )
