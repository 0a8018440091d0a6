"""The fetcher reaches public photos only: every hostile address ends before a connection is made."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import Permanent, Retryable
from core.providers import fetch_errors, fetch_target
from core.providers.safe_fetch import SafeFetcher

PHOTO = b"\xff\xd8\xff" + b"photo" * 1000

HOSTILE = [
    "http://127.0.0.1/a.jpg",
    "http://127.1/a.jpg",
    "http://localhost/a.jpg",
    "http://localhost./a.jpg",
    "http://2130706433/a.jpg",
    "http://0x7f.1/a.jpg",
    "http://0x7f000001/a.jpg",
    "http://0177.0.0.1/a.jpg",
    "http://0/a.jpg",
    "http://0.0.0.0/a.jpg",
    "http://[::1]/a.jpg",
    "http://[::]/a.jpg",
    "http://[::ffff:127.0.0.1]/a.jpg",
    "http://[::ffff:10.0.0.1]/a.jpg",
    "http://[::127.0.0.1]/a.jpg",
    "http://[64:ff9b::7f00:1]/a.jpg",
    "http://[64:ff9b:1::7f00:1]/a.jpg",
    "http://[2002:7f00:1::]/a.jpg",
    "http://[2001:0:7f00:1::1]/a.jpg",
    "http://[fe80::1]/a.jpg",
    "http://[fe80::1%25lo]/a.jpg",
    "http://[fc00::1]/a.jpg",
    "http://[fec0::1]/a.jpg",
    "http://[ff02::1]/a.jpg",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.1.2.3/a.jpg",
    "http://172.16.0.1/a.jpg",
    "http://192.168.1.1/a.jpg",
    "http://100.64.0.1/a.jpg",
    "http://192.0.2.1/a.jpg",
    "http://198.18.0.1/a.jpg",
    "http://224.0.0.1/a.jpg",
    "http://255.255.255.255/a.jpg",
    "http://①②⑦.⓪.⓪.①/a.jpg",
    "http://127。0。0。1/a.jpg",
    "http://93.184.216.34@127.0.0.1/a.jpg",
    "http://user:secret@93.184.216.34/a.jpg",
    "http://@93.184.216.34/a.jpg",
    "http://93.184.216.34:22/a.jpg",
    "http://93.184.216.34:6379/a.jpg",
    "http://93.184.216.34:99999/a.jpg",
    "http://93.184.216.34\\@127.0.0.1/a.jpg",
    "http://93.184.216.34/a.jpg\r\nHost: inside",
    "http://93.184.216.34%2f@127.0.0.1/a.jpg",
    "http://127.0.0.1%00.example.com/a.jpg",
    "http://[::1/a.jpg",
    "http:///a.jpg",
    "//127.0.0.1/a.jpg",
    "file:///etc/passwd",
    "gopher://93.184.216.34:70/_x",
    "ftp://93.184.216.34/a.jpg",
    "dict://127.0.0.1:11211/stat",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:alert(1)",
    "/etc/passwd",
    "",
]


class Site:
    """A loopback web server that counts connections. `answer` writes one response by hand."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                with contextlib.suppress(OSError):
                    answer(self)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self) -> tuple[socket.socket, object]:
                sock, address = super().get_request()
                site.connections += 1
                return (context.wrap_socket(sock, server_side=True) if context else sock), address

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.allow = frozenset({("127.0.0.1", self.port)})
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def photo(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, PHOTO)


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


class Dialer:
    """Records where the fetcher wanted to go, and goes to `site` instead."""

    def __init__(self, site: Site | None = None) -> None:
        self.dialed: list[tuple[str, int]] = []
        self._site = site

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        self.dialed.append((address, port))
        if self._site is None:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self._site.port), timeout=seconds)


def names(table: dict[str, Sequence[str]]) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: table[host]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_any_connection(url: str) -> None:
    dial = Dialer()

    def resolve(host: str, port: int) -> list[str]:
        with contextlib.suppress(OSError):
            return [str(info[4][0]) for info in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]
        return {"localhost": ["127.0.0.1"], "localhost.": ["::1"]}[host]

    with pytest.raises(Permanent):
        SafeFetcher(resolve=resolve, connect=dial).fetch(url)
    assert dial.dialed == []


