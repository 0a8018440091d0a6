"""Gets a photo from an address that somebody typed: never from inside our own network, never without limits.

Every address a name resolves to is checked, and the socket is opened to the checked address itself, so that a second
answer of the name server (rebinding) changes nothing. Plain sockets, because a hard deadline needs to shut them from
outside: a timeout per read lets a server trickle one byte a second for ever.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from core.errors import Permanent, ServiceTrouble
from core.providers.ports import Fetched

#: name, port → addresses as text. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]
#: address, port, timeout in seconds → a connected socket. Raises OSError.
Connect = Callable[[str, int, float], socket.socket]

CHUNK = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRYABLE = frozenset({408, 423, 425, 429})
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressInvalid(Permanent):
    code = "address_invalid"
    message = "La dirección de la foto no es válida. Debe empezar con http:// o https://. Corríjala en el artículo."


class AddressNotPublic(Permanent):
    code = "address_not_public"
    message = (
        "La foto está en «{host}», que no es una dirección pública, así que no se descargó. "
        "Publíquela en Internet o pida a un administrador que permita esa dirección."
    )


class SourceGone(Permanent):
    code = "source_gone"
    message = "La foto ya no existe en su dirección (respuesta {status}). Cargue otra foto en el artículo."


class SourceForbidden(Permanent):
    code = "source_forbidden"
    message = "El sitio de la foto no permite descargarla (respuesta {status}). Cargue la foto en otro lugar."


class SourceRefused(Permanent):
    code = "source_refused"
    message = "El sitio de la foto dio una respuesta inesperada ({status}). Abra la dirección y revise si hay una foto."


class SourceTooBig(Permanent):
    code = "source_too_big"
    message = "La foto pesa más de {megabytes} MB. Redúzcala y vuelva a cargarla."


class TooManyRedirects(Permanent):
    code = "too_many_redirects"
    message = "La dirección de la foto lleva a otra, y esa a otra, sin llegar a una foto. Corríjala en el artículo."


class CertificateInvalid(Permanent):
    code = "certificate_invalid"
    message = "El certificado de seguridad de «{host}» no es válido. Avise a quien administra ese sitio."


class SourceUnavailable(ServiceTrouble):
    code = "source_unavailable"
    message = "El sitio de la foto no está disponible (respuesta {status}). Se vuelve a intentar solo."


class SourceUnreachable(ServiceTrouble):
    code = "source_unreachable"
    message = "No se pudo conectar con «{host}» para descargar la foto. Se vuelve a intentar solo."


class SourceTimedOut(ServiceTrouble):
    code = "source_timed_out"
    message = "La foto tardó más de {seconds} s en llegar. Se vuelve a intentar solo."


@dataclass(frozen=True)
class Target:
    """A checked way to one address on the web."""

    scheme: str
    host: str  #: lower case, ASCII, without brackets
    port: int
    path: str  #: with the query, percent-encoded

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"


def parse(url: str, allow: frozenset[tuple[str, int]]) -> Target:
    """Raises AddressInvalid unless http(s), without user or password, on its usual port or one of `allow`."""
    url = url.strip()
    if len(url) > 4096 or "\\" in url or any(ord(c) < 0x20 or ord(c) == 0x7F for c in url):
        raise AddressInvalid
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = parts.port if parts.port is not None else DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:  # UnicodeError is one
        raise AddressInvalid from None
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc or not _is_host(host):
        raise AddressInvalid
    if port not in DEFAULT_PORTS.values() and (host, port) not in allow:
        raise AddressInvalid
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path)


def is_public(address: str) -> bool:
    """Whether an IP address is out on the Internet, looking through IPv6 wrappings of IPv4."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip.ipv4_mapped is not None:
        return is_public(str(ip.ipv4_mapped))
    if ip in NAT64:
        return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    inner = [ip.sixtofour, *(ip.teredo or ())]
    return ip in GLOBAL_UNICAST and ip.is_global and all(is_public(str(v4)) for v4 in inner if v4 is not None)


