"""An address that somebody typed, read without trust: what it names, and whether that is out on the Internet."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from core.providers.fetch_errors import AddressInvalid

DEFAULT_PORTS = {"http": 80, "https": 443}
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


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


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            return "%" not in host and ipaddress.ip_address(host).version == 6
        except ValueError:
            return False
    return len(host) <= 253 and HOST_NAME.fullmatch(host) is not None