def test_no_loopback_address_reaches_a_listener_without_the_allow_list() -> None:
    with Site(photo) as site:
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]"):
            with pytest.raises(Permanent):
                SafeFetcher().fetch(f"http://{host}:{site.port}/a.jpg")
        assert site.connections == 0


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_a_public_address_is_public(address: str) -> None:
    assert fetch_target.is_public(address)


def test_an_allowed_pair_may_be_loopback_and_on_an_odd_port() -> None:
    with Site(photo) as site:
        fetched = SafeFetcher(site.allow).fetch(f"{site.url}/a.jpg")
    assert (fetched.data, fetched.final_url) == (PHOTO, f"{site.url}/a.jpg")


def test_allowing_one_port_allows_no_other() -> None:
    with Site(photo) as site:
        with pytest.raises(Permanent):
            SafeFetcher(frozenset({("127.0.0.1", site.port + 1)})).fetch(f"{site.url}/a.jpg")
        assert site.connections == 0


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    dial = Dialer()
    fetcher = SafeFetcher(resolve=names({"mixed.example": ["93.184.216.34", "10.0.0.5"]}), connect=dial)
    with pytest.raises(fetch_errors.AddressNotPublic):
        fetcher.fetch("http://mixed.example/a.jpg")
    assert dial.dialed == []


def test_a_rebinding_name_is_asked_once_and_the_checked_address_is_used() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    with Site(photo) as site:
        dial = Dialer(site)
        SafeFetcher(resolve=lambda host, port: next(answers), connect=dial).fetch("http://rebind.example/a.jpg")
        assert dial.dialed == [("93.184.216.34", 80)]
        assert site.requests[0][1]["host"] == "rebind.example"
        with pytest.raises(fetch_errors.AddressNotPublic):
            SafeFetcher(resolve=lambda host, port: next(answers), connect=dial).fetch("http://rebind.example/a.jpg")
        assert len(dial.dialed) == 1


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.5/", "http://127.0.0.1/a", "file:///etc/passwd", "//169.254.169.254/latest", "http://a@8.8.8.8/"],
)
def test_a_redirect_into_the_private_network_is_refused(location: str) -> None:
    with Site(lambda handler: reply(handler, 302, Location=location)) as site:
        dial = Dialer(site)
        table = {"shop.example": ["93.184.216.34"], "10.0.0.5": ["10.0.0.5"], "127.0.0.1": ["127.0.0.1"]}
        table["169.254.169.254"] = ["169.254.169.254"]
        with pytest.raises(Permanent):
            SafeFetcher(resolve=names(table), connect=dial).fetch("http://shop.example/a.jpg")
        assert dial.dialed == [("93.184.216.34", 80)]


def test_three_redirects_are_followed_and_the_last_address_is_told() -> None:
    def hop(handler: BaseHTTPRequestHandler) -> None:
        n = int(handler.path.strip("/"))
        reply(handler, 200, PHOTO) if n == 3 else reply(handler, 301 + n, Location=f"/{n + 1}")

    with Site(hop) as site:
        assert SafeFetcher(site.allow).fetch(f"{site.url}/0").final_url == f"{site.url}/3"
        with pytest.raises(fetch_errors.TooManyRedirects):
            SafeFetcher(site.allow, max_redirects=2).fetch(f"{site.url}/0")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, fetch_errors.SourceGone),
        (410, fetch_errors.SourceGone),
        (401, fetch_errors.SourceForbidden),
        (403, fetch_errors.SourceForbidden),
        (400, fetch_errors.SourceRefused),
        (204, fetch_errors.SourceRefused),
        (304, fetch_errors.SourceRefused),
        (408, fetch_errors.SourceUnavailable),
        (423, fetch_errors.SourceUnavailable),
        (429, fetch_errors.SourceUnavailable),
        (500, fetch_errors.SourceUnavailable),
        (503, fetch_errors.SourceUnavailable),
    ],
)
def test_each_status_has_its_error(status: int, error: type[Exception]) -> None:
    with Site(lambda handler: reply(handler, status)) as site, pytest.raises(error):
        SafeFetcher(site.allow).fetch(f"{site.url}/a.jpg")


def test_a_missing_photo_is_permanent_and_a_broken_site_is_not() -> None:
    assert issubclass(fetch_errors.SourceGone, Permanent)
    assert issubclass(fetch_errors.SourceUnavailable, Retryable)


