"""Mercado Libre's diagnosis of pictures: it opens the picture, given as an address or in base64, and looks at it."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any, ClassVar

import urllib3
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.emulators.base import Emulator, Refusal

TOKEN = "APP_USR-emulated"
WORDINGS = {
    "white_background": ("El fondo no es blanco puro.", "Usa un fondo blanco creado con un editor."),
    "minimum_size": ("La foto es muy chica.", "Sube una foto de al menos 500 x 500 px."),
    "text_logo": ("La foto tiene textos o logos.", "Quita los textos y logos agregados."),
    "watermark": ("La foto tiene marcas de agua.", "Sube una foto sin marcas de agua."),
}


def refusal(status: int, message: str, error: str) -> Refusal:
    return Refusal(JSONResponse({"message": message, "error": error, "status": status, "cause": []}, status))


class MercadoLibreEmulator(Emulator):
    """`seen`: what it says to see in any picture beside what it measures (`text_logo`, `watermark`)."""

    defaults: ClassVar[dict[str, Any]] = {"token": TOKEN, "seen": []}

    def service_routes(self) -> list[Route]:
        return [self.route("/moderations/pictures/diagnostic", self._diagnose, "diagnostic", "POST")]

    async def _diagnose(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.settings['token']}":
            raise refusal(401, "invalid access token", "unauthorized")
        body = await request.json()
        context = body.get("context") or {}
        if not context.get("category_id"):
            raise refusal(400, "context.category_id is required", "bad_request")
        picture = await run_in_threadpool(_opened, str(body.get("picture_url") or ""))
        names = [*_measured(picture), *self.settings["seen"]]
        detections = [
            {"name": name, "wordings": [{"kind": kind, "value": text} for kind, text in _pairs(name)]} for name in names
        ]
        kinds = (
            [context["picture_type"]] if "picture_type" in context else ["thumbnail", "variation_thumbnail", "other"]
        )
        diagnostics = [
            {"picture_type": kind, "action": "diagnostic" if names else "empty", "detections": detections}
            for kind in kinds
        ]
        return JSONResponse({"id": body.get("id", "f0b6198b-a4ef-4291-82a5-41956e0af96e"), "diagnostics": diagnostics})


def _pairs(name: str) -> list[tuple[str, str]]:
    return list(zip(("reason", "remedy"), WORDINGS[name], strict=True))


def _opened(picture: str) -> Image.Image:
    try:
        if picture.startswith("http"):
            data = urllib3.request("GET", picture, retries=False, timeout=5).data
        else:
            data = base64.b64decode(picture, validate=True)
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (urllib3.exceptions.HTTPError, binascii.Error, OSError):
        raise refusal(400, "the picture could not be downloaded", "bad_request") from None


def _measured(picture: Image.Image) -> list[str]:
    corners = [(x, y) for x in (0, picture.width - 1) for y in (0, picture.height - 1)]
    found = {
        "white_background": any(min(picture.getpixel(corner)) < 250 for corner in corners),
        "minimum_size": min(picture.size) < 500,
    }
    return [name for name, is_so in found.items() if is_so]
