"""A plain web server of photos, as any shop's old site: whatever bytes a test registers, at `/photos/<name>`."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.emulators.base import Emulator


@dataclass(frozen=True)
class Photo:
    data: bytes
    media_type: str


class PhotoServer(Emulator):
    """Its one route is called `photo`."""

    def service_routes(self) -> list[Route]:
        self.photos: dict[str, Photo] = {}
        return [
            Route("/__photos", self._list),
            Route("/__photos/{name:path}", self._put, methods=["PUT"]),
            Route("/__photos/{name:path}", self._delete, methods=["DELETE"]),
            self.route("/photos/{name:path}", self._serve, "photo"),
        ]

    def forget(self) -> None:
        self.photos.clear()

    def add(self, name: str, data: bytes, media_type: str = "") -> None:
        self.photos[name] = Photo(data, media_type or mimetypes.guess_type(name)[0] or "application/octet-stream")

    async def _serve(self, request: Request) -> Response:
        photo = self.photos.get(request.path_params["name"])
        if photo is None:
            return Response("Not Found", 404, media_type="text/plain")
        return Response(photo.data, headers={"content-type": photo.media_type})

    async def _list(self, request: Request) -> Response:
        return JSONResponse({name: len(photo.data) for name, photo in self.photos.items()})

    async def _put(self, request: Request) -> Response:
        """The body is the photo, and the content-type is served as it was given, true or not."""
        self.add(request.path_params["name"], await request.body(), request.headers.get("content-type", ""))
        return JSONResponse({"url": f"{request.base_url}photos/{request.path_params['name']}"})

    async def _delete(self, request: Request) -> Response:
        self.photos.pop(request.path_params["name"], None)
        return JSONResponse({})