def test_a_photo_announced_too_big_is_refused_unread() -> None:
    with (
        Site(lambda handler: reply(handler, 200, b"x", Content_Length=str(10**9))) as site,
        pytest.raises(fetch_errors.SourceTooBig),
    ):
        SafeFetcher(site.allow).fetch(f"{site.url}/a.jpg")


def test_a_photo_that_grows_past_the_limit_is_cut_while_streaming() -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while sent < 50_000_000:
            sent += handler.wfile.write(b"x" * 65536)

    with Site(endless) as site, pytest.raises(fetch_errors.SourceTooBig):
        SafeFetcher(site.allow, max_bytes=200_000).fetch(f"{site.url}/a.jpg")
    assert sent < 50_000_000


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_slow_trickle_ends_at_the_total_deadline(where: str) -> None:
    stop = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        if where == "body":
            handler.send_response(200)
            handler.end_headers()
        while not stop.wait(0.02):
            handler.wfile.write(b"x")

    started = time.monotonic()
    with Site(trickle) as site:
        with pytest.raises(fetch_errors.SourceTimedOut):
            SafeFetcher(site.allow, total_seconds=0.3, connect_seconds=0.2).fetch(f"{site.url}/a.jpg")
        stop.set()
    assert time.monotonic() - started < 2


def test_a_photo_cut_half_way_may_be_tried_again() -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, 200, PHOTO, Content_Length=str(len(PHOTO) + 9))

    with Site(cut) as site, pytest.raises(fetch_errors.SourceUnreachable):
        SafeFetcher(site.allow).fetch(f"{site.url}/a.jpg")


def test_a_closed_port_and_an_unknown_name_may_be_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(fetch_errors.SourceUnreachable):
            SafeFetcher(frozenset({("127.0.0.1", port)})).fetch(f"http://127.0.0.1:{port}/a.jpg")

    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    with pytest.raises(fetch_errors.SourceUnreachable):
        SafeFetcher(resolve=unknown).fetch("http://nowhere.example/a.jpg")


def test_a_name_server_that_never_answers_ends_in_time() -> None:
    done = threading.Event()

    def silent(host: str, port: int) -> Sequence[str]:
        done.wait(10)
        return []

    with pytest.raises(fetch_errors.SourceUnreachable):
        SafeFetcher(resolve=silent, connect_seconds=0.05).fetch("http://slow.example/a.jpg")
    done.set()


def test_spaces_and_accents_in_an_address_are_encoded() -> None:
    with Site(photo) as site:
        SafeFetcher(site.allow).fetch(f" {site.url}/Árbol 1.jpg?ancho=10%25&x=ñ ")
        assert site.requests[0][0] == "/%C3%81rbol%201.jpg?ancho=10%25&x=%C3%B1"


def test_the_proxy_of_the_environment_and_cookies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    def with_cookie(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/":
            reply(handler, 302, Location="/next", Set_Cookie="id=1")
        else:
            photo(handler)

    with Site(with_cookie) as site:
        assert SafeFetcher(site.allow).fetch(site.url).data == PHOTO
        assert "cookie" not in site.requests[1][1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def tls_site(certificate: Path) -> Iterator[tuple[Site, list[str | None], ssl.SSLContext]]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    asked: list[str | None] = []
    server.sni_callback = lambda sock, name, context: asked.append(name)
    with Site(photo, server) as site:
        yield site, asked, ssl.create_default_context(cafile=str(certificate))


def test_https_checks_the_name_although_the_address_is_dialed(
    tls_site: tuple[Site, list[str | None], ssl.SSLContext],
) -> None:
    site, asked, trust = tls_site
    table = {"shop.example": ["93.184.216.34"], "other.example": ["93.184.216.34"]}
    fetcher = SafeFetcher(resolve=names(table), connect=Dialer(site), ssl_context=trust)
    assert fetcher.fetch("https://shop.example/a.jpg").data == PHOTO
    assert asked == ["shop.example"]
    with pytest.raises(fetch_errors.CertificateInvalid):
        fetcher.fetch("https://other.example/a.jpg")


def test_an_unknown_certificate_is_refused(tls_site: tuple[Site, list[str | None], ssl.SSLContext]) -> None:
    site, _, _ = tls_site
    fetcher = SafeFetcher(resolve=names({"shop.example": ["93.184.216.34"]}), connect=Dialer(site))
    with pytest.raises(fetch_errors.CertificateInvalid):
        fetcher.fetch("https://shop.example/a.jpg")
