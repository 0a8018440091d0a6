"""Gemini's files: resumable upload, metadata, and download of what the service itself made."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.emulators.gemini_request import camel, invalid, missing_file, refuse

#: The service forgets files after two days.
LIFE = timedelta(hours=48)


@dataclass
class StoredFile:
    name: str
    media_type: str
    display_name: str
    data: bytes
    generated: bool = False
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_json(self, base_url: str) -> dict[str, Any]:
        made = self.created.isoformat().replace("+00:00", "Z")
        answer = {
            "name": self.name,
            "displayName": self.display_name,
            "mimeType": self.media_type,
            "sizeBytes": str(len(self.data)),
            "createTime": made,
            "updateTime": made,
            "expirationTime": (self.created + LIFE).isoformat().replace("+00:00", "Z"),
            "sha256Hash": base64.b64encode(hashlib.sha256(self.data).hexdigest().encode()).decode(),
            "uri": f"{base_url}v1beta/{self.name}",
            "state": "ACTIVE",
            "source": "GENERATED" if self.generated else "UPLOADED",
        }
        if self.generated:
            answer["downloadUri"] = f"{base_url}v1beta/{self.name}:download?alt=media"
        return answer


@dataclass
class _Upload:
    file: StoredFile
    expected: int
    received: bytearray = field(default_factory=bytearray)


class FileStore:
    """All handlers of `files`; `read` is what generateContent and the batches open files with."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._uploads: dict[str, _Upload] = {}

    def clear(self) -> None:
        self._files.clear()
        self._uploads.clear()

    def read(self, name: str) -> bytes | None:
        stored = self._files.get(name)
        return stored.data if stored else None

    def put_generated(self, name: str, data: bytes) -> None:
        self._files[name] = StoredFile(name, "application/jsonl", "", data, generated=True)

    async def start(self, request: Request) -> Response:
        """The upload URL is on this very host: a client goes where it is sent, whatever its own base URL."""
        headers = request.headers
        if headers.get("x-goog-upload-protocol") != "resumable" or headers.get("x-goog-upload-command") != "start":
            raise invalid("Only the resumable upload protocol is supported.")
        given = camel(await request.json() if await request.body() else {}).get("file", {})
        name = given.get("name") or f"files/{secrets.token_hex(6)}"
        if name in self._files:
            raise refuse(409, "ALREADY_EXISTS", f"File {name} already exists.")
        kind = given.get("mimeType") or headers.get("x-goog-upload-header-content-type", "application/octet-stream")
        upload_id = secrets.token_urlsafe(24)
        file = StoredFile(name, kind, given.get("displayName") or headers.get("x-goog-upload-file-name", ""), b"")
        self._uploads[upload_id] = _Upload(file, int(headers.get("x-goog-upload-header-content-length", "0")))
        url = request.url.include_query_params(upload_id=upload_id, upload_protocol="resumable")
        return Response(headers={"x-goog-upload-url": str(url), "x-goog-upload-status": "active"})

    async def chunk(self, request: Request) -> Response:
        """Without an API key: the address is the permission."""
        upload_id = request.query_params["upload_id"]
        upload = self._uploads.get(upload_id)
        if upload is None:
            raise refuse(404, "NOT_FOUND", "Upload session not found.")
        if int(request.headers.get("x-goog-upload-offset", "0")) != len(upload.received):
            raise invalid("Upload offset does not match the bytes received.")
        upload.received += await request.body()
        if "finalize" not in request.headers.get("x-goog-upload-command", ""):
            return Response(headers={"x-goog-upload-status": "active"})
        if len(upload.received) != upload.expected:
            raise invalid("The upload is not of the size announced.")
        del self._uploads[upload_id]
        upload.file.data = bytes(upload.received)
        self._files[upload.file.name] = upload.file
        body = {"file": upload.file.to_json(str(request.base_url))}
        return JSONResponse(body, headers={"x-goog-upload-status": "final"})

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._found(request).to_json(str(request.base_url)))

    async def list(self, request: Request) -> Response:
        files = [file.to_json(str(request.base_url)) for file in self._files.values()]
        return JSONResponse(page(request, "files", files))

    async def delete(self, request: Request) -> Response:
        del self._files[self._found(request).name]
        return JSONResponse({})

    async def download(self, request: Request) -> Response:
        stored = self._found(request)
        if not stored.generated:
            raise invalid(f"File {stored.name} is not downloadable: only generated files are.")
        return Response(stored.data, media_type=stored.media_type)

    def _found(self, request: Request) -> StoredFile:
        name = f"files/{request.path_params['id']}"
        if name not in self._files:
            raise missing_file(name)
        return self._files[name]


def page(request: Request, key: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of a list call: `pageSize` (50 at most unless told) from `pageToken` on."""
    start = int(request.query_params.get("pageToken") or 0)
    size = int(request.query_params.get("pageSize") or 50)
    answer: dict[str, Any] = {key: items[start : start + size]} if items else {}
    if start + size < len(items):
        answer["nextPageToken"] = str(start + size)
    return answer
