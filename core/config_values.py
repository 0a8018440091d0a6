"""What one variable of the environment may hold, and the refusal that says what it must."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from core.errors import StartupError


@dataclass(frozen=True)
class Oidc:
    """An OpenID provider where people may sign in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str  #: as its button says it


def choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value.lower() not in choices:
        raise invalid(name, value, " | ".join(choices))
    return value.lower()


def invalid(name: str, value: str, expected: str) -> StartupError:
    return StartupError(
        f"{name}={value!r} no es válido. Se espera: {expected}.",
        f"{name}={value!r} is not valid. Expected: {expected}.",
    )


def database_url(value: str | None) -> str | None:
    if value is None:
        return None
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg2"):
        raise StartupError(
            "DATABASE_URL no es una dirección de PostgreSQL. Forma: postgresql://usuario:clave@servidor:5432/base",
            "DATABASE_URL is not a PostgreSQL address. Form: postgresql://user:password@host:5432/database",
        )
    return f"postgresql+psycopg2://{rest}"


def port(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise invalid("PORT", value, "1–65535")
    return int(value)


def http_url(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid(name, value, "https://…")
    return value.rstrip("/")


def oidc(values: Mapping[str, str]) -> Oidc | None:
    given = [name for name, value in values.items() if name.startswith("OIDC_") and value]
    if not given:
        return None
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "PUBLIC_URL"):
        if not values.get(name):
            raise StartupError(
                f"{given[0]} está puesta sin {name}. Para entrar con otro proveedor hacen falta OIDC_ISSUER,"
                " OIDC_CLIENT_ID, OIDC_CLIENT_SECRET y PUBLIC_URL.",
                f"{given[0]} is set without {name}. Signing in elsewhere takes OIDC_ISSUER, OIDC_CLIENT_ID,"
                " OIDC_CLIENT_SECRET and PUBLIC_URL.",
            )
    issuer = http_url("OIDC_ISSUER", values["OIDC_ISSUER"]) or ""
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise invalid("OIDC_ISSUER", issuer, "https://…")
    if re.search(r"login\.microsoftonline\.com/(common|organizations|consumers)(/|$)", issuer):
        raise StartupError(
            "OIDC_ISSUER vale para cualquier organización de Microsoft. Ponga la de la suya:"
            " https://login.microsoftonline.com/IDENTIFICADOR/v2.0",
            "OIDC_ISSUER stands for any organisation at Microsoft. Name your own:"
            " https://login.microsoftonline.com/TENANT-ID/v2.0",
        )
    return Oidc(
        issuer, values["OIDC_CLIENT_ID"], values["OIDC_CLIENT_SECRET"], values.get("OIDC_NAME") or provider_name(parts)
    )


def provider_name(issuer: SplitResult) -> str:
    known = {"accounts.google.com": "Google", "login.microsoftonline.com": "Microsoft"}
    return known.get(issuer.hostname or "", issuer.hostname or "")


def fetch_allow(value: str) -> frozenset[tuple[str, int]]:
    pairs = set()
    for item in filter(None, (part.strip() for part in value.split(","))):
        host, separator, port = item.rpartition(":")
        if not separator or not host or not port.isdigit():
            raise invalid("FETCH_ALLOW", item, "host:port,host:port")
        pairs.add((host.strip("[]").lower(), int(port)))
    return frozenset(pairs)


def timezone(name: str, value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError) as error:
        raise invalid(name, value, "America/Argentina/Buenos_Aires, America/Mexico_City, UTC …") from error


def locale(value: str) -> str:
    if value.split("_")[0] not in ("es", "en"):
        raise invalid("SHOP_LOCALE", value, "es_419, es_AR, es_MX, es_ES, en_US …")
    return value


def machine_timezone() -> str:
    """The zone of the machine's own clock, as Linux and macOS record it; UTC when they don't say."""
    target = str(Path("/etc/localtime").resolve())
    _, found, zone = target.partition("zoneinfo/")
    return zone if found and zone != "Etc/UTC" else "UTC"
