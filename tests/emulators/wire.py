"""Answers that break: a connection closed before, in the middle of, or slowly during the answer.

They reach the TCP transport through `scope["state"]["transport"]`, which `server.py` puts there.
"""

from __future__ import annotations

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Cut(Response):
    """No answer at all: the client sees a closed (FIN) or reset (RST) connection."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _close(scope, receive, reset=self.reset)


class Truncated(Response):
    """The true headers, with the full content-length, and only a part of the body."""

    def __init__(self, whole: Response, fraction: float, *, reset: bool) -> None:
        super().__init__(bytes(whole.body), whole.status_code, dict(whole.headers))
        self.sent = bytes(whole.body)[: int(len(whole.body) * fraction)]
        self.reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.sent, "more_body": True})
        await _close(scope, receive, reset=self.reset)


class Trickled(Response):
    """The whole answer, in pieces: each read is quick, the sum is not."""

    def __init__(self, whole: Response, chunks: int, pause: float) -> None:
        super().__init__(bytes(whole.body), whole.status_code, dict(whole.headers))
        self.chunks, self.pause = chunks, pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)
        size = max(1, -(-len(body) // self.chunks))
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            await asyncio.sleep(self.pause)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _close(scope: Scope, receive: Receive, *, reset: bool) -> None:
    transport: asyncio.Transport = scope["state"]["transport"]
    if reset:
        # A linger time of zero makes the kernel send RST instead of FIN.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    # Returning earlier would make the server report an application that gave no answer.
    while (await receive())["type"] != "http.disconnect":
        pass
