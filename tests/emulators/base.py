"""What every emulator shares: routes that count, record and break, and the `/__*` control paths."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Fault, FaultBook
from tests.emulators.wire import Cut, Trickled, Truncated

Handler = Callable[[Request], Awaitable[Response]]

#: A recorded JSON body keeps strings up to this length; longer ones (pictures) become `<N characters>`.
KEPT_STRING = 4000


class Refusal(Exception):
    """Raised by a handler to answer with an error."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(response.status_code)


class Emulator:
    """One service. Subclasses give `service_routes()`, `defaults` and `forget()`.

    All state belongs to the event loop's thread.
    """

    #: The settings that `POST /__settings` changes.
    defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.faults = FaultBook()
        self.settings: dict[str, Any] = dict(self.defaults)
        self.requests: list[dict[str, Any]] = []
        self.ledger: list[dict[str, Any]] = []
        self.held = 0
        self._released = asyncio.Event()
        self._changed = asyncio.Condition()
        self.app = Starlette(routes=[*self._control_routes(), *self.service_routes()])

    def service_routes(self) -> list[Route]:
        raise NotImplementedError

    def forget(self) -> None:
        """Drops the service's own state (assets, files …)."""

    def release(self) -> None:
        """Lets every held call go on."""
        self._released.set()
        self._released = asyncio.Event()

    async def changed(self) -> None:
        """Wakes those who wait at `/__wait`."""
        async with self._changed:
            self._changed.notify_all()

    # ── a route ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def route(self, path: str, handler: Handler, name: str, *methods: str) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            fault = self.faults.take(name, request.url.path, body)
            entry = self._record(name, request, body, fault)
            await self.changed()
            try:
                response = await self._respond(fault, handler, request)
            except Refusal as refusal:
                response = refusal.response
            except Exception:
                logging.getLogger(__name__).exception("the emulator itself failed at %s", request.url.path)
                response = Response("the emulator itself failed", 500)
            entry["status"] = None if isinstance(response, Cut) else response.status_code
            await self.changed()
            return response

        return Route(path, endpoint, methods=list(methods) or ["GET"], name=name)

    async def _respond(self, fault: Fault | None, handler: Handler, request: Request) -> Response:
        request.state.fault = fault
        if fault is None:
            return await handler(request)
        if fault.when == "before":
            await self._hold(fault)
        if fault.kind == "drop":
            return Cut(reset=fault.reset)
        if fault.kind == "status":
            return _scripted(fault)
        response = await handler(request)
        if fault.when == "after":
            await self._hold(fault)
        if fault.kind == "billed_cut":
            return Cut(reset=fault.reset)
        if fault.kind == "cut_body":
            return Truncated(response, fault.fraction, reset=fault.reset)
        if fault.kind == "trickle":
            return Trickled(response, fault.chunks, fault.pause)
        return response

    async def _hold(self, fault: Fault) -> None:
        if not (fault.delay or fault.hang):
            return
        self.held += 1
        await self.changed()
        try:
            await asyncio.wait_for(self._released.wait(), None if fault.hang else fault.delay)
        except TimeoutError:
            pass
        finally:
            self.held -= 1
            await self.changed()

    def _record(self, name: str, request: Request, body: bytes, fault: Fault | None) -> dict[str, Any]:
        entry = {
            "n": len(self.requests) + 1,
            "time": time.time(),
            "route": name,
            "method": request.method,
            "path": request.url.path,
            "query": dict(request.query_params),
            "headers": dict(request.headers),
            "size": len(body),
            "json": _shortened_json(request, body),
            "fault": fault.to_json() if fault else None,
            "status": None,
        }
        self.requests.append(entry)
        return entry

    # ── control ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _control_routes(self) -> list[Route]:
        return [
            Route("/__faults", self._get_faults, methods=["GET"]),
            Route("/__faults", self._add_faults, methods=["POST"]),
            Route("/__faults", self._clear_faults, methods=["DELETE"]),
            Route("/__ledger", self._get_ledger, methods=["GET"]),
            Route("/__requests", self._get_requests, methods=["GET"]),
            Route("/__release", self._release, methods=["POST"]),
            Route("/__settings", self._get_settings, methods=["GET"]),
            Route("/__settings", self._set, methods=["POST"]),
            Route("/__reset", self._reset, methods=["POST"]),
            Route("/__wait", self._wait, methods=["GET"]),
        ]

    async def _get_faults(self, request: Request) -> Response:
        return JSONResponse(self.faults.to_json())

    async def _add_faults(self, request: Request) -> Response:
        try:
            self.faults.add([Fault.from_json(item) for item in await request.json()])
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(self.faults.to_json())

    async def _clear_faults(self, request: Request) -> Response:
        self.faults.clear()
        self.release()
        return JSONResponse([])

    async def _get_ledger(self, request: Request) -> Response:
        return JSONResponse(self.ledger)

    async def _get_requests(self, request: Request) -> Response:
        """All the calls but `/__*`; `?route=` narrows them. `by_route` always counts all."""
        route = request.query_params.get("route")
        chosen = [entry for entry in self.requests if route in (None, entry["route"])]
        by_route = Counter(entry["route"] for entry in self.requests)
        return JSONResponse({"total": len(self.requests), "by_route": by_route, "requests": chosen})

    async def _release(self, request: Request) -> Response:
        self.release()
        return JSONResponse({})

    async def _get_settings(self, request: Request) -> Response:
        return JSONResponse(self.settings)

    async def _set(self, request: Request) -> Response:
        wanted = await request.json()
        unknown = sorted(set(wanted) - set(self.defaults))
        if unknown:
            return JSONResponse({"error": f"unknown settings {unknown}"}, 400)
        self.settings.update(wanted)
        return JSONResponse(self.settings)

    async def _reset(self, request: Request) -> Response:
        self.faults.clear()
        self.release()
        self.settings = dict(self.defaults)
        self.requests.clear()
        self.ledger.clear()
        self.forget()
        return JSONResponse({})

    async def _wait(self, request: Request) -> Response:
        """Answers once there are `held`, `ledger` or `requests` (of `route`) of them; 408 after `timeout` seconds."""
        query = request.query_params
        route = query.get("route")

        def reached() -> bool:
            asked = sum(route in (None, entry["route"]) for entry in self.requests)
            counts = {"held": self.held, "ledger": len(self.ledger), "requests": asked}
            return all(counts[name] >= int(query[name]) for name in counts if name in query)

        try:
            async with asyncio.timeout(float(query.get("timeout", "10"))), self._changed:
                await self._changed.wait_for(reached)
        except TimeoutError:
            return JSONResponse({"reached": False}, 408)
        return JSONResponse({"reached": True})


def _scripted(fault: Fault) -> Response:
    if isinstance(fault.body, str):
        return Response(fault.body, fault.status, fault.headers)
    return JSONResponse(fault.body, fault.status, fault.headers)


def _shortened_json(request: Request, body: bytes) -> Any:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        return _shortened(json.loads(body))
    except ValueError:
        return None


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    if isinstance(value, str) and len(value) > KEPT_STRING:
        return f"<{len(value)} characters>"
    return value
