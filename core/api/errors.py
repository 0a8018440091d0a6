"""Every failure in the contract's one shape, `{"success": false, "message": …}`, in Spanish and with the right status."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.access import audit
from core.access.actors import Actor
from core.access.api_tokens import TooManyCalls
from core.access.harm import NeedsAdministrator
from core.access.throttle import SignInLocked
from core.bootstrap import App
from core.db.engine import is_passing
from core.errors import AppError, NotAllowed

log = logging.getLogger("revelado.api")

_HTTP = {
    400: "La solicitud no se entiende.",
    404: "No existe esta dirección de la API.",
    405: "Esta dirección de la API no admite este método.",
}

#: What pydantic found → what is wrong, in Spanish; `{…}` are pydantic's own parameters.
_PROBLEMS = {
    "missing": "falta",
    "json_invalid": "no es JSON válido",
    "string_too_short": "está vacío",
    "string_too_long": "admite como mucho {max_length} caracteres",
    "too_short": "debe tener al menos {min_length} elemento(s)",
    "too_long": "debe tener como mucho {max_length} elementos",
    "greater_than_equal": "debe ser {ge} o más",
    "less_than_equal": "debe ser {le} o menos",
}
_PROBLEM_KINDS = {
    "int": "debe ser un número entero",
    "bool": "debe ser true o false",
    "string": "debe ser un texto",
    "list": "debe ser una lista",
    "model": "debe ser un objeto JSON (con Content-Type: application/json)",
    "dict": "debe ser un objeto JSON (con Content-Type: application/json)",
}


def failure(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"success": False, "message": message}, status, headers)


def install(api: FastAPI) -> None:
    @api.exception_handler(AppError)
    def app_error(request: Request, error: AppError) -> JSONResponse:
        headers = {}
        actor: Actor | None = getattr(request.state, "actor", None)
        if actor is not None and isinstance(error, NotAllowed | NeedsAdministrator):
            app: App = request.app.state.app
            audit.refusal(app.engine, actor, f"{request.method} {request.url.path}")
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if isinstance(error, SignInLocked | TooManyCalls):
            headers["Retry-After"] = str(error.seconds)
        return failure(error.status, error.text, headers)

    @api.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return failure(422, "; ".join(_problem(found) for found in error.errors()[:5]) + ".")

    @api.exception_handler(HTTPException)
    def http_error(_: Request, error: HTTPException) -> JSONResponse:
        return failure(
            error.status_code, _HTTP.get(error.status_code, "La solicitud no se pudo atender."), error.headers
        )

    api.add_middleware(Unexpected)


class Unexpected:
    """What nobody foresaw: a reference in the answer, the whole story under it in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await _answer(error)(scope, receive, send)


def _answer(error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    log.error("❌ [API] Error %s", reference, exc_info=error)
    if isinstance(error, PoolExhausted) or (isinstance(error, DBAPIError) and is_passing(error)):
        message = "La base de datos no responde. Vuelva a probar en un momento."
        return failure(503, message, {"Retry-After": "5"})
    return failure(500, f"Error interno. Avise al administrador con esta referencia: {reference}")


def _problem(found: Mapping[str, Any]) -> str:
    kind: str = found["type"]
    pattern = _PROBLEMS.get(kind) or _PROBLEM_KINDS.get(kind.split("_")[0], "no es válido")
    return f"{_place(found['loc'])}: {pattern.format(**found.get('ctx', {}))}"


def _place(location: Sequence[str | int]) -> str:
    """("body", "articuloIds", 3) → articuloIds[3]"""
    names = [part for part in location if isinstance(part, str)][1:]
    indexes = [f"[{part}]" for part in location if isinstance(part, int)]
    return "".join([names[-1], *indexes]) if names else "cuerpo"
