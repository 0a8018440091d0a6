"""No request body is larger than what the largest sensible request needs."""

from __future__ import annotations

from collections import deque

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.errors import failure

#: Bytes; a hundred thousand article ids are some 800 kB.
MAX_BODY = 2 * 1024 * 1024


class BodyLimit:
    """Reads the body before the application sees it, whatever Content-Length claims; 413 above MAX_BODY."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _announced(scope) > MAX_BODY:
            await _refuse(scope, receive, send)
            return
        messages: deque[Message] = deque()
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                await _refuse(scope, receive, send)
                return
            if not message.get("more_body", False):
                break

        async def replay() -> Message:
            return messages.popleft() if messages else await receive()

        await self._app(scope, replay, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = failure(413, f"La solicitud supera {MAX_BODY // 1024 // 1024} MB.", {"Connection": "close"})
    await answer(scope, receive, send)
