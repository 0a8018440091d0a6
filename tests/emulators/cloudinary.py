"""Cloudinary's Upload API and delivery. The Admin API is in `cloudinary_admin.py`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.emulators.base import Emulator, Handler, Refusal
from tests.emulators.cloudinary_admin import Admin
from tests.emulators.cloudinary_assets import Asset, BadImage, Copy, Store, converted
from tests.emulators.cloudinary_signature import digest, is_signed, string_to_sign

CLOUD, API_KEY, API_SECRET = "demo", "key1", "s3cr3t"
WINDOW = 3600  #: seconds that a signature stays good
REQUEST_LIMIT = 100 * 1024 * 1024
BAD_ID = re.compile(r"[?&#\\%<>+]|^\s|\s$|^/|/$")
TRANSFORMATION = re.compile(r"[a-z]{1,3}_[^/]+|t_[^/]+|\$[^/]+")


def error(status: int, message: str) -> Refusal:
    return Refusal(JSONResponse({"error": {"message": message}}, status, {"x-cld-error": message}))


class CloudinaryEmulator(Emulator):
    """`invalidation`: whether `invalidate` reaches the CDN (it is best effort); `admin_limit`: Admin calls an hour."""

    defaults: ClassVar[dict[str, Any]] = {
        "cloud": CLOUD,
        "api_key": API_KEY,
        "api_secret": API_SECRET,
        "algorithms": ["sha1", "sha256"],
        "signature_versions": [1, 2],
        "invalidation": True,
        "admin_limit": 500,
    }

    def service_routes(self) -> list[Route]:
        self.store = Store()
        self.admin = Admin(self.store, lambda: self.settings, self.invalidate)
        api = "/v1_1/{cloud}/{kind}"
        return [
            Route("/__assets", self._list_assets),
            Route("/__cdn", self._list_cdn),
            Route("/__cdn", self._purge_cdn, methods=["DELETE"]),
            self._signed(f"{api}/upload", self._upload, "upload"),
            self._signed(f"{api}/destroy", self._destroy, "destroy"),
            self._signed(f"{api}/rename", self._rename, "rename"),
            self._signed(f"{api}/explicit", self._explicit, "explicit"),
            *self.admin.routes(self.route),
            self.route("/res/{cloud}/image/upload/{rest:path}", self._deliver, "delivery"),
            self.route("/{cloud}/image/upload/{rest:path}", self._deliver, "delivery"),
        ]

    def forget(self) -> None:
        self.store.clear()
        self.admin.calls = 0

    def invalidate(self, public_id: str) -> None:
        if self.settings["invalidation"]:
            self.store.purge(public_id)

    # ── signed forms ────────────────────────────────────────────────────────────────────────────────────────────────

    def _signed(self, path: str, handler: Handler, name: str) -> Route:
        async def checked(request: Request) -> Response:
            if len(await request.body()) > REQUEST_LIMIT:
                page = "<html><head><title>413 Request Entity Too Large</title></head></html>"
                raise Refusal(Response(page, 413, media_type="text/html"))
            async with request.form(max_part_size=REQUEST_LIMIT) as form:
                params: dict[str, str] = {}
                for field, value in form.multi_items():
                    if isinstance(value, str):
                        key = field.removesuffix("[]")
                        params[key] = f"{params[key]},{value}" if key in params else value
                self._check(request, params)
                file = form.get("file")
                request.state.file = await file.read() if isinstance(file, UploadFile) else file
                request.state.params = params
                return await handler(request)

        return self.route(path, checked, name, "POST")

    def _check(self, request: Request, params: dict[str, str]) -> None:
        cloud, settings = request.path_params["cloud"], self.settings
        if cloud != settings["cloud"]:
            raise error(401, f"Invalid cloud_name {cloud}")
        if "signature" not in params:
            raise error(400, "Upload preset must be specified when using unsigned upload")
        if params.get("api_key") != settings["api_key"]:
            raise error(401, f"Invalid api_key {params.get('api_key')}")
        if not is_signed(params, settings["api_secret"], settings["algorithms"], settings["signature_versions"]):
            signed = string_to_sign(params, settings["signature_versions"][0])
            raise error(401, f"Invalid Signature {params['signature']}. String to sign - '{signed}'.")
        if not params.get("timestamp", "").isdigit():
            raise error(400, "Missing required parameter - timestamp")
        stamp = int(params["timestamp"])
        if time.time() - stamp > WINDOW:
            told = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
            raise error(400, f"Stale request - reported time is {told} which is more than 1 hour ago")

    def _described(self, request: Request, asset: Asset) -> dict[str, Any]:
        answer = asset.to_json(str(request.base_url), self.settings["cloud"])
        signed = string_to_sign({"public_id": asset.public_id, "version": str(asset.version)}, 1)
        answer["signature"] = digest(signed, self.settings["api_secret"], self.settings["algorithms"][0])
        answer["api_key"] = self.settings["api_key"]
        return answer

    async def _upload(self, request: Request) -> Response:
        params, data = request.state.params, _file_bytes(request.state.file)
        public_id = params.get("public_id") or secrets.token_hex(10)
        if params.get("folder"):
            public_id = f"{params['folder'].strip('/')}/{public_id}"
        if BAD_ID.search(public_id):
            raise error(400, f"public_id ({public_id}) is invalid")
        existing = self.store.assets.get(public_id)
        if existing is not None and params.get("overwrite") in ("0", "false"):
            return JSONResponse({**self._described(request, existing), "existing": True})
        try:
            asset = await run_in_threadpool(
                self.store.put,
                public_id,
                data,
                tags=[tag for tag in params.get("tags", "").split(",") if tag],
                context=_context(params.get("context", "")),
                asset_folder=params.get("asset_folder", ""),
            )
        except BadImage as bad:
            raise error(400, str(bad)) from None
        self._invalidate_if_asked(params, public_id)
        answer = self._described(request, asset)
        if existing is not None:
            answer["overwritten"] = True
        return JSONResponse(answer)

    async def _destroy(self, request: Request) -> Response:
        """Idempotent: both answers have status 200."""
        params = request.state.params
        public_id = _required(params, "public_id")
        gone = self.store.assets.pop(public_id, None) is None
        self._invalidate_if_asked(params, public_id)
        return JSONResponse({"result": "not found" if gone else "ok"})

    async def _rename(self, request: Request) -> Response:
        params = request.state.params
        old, new = _required(params, "from_public_id"), _required(params, "to_public_id")
        if old not in self.store.assets:
            raise error(404, f"Resource not found - {old}")
        if new in self.store.assets and params.get("overwrite") not in ("1", "true"):
            raise error(400, f"to_public_id {new} already exists")
        asset = self.store.rename(old, new)
        for public_id in (old, new):
            self._invalidate_if_asked(params, public_id)
        return JSONResponse(self._described(request, asset))

    async def _explicit(self, request: Request) -> Response:
        params = request.state.params
        public_id = _required(params, "public_id")
        if public_id not in self.store.assets:
            raise error(404, f"Resource not found - {public_id}")
        self._invalidate_if_asked(params, public_id)
        return JSONResponse(self._described(request, self.store.assets[public_id]))

    def _invalidate_if_asked(self, params: dict[str, str], public_id: str) -> None:
        if params.get("invalidate") in ("1", "true"):
            self.invalidate(public_id)

    # ── delivery ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _deliver(self, request: Request) -> Response:
        """The CDN answers for a URL it knows; the version in a URL chooses nothing, it only makes another URL."""
        url = request.url.path
        copy = self.store.cdn.get(url)
        hit = copy is not None
        if copy is None:
            found = (
                self._find(request.path_params["rest"])
                if request.path_params["cloud"] == self.settings["cloud"]
                else None
            )
            if found is None:
                message = f"Resource not found - {request.path_params['rest']}"
                return Response(status_code=404, headers={"x-cld-error": message.encode("ascii", "replace").decode()})
            asset, extension, transformation = found
            data, media_type = await run_in_threadpool(converted, asset, extension, transformation)
            etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
            copy = self.store.cdn[url] = Copy(asset.public_id, data, media_type, etag)
        copy.hits += 1
        headers = {
            "etag": f'"{copy.etag}"',
            "cache-control": "public, no-transform, immutable, max-age=2592000",
            "x-cache": "HIT" if hit else "MISS",
        }
        return Response(copy.data, media_type=copy.media_type, headers=headers)

    def _find(self, rest: str) -> tuple[Asset, str, str] | None:
        """`[transformation/…][v123/]public_id[.ext]` as asset, extension, transformation."""
        parts = rest.split("/")
        transformations = []
        while parts:
            name, dot, extension = "/".join(parts).rpartition(".")
            if (
                dot
                and name in self.store.assets
                and extension in ("jpg", "jpeg", "png", "webp", self.store.assets[name].format)
            ):
                return self.store.assets[name], extension, "/".join(transformations)
            if "/".join(parts) in self.store.assets:
                return self.store.assets["/".join(parts)], "", "/".join(transformations)
            if TRANSFORMATION.fullmatch(parts[0]):
                transformations.append(parts[0])
            elif not re.fullmatch(r"v\d+", parts[0]):
                return None
            parts = parts[1:]
        return None

    # ── control ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _list_assets(self, request: Request) -> Response:
        return JSONResponse([self._described(request, asset) for asset in self.store.assets.values()])

    async def _list_cdn(self, request: Request) -> Response:
        copies = self.store.cdn.items()
        return JSONResponse({url: {"public_id": c.public_id, "etag": c.etag, "hits": c.hits} for url, c in copies})

    async def _purge_cdn(self, request: Request) -> Response:
        """All of it, or `?public_id=`: what thirty days would do."""
        public_id = request.query_params.get("public_id")
        if public_id:
            self.store.purge(public_id)
        else:
            self.store.cdn.clear()
        return JSONResponse({})


def _required(params: dict[str, str], name: str) -> str:
    if not params.get(name):
        raise error(400, f"Missing required parameter - {name}")
    return params[name]


def _file_bytes(file: bytes | str | None) -> bytes:
    """A file part, or a data URI; an address to fetch is refused, since nothing here goes out."""
    if isinstance(file, bytes) and file:
        return file
    if isinstance(file, str) and file.startswith("data:"):
        try:
            return base64.b64decode(file.partition(",")[2], validate=True)
        except binascii.Error:
            raise error(400, "Invalid image file") from None
    if isinstance(file, str) and file:
        raise error(400, f"Error in loading {file} - 404 Not Found")
    raise error(400, "Missing required parameter - file")


def _context(text: str) -> dict[str, str]:
    r"""`job=1|name=a\|b`: `|` and `=` inside a value are escaped."""
    pairs = [re.split(r"(?<!\\)=", pair, maxsplit=1) for pair in re.split(r"(?<!\\)\|", text) if pair]
    return {pair[0]: re.sub(r"\\([|=])", r"\1", pair[-1]) for pair in pairs}
