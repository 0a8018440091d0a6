"""The Gemini Developer API, as far as a catalogue needs it: generateContent, models, files, batches."""

from __future__ import annotations

import json
import time
from typing import Any, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.emulators.base import Emulator, Handler
from tests.emulators.faults import Fault
from tests.emulators.gemini_answers import Answer, answer, halved
from tests.emulators.gemini_batches import BatchStore
from tests.emulators.gemini_files import FileStore, page
from tests.emulators.gemini_models import MODELS, Model
from tests.emulators.gemini_request import BODY_LIMIT, invalid, refuse, understand

API_KEY = "test-key"
VERSIONS = ("v1", "v1beta")
#: Seconds, in `x-server-timeout`.
SHORTEST_DEADLINE = 10


class GeminiEmulator(Emulator):
    """Settings: `models`, names served now (None: all); `batch_polls`, looks at a batch before it ends; `batch_hold`;
    `image`, the kind of picture where no fault says another."""

    defaults: ClassVar[dict[str, Any]] = {
        "api_key": API_KEY,
        "models": None,
        "batch_polls": 1,
        "batch_hold": False,
        "image": "studio",
    }

    def service_routes(self) -> list[Route]:
        self.files = FileStore()
        self.batches = BatchStore(self.files, lambda: self.settings, self._answer_item)
        version = "/{version}"
        return [
            self._keyed(f"{version}/models/{{model}}:generateContent", self._generate, "generate", "POST"),
            self._keyed(f"{version}/models/{{model}}:batchGenerateContent", self._create_batch, "batch_create", "POST"),
            self._keyed(f"{version}/models", self._list_models, "model_list"),
            self._keyed(f"{version}/models/{{model}}", self._get_model, "model_get"),
            self._keyed(f"{version}/batches", self.batches.list, "batch_list"),
            self._keyed(f"{version}/batches/{{id}}:cancel", self.batches.cancel, "batch_cancel", "POST"),
            self._keyed(f"{version}/batches/{{id}}", self.batches.get, "batch_get"),
            self._keyed(f"{version}/batches/{{id}}", self.batches.delete, "batch_delete", "DELETE"),
            self._keyed(f"{version}/files", self.files.list, "file_list"),
            self._keyed(f"{version}/files/{{id}}:download", self.files.download, "file_download"),
            self._keyed(f"{version}/files/{{id}}", self.files.get, "file_get"),
            self._keyed(f"{version}/files/{{id}}", self.files.delete, "file_delete", "DELETE"),
            self.route(f"/upload{version}/files", self._upload, "file_upload", "POST"),
            Route("/__batches", self._force_batch, methods=["POST"]),
        ]

    def forget(self) -> None:
        self.files.clear()
        self.batches.clear()

    # ── who may call ────────────────────────────────────────────────────────────────────────────────────────────────

    def _keyed(self, path: str, handler: Handler, name: str, method: str = "GET") -> Route:
        async def checked(request: Request) -> Response:
            if request.path_params["version"] not in VERSIONS:
                raise refuse(404, "NOT_FOUND", "Requested entity was not found.")
            self._check(request)
            return await handler(request)

        return self.route(path, checked, name, method)

    def _check(self, request: Request) -> None:
        key = request.headers.get("x-goog-api-key") or request.query_params.get("key")
        if not key:
            text = (
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key."
            )
            raise refuse(403, "PERMISSION_DENIED", text)
        if key != self.settings["api_key"]:
            raise invalid(
                "API key not valid. Please pass a valid API key.",
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                    "metadata": {"service": "generativelanguage.googleapis.com"},
                },
            )
        deadline = request.headers.get("x-server-timeout")
        if deadline is not None and float(deadline) < SHORTEST_DEADLINE:
            raise invalid(
                f"Manually set deadline {deadline}s is too short. Minimum allowed deadline is {SHORTEST_DEADLINE}s."
            )

    def _model(self, request: Request, doing: str) -> Model:
        name, served = request.path_params["model"], self.settings["models"]
        if name not in MODELS or (served is not None and name not in served):
            version = request.path_params["version"]
            text = f"models/{name} is not found for API version {version}, or is not supported for {doing}."
            raise refuse(
                404,
                "NOT_FOUND",
                f"{text} Call ListModels to see the list of available models and their supported methods.",
            )
        return MODELS[name]

    # ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _generate(self, request: Request) -> Response:
        model = self._model(request, "generateContent")
        body = await request.body()
        if len(body) > BODY_LIMIT:
            raise invalid(f"Request payload size exceeds the limit: {BODY_LIMIT} bytes.")
        try:
            parsed = json.loads(body)
        except ValueError:
            raise invalid("Invalid JSON payload received. Unexpected token.") from None
        given = await run_in_threadpool(self._answer, parsed, model, request.state.fault)
        if given.bill is not None:
            await self._charge(given.bill)
        return Response(given.body, headers={"content-type": given.media_type, "server-timing": "gfet4t7; dur=1"})

    def _answer(self, body: Any, model: Model, fault: Fault | None) -> Answer:
        return answer(understand(body, model, self.files.read), model, fault, self.settings["image"])

    async def _answer_item(self, body: Any, model: Model, batch: str) -> dict[str, Any] | None:
        """One request of a batch; faults of the route `batch_item` meet it. `billed_cut` loses its line."""
        if isinstance(body, dict):
            body = {key: value for key, value in body.items() if key != "model"}
        fault = self.faults.take("batch_item", batch, json.dumps(body).encode())
        if fault is not None and fault.kind == "status":
            return {"error": {"code": fault.status, "message": str(fault.body)}}
        given = await run_in_threadpool(self._answer, body, model, fault)
        if given.bill is not None:
            await self._charge(halved(given.bill, batch))
        if fault is not None and fault.kind == "billed_cut":
            return None
        if not given.body.startswith(b"{"):
            return {"error": {"code": 13, "message": "Internal error encountered."}}
        return {"response": json.loads(given.body)}

    async def _charge(self, bill: dict[str, Any]) -> None:
        self.ledger.append({"n": len(self.ledger) + 1, "time": time.time(), **bill})
        await self.changed()

    async def _create_batch(self, request: Request) -> Response:
        return await self.batches.create(request, self._model(request, "batchGenerateContent"))

    async def _get_model(self, request: Request) -> Response:
        return JSONResponse(self._model(request, "generateContent").to_json())

    async def _list_models(self, request: Request) -> Response:
        served = self.settings["models"]
        known = [model.to_json() for model in MODELS.values() if served is None or model.name in served]
        return JSONResponse(page(request, "models", known))

    async def _upload(self, request: Request) -> Response:
        if "upload_id" in request.query_params:
            return await self.files.chunk(request)
        self._check(request)
        return await self.files.start(request)

    async def _force_batch(self, request: Request) -> Response:
        """`{"name": "batches/…", "state": "BATCH_STATE_EXPIRED"}`"""
        wanted = await request.json()
        try:
            self.batches.force(wanted["name"], wanted["state"])
        except KeyError as missing:
            return JSONResponse({"error": f"no {missing}"}, 404)
        return JSONResponse({})
