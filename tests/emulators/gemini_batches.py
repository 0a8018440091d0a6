"""Gemini's batches: half the price, some day later. Here: after the `batch_polls`-th look at it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.emulators.base import Refusal
from tests.emulators.gemini_files import FileStore, page
from tests.emulators.gemini_models import Model
from tests.emulators.gemini_request import camel, invalid, missing_file, refuse

#: Answers one request of a batch: `{"response": …}` or `{"error": …}`, billed at half price under the batch's name.
#: None: done, and left out of the results.
AnswerItem = Callable[[Any, Model, str], Awaitable[dict[str, Any] | None]]
INLINE_LIMIT = 20 * 1024 * 1024
ENDED = ("BATCH_STATE_SUCCEEDED", "BATCH_STATE_FAILED", "BATCH_STATE_CANCELLED", "BATCH_STATE_EXPIRED")


@dataclass
class Batch:
    """`items`: (what identifies it: metadata or key, the request's body)."""

    name: str
    model: Model
    display_name: str
    items: list[tuple[Any, Any]]
    from_file: bool
    state: str = "BATCH_STATE_PENDING"
    looks: int = 0
    output: dict[str, Any] | None = None
    failed: int = 0
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def end(self, state: str) -> None:
        self.state, self.ended = state, datetime.now(UTC)

    def to_json(self) -> dict[str, Any]:
        """Results are given twice, in `metadata.output` and in `response`, as the service does."""
        made, total = self.created.isoformat().replace("+00:00", "Z"), len(self.items)
        stats = {"requestCount": str(total)}
        if self.state == "BATCH_STATE_SUCCEEDED":
            stats |= {"successfulRequestCount": str(total - self.failed), "failedRequestCount": str(self.failed)}
        else:
            stats |= {"pendingRequestCount": str(total)}
        metadata: dict[str, Any] = {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
            "model": f"models/{self.model.name}",
            "displayName": self.display_name,
            "state": self.state,
            "createTime": made,
            "updateTime": made,
            "batchStats": stats,
            "name": self.name,
        }
        answer: dict[str, Any] = {"name": self.name, "metadata": metadata}
        if self.ended:
            metadata["endTime"] = self.ended.isoformat().replace("+00:00", "Z")
            answer["done"] = True
        if self.output is not None:
            metadata["output"] = self.output
            answer["response"] = self.output
        return answer


class BatchStore:
    def __init__(self, files: FileStore, settings: Callable[[], dict[str, Any]], answer_item: AnswerItem) -> None:
        self._batches: dict[str, Batch] = {}
        self._files, self._settings, self._answer_item = files, settings, answer_item

    def clear(self) -> None:
        self._batches.clear()

    def force(self, name: str, state: str) -> None:
        """Puts a batch into a state by hand (`BATCH_STATE_EXPIRED`). Raises KeyError."""
        batch = self._batches[name]
        if state in ENDED:
            batch.end(state)
        else:
            batch.state = state

    async def create(self, request: Request, model: Model) -> Response:
        """Not idempotent: the same body twice makes two batches."""
        body = await request.json()
        given = body.get("batch", {})
        source = camel(
            {k: v for k, v in (given.get("inputConfig") or given.get("input_config") or {}).items() if k != "requests"}
        )
        if "fileName" in source:
            items = self._from_file(source["fileName"])
        else:
            if len(await request.body()) > INLINE_LIMIT:
                raise invalid("Request payload size exceeds the limit: 20971520 bytes. Use a file instead.")
            inline = (
                (given.get("inputConfig") or given.get("input_config") or {}).get("requests", {}).get("requests", [])
            )
            items = [(item.get("metadata"), item.get("request")) for item in inline]
        if not items:
            raise invalid("The batch holds no requests.")
        name = f"batches/{secrets.token_hex(16)}"
        title = given.get("displayName") or given.get("display_name") or ""
        self._batches[name] = Batch(name, model, title, items, "fileName" in source)
        return JSONResponse(self._batches[name].to_json())

    def _from_file(self, name: str) -> list[tuple[Any, Any]]:
        data = self._files.read(name)
        if data is None:
            raise missing_file(name)
        try:
            lines = [json.loads(line) for line in data.decode().splitlines() if line.strip()]
        except ValueError:
            raise invalid("The input file is not JSONL.") from None
        return [(line.get("key"), line.get("request")) for line in lines]

    async def get(self, request: Request) -> Response:
        batch = self._found(request)
        async with batch.lock:
            batch.looks += 1
            if batch.state in ("BATCH_STATE_PENDING", "BATCH_STATE_RUNNING") and not self._settings()["batch_hold"]:
                if batch.looks > self._settings()["batch_polls"]:
                    await self._run(batch)
                else:
                    batch.state = "BATCH_STATE_RUNNING"
        return JSONResponse(batch.to_json())

    async def list(self, request: Request) -> Response:
        newest_first = [batch.to_json() for batch in reversed(self._batches.values())]
        return JSONResponse(page(request, "operations", newest_first))

    async def cancel(self, request: Request) -> Response:
        batch = self._found(request)
        if batch.state in ENDED:
            raise refuse(400, "FAILED_PRECONDITION", "The batch has ended already.")
        batch.end("BATCH_STATE_CANCELLED")
        return JSONResponse({})

    async def delete(self, request: Request) -> Response:
        del self._batches[self._found(request).name]
        return JSONResponse({})

    async def _run(self, batch: Batch) -> None:
        results = []
        for label, body in batch.items:
            try:
                result = await self._answer_item(body, batch.model, batch.name)
            except Refusal as refusal:
                result = {"error": _status(json.loads(bytes(refusal.response.body))["error"])}
            if result is None:
                continue  # it was done, and billed, and is not in the results
            batch.failed += "error" in result
            results.append((label, result))
        if batch.from_file:
            lines = [json.dumps({"key": label, **result}) for label, result in results]
            name = f"files/batch-{batch.name.removeprefix('batches/')}"
            self._files.put_generated(name, "\n".join(lines).encode() + b"\n")
            batch.output = {"responsesFile": name}
        else:
            items = [{**result, **({"metadata": label} if label is not None else {})} for label, result in results]
            batch.output = {"inlinedResponses": {"inlinedResponses": items}}
        batch.end("BATCH_STATE_SUCCEEDED")

    def _found(self, request: Request) -> Batch:
        name = f"batches/{request.path_params['id']}"
        if name not in self._batches:
            raise refuse(404, "NOT_FOUND", "Requested entity was not found.")
        return self._batches[name]


def _status(error: dict[str, Any]) -> dict[str, Any]:
    """A batch gives an item's error as a google.rpc.Status, whose code is gRPC's."""
    codes = {400: 3, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14}
    return {"code": codes.get(error["code"], 2), "message": error["message"]}
