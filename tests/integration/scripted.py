"""A loopback HTTP server that answers by a script and keeps every request, so that a second one can't hide."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Scripted:
    """`script` is used up from the left; its last reply is given for ever. `released` ends the replies that hang."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    script: deque[Callable[[Scripted, BaseHTTPRequestHandler], None]] = field(default_factory=deque)
    released: threading.Event = field(default_factory=threading.Event)

    def answers(self, *replies: Callable) -> None:
        self.script = deque(replies)


def reply(status: int, body: object, content_type: str = "application/json") -> Callable:
    """A whole answer; `body` is bytes as they are, or anything that JSON can hold."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def send(_: Scripted, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if status != 204:
            handler.send_header("Content-Type", content_type)
            handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        if status != 204:
            handler.wfile.write(data)

    return send


def cut(_: Scripted, handler: BaseHTTPRequestHandler) -> None:
    """The work is done and the connection lost before a word of the answer."""
    handler.close_connection = True


def cut_in_the_middle(_: Scripted, handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"candidates": [')
    handler.close_connection = True


def hang(server: Scripted, handler: BaseHTTPRequestHandler) -> None:
    server.released.wait(30)
    handler.close_connection = True


def trickle(server: Scripted, handler: BaseHTTPRequestHandler) -> None:
    """A byte at a time, often enough that no single read ever times out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not server.released.wait(0.05):
        handler.wfile.write(b" ")
    handler.close_connection = True


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    scripted = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            scripted.seen.append(Seen(self.command, self.path, headers, body))
            script = scripted.script
            (script.popleft() if len(script) > 1 else script[0])(scripted, self)

        do_GET = do_POST = answer  # noqa: N815 - the standard library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield scripted
    finally:
        scripted.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
