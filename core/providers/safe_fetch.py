"""Gets a photo from an address that somebody typed: never from inside our own network, never without limits.

Every address a name resolves to is checked, and the socket is opened to the checked address itself, so that a second
answer of the name server (rebinding) changes nothing. Plain sockets, because a hard deadline needs to shut them from
outside: a timeout per read lets a server trickle one byte a second for ever.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from core.errors import Permanent, ServiceTrouble
from core.providers.fetch_errors import (
    AddressNotPublic,
    CertificateInvalid,
    SourceForbidden,
    SourceGone,
    SourceRefused,
    SourceTimedOut,
    SourceTooBig,
    SourceUnavailable,
    SourceUnreachable,
    TooManyRedirects,
)
from core.providers.fetch_target import Target, is_public, parse
from core.providers.ports import Fetched

#: name, port → addresses as text. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]
#: address, port, timeout in seconds → a connected socket. Raises OSError.
Connect = Callable[[str, int, float], socket.socket]

CHUNK = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRYABLE = frozenset({408, 423, 425, 429})


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
