"""Gemini's batches: the same pictures at half the price, some hours later. Requests and results are files of lines."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, Literal, TypeVar

from google.genai import types
from google.genai.errors import APIError

from core.errors import JobError, Retryable
from core.providers import gemini_client
from core.providers.gemini_client import GOOGLE
from core.providers.gemini_errors import Unanswered, classify, refuses_image_config
from core.providers.ports import BATCH_SHARE, BatchItem, BatchResult, BatchState, RawAnswer

JSON = "application/json"
#: Batches are listed this many at a time.
PAGE = 100

#: Anything else is not at its end.
STATES: dict[str, Literal["succeeded", "failed", "cancelled", "expired"]] = {
    "JOB_STATE_SUCCEEDED": "succeeded",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
    "JOB_STATE_EXPIRED": "expired",
}

#: An item's error is a google.rpc.Status; its code as the HTTP status that a single call would have had.
HTTP_STATUS = {1: 499, 3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 14: 503, 16: 401}

T = TypeVar("T")


class NotThere(Retryable):
    """Of a batch or file: not a model, which is what the same status means elsewhere."""

    code = "gemini_batch_missing"
    message = "Google no encuentra el lote o su archivo ({detail}). Se mirará otra vez."


class OtherWords(Retryable):
    code = "gemini_batch_words"
    message = "Google no conoce una opción del pedido. No se cobró. Se enviará otra vez sin ella."


class GeminiBatchEditor:
    """A `BatchEditor`. `deadline`: seconds for a call; `transfer`: for a file of a hundred pictures, up or down."""

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        timeout_ms: int = 120_000,
        deadline: float = 150,
        transfer: float = 1200,
    ) -> None:
        """Raises StartupError for a key that can't be sent as a header."""
        self.model = model
        self._base_url = base_url or GOOGLE
        self._deadline, self._transfer = deadline, transfer
        self._refuse_image_config: set[str] = set()
        self._client = gemini_client.connect(api_key, base_url, timeout_ms)

    def upload(self, items: Iterable[BatchItem], display_name: str) -> str:
        with tempfile.TemporaryFile() as file:
            for item in items:
                squared = item.request.model not in self._refuse_image_config
                request = gemini_client.body(item.request, squared=squared)
                file.write(json.dumps({"key": item.key, "request": request}).encode() + b"\n")
            file.seek(0)
            uploaded = self._within(self._transfer, lambda: self._upload(file, display_name))
        return _named(uploaded.name)

    def create(self, file_name: str, display_name: str, model: str) -> str:
        """Raises Unanswered, or any error of a server that fell over, when the batch may exist all the same."""
        batch = self._within(
            self._deadline,
            lambda: self._client.batches.create(
                model=model, src=file_name, config=types.CreateBatchJobConfig(display_name=display_name)
            ),
            model,
        )
        return _named(batch.name)

    def find(self, display_name: str) -> str | None:
        def search() -> str | None:
            config = types.ListBatchJobsConfig(page_size=PAGE)
            return next(
                (
                    batch.name
                    for batch in self._client.batches.list(config=config)
                    if batch.display_name == display_name
                ),
                None,
            )

        return self._within(self._deadline, search)

    def look(self, name: str) -> BatchState:
        batch = self._found(self._deadline, lambda: self._client.batches.get(name=name))
        results = batch.dest.file_name if batch.dest and batch.dest.file_name else ""
        return BatchState(STATES.get(batch.state.value if batch.state else "", "waiting"), results)

    def results(self, file_name: str) -> Iterator[BatchResult]:
        """Each answer is stored as the body that a single call would have given."""
        with tempfile.TemporaryFile() as file:
            self._found(self._transfer, lambda: self._client.files.download(file=file_name, destination=file))
            file.seek(0)
            for line in file:
                result = self._result(line)
                if result is not None:
                    yield result

    def cancel(self, name: str) -> None:
        self._found(self._deadline, lambda: self._client.batches.cancel(name=name))

    def delete_file(self, file_name: str) -> None:
        try:
            self._found(self._deadline, lambda: self._client.files.delete(name=file_name))
        except NotThere:
            return

    def close(self) -> None:
        self._client.close()

    def _upload(self, file: IO[bytes], display_name: str) -> types.File:
        # The address of the upload comes from the service and ignores the client's own base URL, unless told here. The
        # SDK writes into these options: they are nobody else's.
        options = types.HttpOptions(base_url=self._base_url)
        config = types.UploadFileConfig(display_name=display_name, mime_type="application/jsonl", http_options=options)
        return self._client.files.upload(file=file, config=config)  # type: ignore[arg-type] # wants io.IOBase: it is one

    def _result(self, line: bytes) -> BatchResult | None:
        try:
            given = json.loads(line)
        except ValueError:
            return None
        key = given.get("key") if isinstance(given, dict) else None
        if not isinstance(key, str):
            return None
        if isinstance(given.get("response"), dict):
            body = json.dumps(given["response"], separators=(",", ":"), ensure_ascii=False).encode()
            return BatchResult(key, answer=RawAnswer(body, JSON, BATCH_SHARE))
        return BatchResult(key, error=self._error(given.get("error")))

    def _error(self, given: object) -> JobError:
        if not isinstance(given, dict):
            return Unanswered(status=200, detail="no answer and no error")
        given_code = given.get("code")
        code = given_code if isinstance(given_code, int) else 0
        status = code if code >= 100 else HTTP_STATUS.get(code, 500)
        error = APIError(status, {"error": {**given, "code": status}})
        if refuses_image_config(error):
            self._refuse_image_config.add(self.model)
            return OtherWords(detail=str(given.get("message")))
        return classify(error, model=self.model)

    def _within(self, seconds: float, call: Callable[[], T], model: str = "") -> T:
        return gemini_client.within(seconds, call, model or self.model)

    def _found(self, seconds: float, call: Callable[[], T]) -> T:
        """For a batch or file that exists, as far as we know."""
        try:
            return self._within(seconds, call)
        except JobError as error:
            cause: Any = error.__cause__
            gone = isinstance(cause, APIError) and (cause.code == 404 or "may not exist" in str(cause.message))
            if gone:
                raise NotThere(detail=str(cause.message)[:100]) from error
            raise


def _named(name: str | None) -> str:
    if not name:
        raise Unanswered(status=200, detail="no name")
    return name