class SafeFetcher:
    """A `Fetcher`. `allow` holds (host, port) pairs that may be private or on odd ports; empty on the Internet."""

    def __init__(
        self,
        allow: frozenset[tuple[str, int]] = frozenset(),
        max_bytes: int = 20 * 1024 * 1024,
        total_seconds: float = 20,
        connect_seconds: float = 5,
        max_redirects: int = 3,
        *,
        resolve: Resolve | None = None,
        connect: Connect | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = allow
        self._max_bytes = max_bytes
        self._total_seconds = total_seconds
        self._connect_seconds = connect_seconds
        self._max_redirects = max_redirects
        self._resolve = resolve or _resolve
        self._connect = connect or _connect
        self._ssl = ssl_context or ssl.create_default_context()

    def fetch(self, url: str) -> Fetched:
        """The bytes at `url`, after at most `max_redirects` hops, each checked like the first."""
        deadline = time.monotonic() + self._total_seconds
        for _ in range(self._max_redirects + 1):
            target = parse(url, self._allow)
            answer = self._get(target, deadline)
            if isinstance(answer, bytes):
                return Fetched(answer, url.strip())
            url = urljoin(url.strip(), answer.location)
        raise TooManyRedirects

    def _get(self, target: Target, deadline: float) -> bytes | _Redirect:
        try:
            with self._open(target, deadline) as connection:
                connection.putrequest("GET", target.path, skip_host=True, skip_accept_encoding=True)
                connection.putheader("Host", target.host_header)
                connection.putheader("User-Agent", "Mozilla/5.0 (compatible; Revelado)")
                connection.putheader("Accept", "image/jpeg,image/png,image/webp;q=0.9,*/*;q=0.5")
                connection.putheader("Accept-Encoding", "identity")
                connection.endheaders()
                with connection.getresponse() as response:
                    answer = self._read(response, deadline)
        except ssl.SSLCertVerificationError:
            raise CertificateInvalid(host=target.host) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._left(deadline)
            raise SourceUnreachable(host=target.host) from error
        # A shut socket reads like the end of the file: only the clock tells a whole photo from a cut one.
        self._left(deadline)
        return answer

    @contextlib.contextmanager
    def _open(self, target: Target, deadline: float) -> Iterator[http.client.HTTPConnection]:
        raw = self._dial(target, deadline)
        with raw, _shut_at(raw, self._left(deadline)):
            sock = self._ssl.wrap_socket(raw, server_hostname=target.host) if target.scheme == "https" else raw
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = sock
            try:
                yield connection
            finally:
                connection.close()

    def _dial(self, target: Target, deadline: float) -> socket.socket:
        addresses = _within(min(self._connect_seconds, self._left(deadline)), self._resolve, target)
        trusted = (target.host, target.port) in self._allow
        if not addresses or not (trusted or all(is_public(address) for address in addresses)):
            raise AddressNotPublic(host=target.host)
        failure: OSError | None = None
        for address in addresses[:4]:
            try:
                return self._connect(address, target.port, min(self._connect_seconds, self._left(deadline)))
            except OSError as error:
                failure = error
        raise SourceUnreachable(host=target.host) from failure

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes | _Redirect:
        status = response.status
        if status in REDIRECTS and (location := response.headers.get("Location")):
            return _Redirect(location.encode("latin-1", "replace").decode("utf-8", "replace"))
        if status != 200:
            raise _refusal(status)
        if (response.length or 0) > self._max_bytes:
            raise self._too_big()
        data = bytearray()
        while chunk := response.read(CHUNK):
            data += chunk
            if len(data) > self._max_bytes:
                raise self._too_big()
            self._left(deadline)
        if response.length:  # `read(n)` ends quietly when the connection is cut
            raise http.client.IncompleteRead(b"", response.length)
        return bytes(data)

    def _left(self, deadline: float) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise SourceTimedOut(seconds=round(self._total_seconds))
        return left

    def _too_big(self) -> SourceTooBig:
        return SourceTooBig(megabytes=self._max_bytes // (1024 * 1024))


@dataclass(frozen=True)
class _Redirect:
    location: str


def _refusal(status: int) -> Permanent | ServiceTrouble:
    if status in (404, 410):
        return SourceGone(status=status)
    if status in (401, 403):
        return SourceForbidden(status=status)
    if status in RETRYABLE or status >= 500:
        return SourceUnavailable(status=status)
    return SourceRefused(status=status)


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            return "%" not in host and ipaddress.ip_address(host).version == 6
        except ValueError:
            return False
    return len(host) <= 253 and HOST_NAME.fullmatch(host) is not None


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def _connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


def _within(seconds: float, resolve: Resolve, target: Target) -> Sequence[str]:
    """`resolve` with a limit: the system's own has none. The thread left behind ends with the system's patience."""
    box: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def run() -> None:
        try:
            box.put(resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            box.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        answer = box.get(timeout=seconds)
    except queue.Empty:
        raise SourceUnreachable(host=target.host) from None
    if isinstance(answer, OSError):
        raise SourceUnreachable(host=target.host) from answer
    return answer


@contextlib.contextmanager
def _shut_at(raw: socket.socket, seconds: float) -> Iterator[None]:
    """Shuts the connection after `seconds`, whatever it is doing. Works on a copy: TLS takes the original over."""
    copy = raw.dup()

    def shut() -> None:
        with contextlib.suppress(OSError):
            copy.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        copy.close()
