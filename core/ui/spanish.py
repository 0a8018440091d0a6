"""The HTML document in Spanish: `lang`, our title and icon, and the script that translates what Streamlit writes itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT_PATH = "/recursos/es.js"

_CHANGES = (
    (b'<html lang="en">', b'<html lang="es">'),
    (b"<title>Streamlit</title>", b"<title>Revelado</title>"),
    # Under another name than Streamlit looks for: it would fetch each page's icon from Google.
    (b'<link rel="shortcut icon" href="./favicon.png" />', b'<link rel="icon" href="/recursos/favicon.svg" />'),
    (b"</head>", f'<script src="{SCRIPT_PATH}" defer></script></head>'.encode()),
)
#: A compressed or unchanged answer has no text to change.
_DROPPED = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}


class SpanishDocument:
    """ASGI middleware. Only navigations pass through it whole; everything else is untouched.

    `splash`: what the document's body begins with, for a request.
    """

    def __init__(self, app: ASGIApp, splash: Callable[[Scope], Awaitable[bytes]] | None = None) -> None:
        self._app = app
        self._splash = splash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or "text/html" not in Headers(scope=scope).get("accept", "")
        ):
            await self._app(scope, receive, send)
            return
        scope = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k not in _DROPPED]}
        start: Message = {}
        body: list[bytes] = []

        async def rewrite(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if not Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                    await send(message)
                    return
                start = message
            elif message["type"] == "http.response.body" and start:
                body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    await self._finish(start, await self._with_splash(b"".join(body), scope), send)
            else:
                await send(message)

        await self._app(scope, receive, rewrite)

    async def _with_splash(self, document: bytes, scope: Scope) -> bytes:
        """Only where Streamlit's page will be: the API's documentation is a document too."""
        if self._splash is None or b'<div id="root">' not in document:
            return document
        return document.replace(b"<body>", b"<body>" + await self._splash(scope), 1)

    @staticmethod
    async def _finish(start: Message, document: bytes, send: Send) -> None:
        for old, new in _CHANGES:
            document = document.replace(old, new, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(document))
        # The validators are those of the file we changed.
        del headers["etag"]
        del headers["last-modified"]
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": document})
