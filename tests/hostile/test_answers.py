"""What the web process answers to anybody, over plain HTTP: headers, refusals, and never how it is made inside."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from websockets.exceptions import InvalidStatus

from core.access.actors import Role
from core.ui.gate import Gate, SecurityHeaders
from tests.browser.conftest import RunningPanel
from tests.hostile.conftest import Visit
from tests.hostile.tab import tab

#: Method, path, header: what people ask for, and what only an attacker does.
ASKED = [
    ("GET", "/", ""),
    ("GET", "/historial", ""),
    ("GET", "/pages/home.py", ""),
    ("GET", "/..%2f.env", ""),
    ("GET", "/%00", ""),
    ("GET", "/" + "a" * 20_000, ""),
    ("POST", "/", ""),
    ("TRACE", "/", ""),
    ("GET", "/healthz", ""),
    ("GET", "/fotos/x.jpg", ""),
    ("GET", "/fotos/%00.jpg?w=96", "Cookie: sid=x"),
    ("GET", "/fotos/x.jpg?e=9&s=%ff", ""),
    ("GET", "/fotos/x.jpg?e=99999999999999999999&s=x", ""),
    ("GET", "/exportar/historial.csv", 'Cookie: sid="\\000"'),
    ("GET", "/exportar/historial.csv", "Cookie: sid=\xff"),
    ("GET", "/vivo/progreso?lotes=%00", "Cookie: sid=x"),
    ("GET", "/vivo/..%2fhealthz", ""),
    ("GET", "/exportar/..%2f..%2fcore/config.py", ""),
    ("GET", "/recursos/..%2f..%2fcore/config.py", ""),
    ("GET", "/recursos/%00", ""),
    ("GET", "/recursos/es.js", ""),
    ("GET", "/media/x", ""),
    ("GET", "/component/x/..%2f..%2fapp.py", ""),
    ("GET", "/_stcore/health", ""),
    ("GET", "/_stcore/host-config", ""),
    ("POST", "/_stcore/agent/interact", ""),
    ("PUT", "/_stcore/upload_file/a/b", ""),
    ("GET", "/api/docs", 'Cookie: sid="\\000"'),
    ("GET", "/api/articulos", "Authorization: Bearer \xff"),
    ("GET", "/api/articulos?limit=%00", ""),
    ("POST", "/api/auth/login", "Content-Type: application/json"),
    ("DELETE", "/api/nada", ""),
    ("POST", "/auth/sesion", "X-Revelado: 1"),
    ("POST", "/auth/salir", 'Cookie: sid="\\000"\r\nX-Revelado: 1'),
]
INSIDE = (b"Traceback", b'File "', b".py", b"site-packages", b"sqlalchemy", b"psycopg", b"SELECT ")
#: Each sends a body that grows past what any request needs.
LARGE = ("/auth/sesion", "/auth/salir", "/api/auth/login", "/api/articulos/batch-process-images")


@pytest.mark.timeout(120)
def test_every_answer_has_the_headers_and_none_tells_how_it_is_made(panel: RunningPanel, visit: Visit) -> None:
    for method, path, more in ASKED:
        status, headers, body = ask(panel, method, path, more)
        assert status < 500, (method, path)
        assert headers.get("x-content-type-options") == "nosniff", (method, path)
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers, "it would lock out an installation without TLS"
        if status >= 400:
            assert not any(word in body for word in INSIDE), (method, path, body[:300])

    for path in LARGE:
        assert endless_post(panel, path) in (204, 401, 403, 413), path
    assert ask(panel, "GET", "/_stcore/metrics")[0] == 404
    for method in ("PUT", "DELETE"):
        assert ask(panel, method, "/_stcore/upload_file/a/b")[0] == 401, "a stranger stores nothing here"

    # A page of another port of this machine is the same site to a browser: it would send our cookie along.
    cookie = visit(Role.ADMIN).cookie
    for origin in (
        None,
        "null",
        "http://malo.test",
        f"{panel.url}1",
        "http://localhost:1",
        "https://malo.test@127.0.0.1",
    ):
        with pytest.raises(InvalidStatus) as refused, tab(panel.url, cookie, origin=origin):
            pass
        assert refused.value.response.status_code == 403
    with tab(panel.url, cookie) as own:
        assert "Inicio" in own.open("inicio")
        # What the page may send is checked against the cookie of the same visit.
        session = next(m.new_session.initialize.session_id for m in own.received if m.HasField("new_session"))
        upload = f"/_stcore/upload_file/{session}/x"
        assert ask(panel, "PUT", upload, f"Cookie: sid={cookie}")[0] == 403
        assert ask(panel, "PUT", upload, f"Cookie: sid={cookie}; _streamlit_xsrf=x\r\nX-Xsrftoken: y")[0] == 403


def test_what_nobody_foresaw_is_answered_with_a_reference_and_the_headers(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_request: Request) -> Response:
        raise RuntimeError("detalle interno")

    inner = Starlette(routes=[Route("/", broken)], middleware=[Middleware(SecurityHeaders, tls=True)])
    with TestClient(inner) as client:
        answer = client.get("/")
    assert answer.status_code == 500
    assert "interno." in answer.text and "detalle" not in answer.text
    assert answer.text[-8:] in caplog.text and "detalle interno" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


def test_behind_a_proxy_the_public_address_counts_as_our_own() -> None:
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket, WebSocketDisconnect

    async def accept(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    inner = Starlette(
        routes=[WebSocketRoute("/x", accept)], middleware=[Middleware(Gate, public_url="https://fotos.test")]
    )
    with TestClient(inner) as client:
        for origin, allowed in (("https://fotos.test", True), ("https://otra.test", False)):
            try:
                with client.websocket_connect("/x", headers={"Origin": origin, "Host": "interno:8501"}):
                    assert allowed, origin
            except WebSocketDisconnect:
                assert not allowed, origin


def ask(panel: RunningPanel, method: str, path: str, more: str = "") -> tuple[int, dict[str, str], bytes]:
    """Byte for byte as written: a client library would tidy up what an attacker sends."""
    length = "" if method in ("GET", "TRACE") else "Content-Length: 0\r\n"
    lines = f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(panel.url).netloc}\r\nConnection: close\r\n{length}"
    with socket.create_connection(("127.0.0.1", urlsplit(panel.url).port or 0), 10) as connection:
        connection.sendall((lines + (f"{more}\r\n" if more else "") + "\r\n").encode("latin-1"))
        head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
    return int(first.split()[1]), headers, body


def endless_post(panel: RunningPanel, path: str) -> int:
    """The status that comes before 64 MB are sent."""
    with socket.create_connection(("127.0.0.1", urlsplit(panel.url).port or 0), 10) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Revelado: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(64 * 16):
            try:
                connection.settimeout(5)
                connection.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
                connection.settimeout(0.002)
                return int(connection.recv(100).split()[1])
            except TimeoutError:
                continue
            except OSError:
                return 413
    raise AssertionError(f"{path} reads on and on")
