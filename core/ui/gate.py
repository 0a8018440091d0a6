"""ASGI middleware before Streamlit and our routes: headers on every answer, and what neither may be asked."""

from __future__ import annotations

import logging
import secrets
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.ui import guard

log = logging.getLogger("revelado.panel")


class SecurityHeaders:
    """For every answer of ours and of Streamlit, and for what nobody foresaw: a reference, its story in the log."""

    HEADERS = (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    )
    #: As tight as Streamlit lets it be: its page has inline scripts and styles, its components come as blobs. Pictures of
    #: the shop come from wherever the shop keeps them.
    POLICY = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data: blob: https: http:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:;"
        " frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    #: Two years, behind TLS only: an installation without it would lock its own staff out.
    TRANSPORT = ("Strict-Transport-Security", "max-age=63072000")

    def __init__(self, app: ASGIApp, *, tls: bool = False) -> None:
        self._app = app
        self._headers = (*self.HEADERS, self.TRANSPORT) if tls else self.HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in self._headers:
                    headers[name] = value
                # What sets a policy of its own, sets a stricter one.
                headers.setdefault("Content-Security-Policy", self.POLICY)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, with_headers)
        except Exception as error:
            if started:
                raise
            reference = secrets.token_hex(4)
            log.error("❌ [Panel] Error %s", reference, exc_info=error)
            answer = PlainTextResponse(f"Error interno. Avise al administrador con esta referencia: {reference}", 500)
            await answer(scope, receive, with_headers)


class Gate:
    """Streamlit lets any program on this machine connect to a page, and anybody store files or read its figures."""

    def __init__(self, app: ASGIApp, *, public_url: str | None = None) -> None:
        self._app = app
        self._public = urlsplit(public_url).netloc.lower() if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            if not self._from_our_page(Headers(scope=scope)):
                await send({"type": "websocket.close", "code": 1008})
                return
        elif scope["type"] == "http" and (refusal := await self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _from_our_page(self, headers: Headers) -> bool:
        """A browser always tells the origin of what connects, and sends our cookie also for another port's pages."""
        origin = urlsplit(headers.get("origin", "")).netloc.lower()
        return bool(origin) and origin in (headers.get("host", "").lower(), self._public)

    @staticmethod
    async def _refusal(scope: Scope) -> PlainTextResponse | None:
        path = scope["path"]
        if path == "/_stcore/metrics":
            return PlainTextResponse("", 404)
        if path.startswith("/_stcore/upload_file/") and scope["method"] != "OPTIONS":
            cookie = Headers(scope=scope).get("cookie", "")
            if await run_in_threadpool(guard.of_cookie_header, cookie) is None:
                return PlainTextResponse("Inicie sesión para enviar archivos.", 401)
        return None
