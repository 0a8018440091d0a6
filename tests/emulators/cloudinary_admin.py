"""Cloudinary's Admin API: Basic authentication and an hourly quota, told in the headers of every answer."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.emulators.base import Handler, Refusal
from tests.emulators.cloudinary_assets import IMAGE_MAX_BYTES, IMAGE_MAX_PIXELS, Store


class MakeRoute(Protocol):
    def __call__(self, path: str, handler: Handler, name: str, *methods: str) -> Route: ...


class Admin:
    """`calls` counts against the hour's quota."""

    def __init__(self, store: Store, settings: Callable[[], dict[str, Any]], invalidate: Callable[[str], None]) -> None:
        self.store, self._settings, self._invalidate = store, settings, invalidate
        self.calls = 0

    def routes(self, make: MakeRoute) -> list[Route]:
        api = "/v1_1/{cloud}"
        return [
            make(f"{api}/ping", self._guarded(self._ping), "ping"),
            make(f"{api}/usage", self._guarded(self._usage), "usage"),
            make(f"{api}/resources/image", self._guarded(self._list), "resources"),
            make(f"{api}/resources/image/upload", self._guarded(self._list), "resources"),
            make(f"{api}/resources/image/upload", self._guarded(self._delete), "delete_resources", "DELETE"),
            make(f"{api}/resources/image/upload/{{public_id:path}}", self._guarded(self._one), "resource"),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            settings = self._settings()
            pair = f"{settings['api_key']}:{settings['api_secret']}".encode()
            if request.headers.get("authorization") != f"Basic {base64.b64encode(pair).decode()}":
                return _failure(401, "Invalid credentials")
            if request.path_params["cloud"] != settings["cloud"]:
                return _failure(401, "cloud_name mismatch")
            self.calls += 1
            limit = settings["admin_limit"]
            hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            if self.calls > limit:
                told = hour.strftime("%Y-%m-%d %H:%M:%S UTC")
                answer = _failure(
                    420, f"Rate Limit Exceeded. Limit of {limit} api operations reached. Try again on {told}"
                )
            else:
                answer = await _answered(handler, request)
            answer.headers["x-featureratelimit-limit"] = str(limit)
            answer.headers["x-featureratelimit-remaining"] = str(max(0, limit - self.calls))
            answer.headers["x-featureratelimit-reset"] = format_datetime(hour, usegmt=True)
            return answer

        return guarded

    async def _ping(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _usage(self, request: Request) -> Response:
        stored = sum(len(asset.data) for asset in self.store.assets.values())
        return JSONResponse(
            {
                "plan": "Free",
                "last_updated": datetime.now(UTC).date().isoformat(),
                "storage": {"usage": stored, "credits_usage": round(stored / 2**30, 2)},
                "credits": {"usage": round(stored / 2**30, 2), "limit": 25.0, "used_percent": 0.0},
                "resources": len(self.store.assets),
                "derived_resources": 0,
                "media_limits": {
                    "image_max_size_bytes": IMAGE_MAX_BYTES,
                    "image_max_px": IMAGE_MAX_PIXELS,
                    "asset_max_total_px": 50_000_000,
                },
            }
        )

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        prefix, wanted = query.get("prefix", ""), query.getlist("public_ids[]")
        found = [
            a
            for name, a in sorted(self.store.assets.items())
            if name.startswith(prefix) and (not wanted or name in wanted)
        ]
        start, size = int(query.get("next_cursor") or 0), int(query.get("max_results") or 10)
        cloud, base_url = self._settings()["cloud"], str(request.base_url)
        answer: dict[str, Any] = {
            "resources": [asset.to_json(base_url, cloud) for asset in found[start : start + size]]
        }
        if start + size < len(found):
            answer["next_cursor"] = str(start + size)
        return JSONResponse(answer)

    async def _one(self, request: Request) -> Response:
        public_id = request.path_params["public_id"]
        if public_id not in self.store.assets:
            return _failure(404, f"Resource not found - {public_id}")
        answer = self.store.assets[public_id].to_json(str(request.base_url), self._settings()["cloud"])
        return JSONResponse({**answer, "derived": []})

    async def _delete(self, request: Request) -> Response:
        """The ids come in a JSON body, which some proxies drop from a DELETE."""
        body = await request.json()
        chosen = list(body.get("public_ids") or [])
        if "prefix" in body:
            chosen += [name for name in self.store.assets if name.startswith(body["prefix"])]
        if not chosen:
            return _failure(400, "Missing required parameter - public_ids")
        deleted = {}
        for public_id in chosen:
            deleted[public_id] = "deleted" if self.store.assets.pop(public_id, None) else "not_found"
            if body.get("invalidate"):
                self._invalidate(public_id)
        counts = {name: {"original": int(result == "deleted"), "derived": 0} for name, result in deleted.items()}
        return JSONResponse({"deleted": deleted, "deleted_counts": counts, "partial": False})


async def _answered(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal.response


def _failure(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message}}, status)
