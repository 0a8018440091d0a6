"""The only reader of the environment: `.env` and variables in, one frozen `Settings` out, or a clear refusal."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from core.errors import StartupError

#: The table of models and prices is in `core.money.prices`; only the name lives here.
DEFAULT_GEMINI_MODEL = "gemini-nano-banana-2.1"
MIN_PASSWORD = 12

#: Set by the supervisor for its own children; not a setting.
SUPERVISED = os.environ.get("REVELADO_SUPERVISED") == "1"

SECRETS = frozenset({
    "ADMIN_PASSWORD", "CLOUDINARY_URL", "DATABASE_OWNER_URL", "DATABASE_URL", "GEMINI_API_KEY", "MERCADO_LIBRE_TOKEN",
    "OIDC_CLIENT_SECRET",
})  # fmt: skip
NAMES = SECRETS | {
    "ADMIN_EMAIL", "DATA_DIR", "FETCH_ALLOW", "GEMINI_MODEL", "GOOGLE_GEMINI_BASE_URL", "IMAGE_EDITOR", "IMAGE_HOST",
    "LEGACY_IMAGE_BASE_URL", "LEGACY_TIMEZONE", "LOG_FORMAT", "OIDC_CLIENT_ID", "OIDC_ISSUER", "OIDC_NAME", "PORT",
    "PUBLIC_URL", "SHOP_LOCALE", "SHOP_TIMEZONE",
}  # fmt: skip
#: A variable of these families that we don't know is a mistake, never somebody else's.
FAMILIES = ("ADMIN_", "CLOUDINARY_", "GEMINI_", "LEGACY_", "MERCADO_LIBRE_", "OIDC_", "SHOP_")


@dataclass(frozen=True)
class Oidc:
    """An OpenID provider where people may sign in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str  #: as its button says it


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. What staff tune lives in the database (`core.settings`)."""

    database_url: str | None = field(repr=False)  #: None: the embedded server
    database_owner_url: str | None = field(repr=False)  #: migrates; None: whoever `database_url` names does
    data_dir: Path
    port: int
    public_url: str | None
    admin_email: str | None
    admin_password: str | None = field(repr=False)
    gemini_api_key: str | None = field(repr=False)
    gemini_model: str
    gemini_base_url: str | None
    cloudinary_url: str | None = field(repr=False)
    editor: Literal["gemini", "local"]
    host: Literal["cloudinary", "local"]
    fetch_allow: frozenset[tuple[str, int]]
    legacy_timezone: str
    legacy_image_base_url: str | None
    shop_locale: str
    shop_timezone: str
    mercado_libre_token: str | None = field(repr=False)  #: None: pictures aren't shown to Mercado Libre
    oidc: Oidc | None  #: None: people sign in with passwords alone
    log_format: Literal["text", "json"]

    @property
    def secrets(self) -> frozenset[str]:
        """The words that may appear nowhere: keys, and the passwords inside addresses."""
        found = {self.gemini_api_key, self.mercado_libre_token, self.admin_password}
        found.add(self.oidc.client_secret if self.oidc else None)
        for url in (self.database_url, self.database_owner_url, self.cloudinary_url):
            parts = urlsplit(url or "")
            if parts.password and parts.password != parts.username:
                found |= {parts.password, unquote(parts.password)}
        # A shorter one would blot out ordinary words, and is no secret.
        return frozenset(secret for secret in found if secret and len(secret) >= 6)


def load(environ: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Reads `.env`, then the environment over it. Raises StartupError naming the variable and the fix."""
    from_file = {k: v for k, v in dotenv_values(env_file).items() if v is not None} if env_file.exists() else {}
    from_env = dict(os.environ if environ is None else environ)
    _refuse_unknown(from_file, from_env)
    values = {name: value for name in NAMES if (value := _value(name, {**from_file, **from_env}))}

    database_url = _database_url(values.get("DATABASE_URL"))
    settings = Settings(
        database_url=database_url,
        database_owner_url=_database_url(values.get("DATABASE_OWNER_URL")),
        data_dir=Path(values.get("DATA_DIR", ".data")).expanduser().absolute(),
        port=_port(values.get("PORT", "8501")),
        public_url=_http_url("PUBLIC_URL", values.get("PUBLIC_URL")),
        admin_email=values.get("ADMIN_EMAIL"),
        admin_password=values.get("ADMIN_PASSWORD"),
        gemini_api_key=values.get("GEMINI_API_KEY"),
        gemini_model=values.get("GEMINI_MODEL", DEFAULT_GEMINI_MODEL),
        gemini_base_url=_http_url("GOOGLE_GEMINI_BASE_URL", values.get("GOOGLE_GEMINI_BASE_URL")),
        cloudinary_url=values.get("CLOUDINARY_URL"),
        editor="gemini" if _remote("IMAGE_EDITOR", "gemini", "GEMINI_API_KEY", values) else "local",
        host="cloudinary" if _remote("IMAGE_HOST", "cloudinary", "CLOUDINARY_URL", values) else "local",
        fetch_allow=_fetch_allow(values.get("FETCH_ALLOW", "")),
        legacy_timezone=_timezone("LEGACY_TIMEZONE", values.get("LEGACY_TIMEZONE", "UTC")),
        legacy_image_base_url=_http_url("LEGACY_IMAGE_BASE_URL", values.get("LEGACY_IMAGE_BASE_URL")),
        shop_locale=_locale(values.get("SHOP_LOCALE", "es_419")),
        shop_timezone=_timezone("SHOP_TIMEZONE", values.get("SHOP_TIMEZONE") or _machine_timezone()),
        mercado_libre_token=values.get("MERCADO_LIBRE_TOKEN"),
        oidc=_oidc(values),
        log_format="json"
        if _choice("LOG_FORMAT", values.get("LOG_FORMAT", "text"), ("text", "json")) == "json"
        else "text",
    )
    _refuse_contradictions(settings)
    return settings


def child_environment() -> dict[str, str]:
    """The environment of a supervised child: ours, and the mark that makes it stop when the supervisor is gone."""
    return {**os.environ, "REVELADO_SUPERVISED": "1", "PYTHONUNBUFFERED": "1"}


def _refuse_unknown(from_file: Mapping[str, str], from_env: Mapping[str, str]) -> None:
    known = NAMES | {f"{name}_FILE" for name in SECRETS}
    for name in from_file:
        if name not in known:
            _unknown(name, ".env")
    for name in from_env:
        if name not in known and (name.startswith(FAMILIES) or _nearest(name, 0.9)):
            _unknown(name, "environment")


def _nearest(name: str, cutoff: float) -> str | None:
    return next(iter(difflib.get_close_matches(name, NAMES, n=1, cutoff=cutoff)), None)


def _unknown(name: str, where: str) -> None:
    nearest = _nearest(name, 0.6)
    hint_es = f" ¿Quiso decir {nearest}?" if nearest else ""
    hint_en = f" Did you mean {nearest}?" if nearest else ""
    raise StartupError(
        f"La variable {name} no existe en Revelado.{hint_es} Corríjala o quítela ({where}).",
        f"Unknown setting {name} ({where}).{hint_en} Correct or remove it.",
    )


def _value(name: str, values: Mapping[str, str]) -> str | None:
    direct, file = values.get(name, "").strip(), values.get(f"{name}_FILE", "").strip() if name in SECRETS else ""
    if direct and file:
        raise StartupError(
            f"Están puestas {name} y {name}_FILE a la vez. Deje una sola.",
            f"{name} and {name}_FILE are both set. Keep one.",
        )
    if not file:
        return direct or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(
            f"No se puede leer el archivo de {name}_FILE ({file}). Revise la ruta y los permisos.",
            f"Can't read the file named by {name}_FILE ({file}). Check its path and permissions.",
        ) from error


def _remote(setting: str, remote: str, key: str, values: Mapping[str, str]) -> bool:
    """Whether the paid service is used. A lost key must never turn a live shop to local addresses (DESIGN §2)."""
    choice = _choice(setting, values.get(setting, "auto"), ("auto", remote, "local"))
    if choice == "local":
        return False
    if values.get(key):
        return True
    if choice == remote or values.get("DATABASE_URL"):
        raise StartupError(
            f"Falta {key}. Póngala, o elija {setting}=local si de verdad no quiere usar {remote}.",
            f"{key} is missing. Set it, or choose {setting}=local if you really don't want {remote}.",
        )
    return False


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value.lower() not in choices:
        raise _invalid(name, value, " | ".join(choices))
    return value.lower()


def _invalid(name: str, value: str, expected: str) -> StartupError:
    return StartupError(
        f"{name}={value!r} no es válido. Se espera: {expected}.",
        f"{name}={value!r} is not valid. Expected: {expected}.",
    )


def _database_url(value: str | None) -> str | None:
    if value is None:
        return None
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg2"):
        raise StartupError(
            "DATABASE_URL no es una dirección de PostgreSQL. Forma: postgresql://usuario:clave@servidor:5432/base",
            "DATABASE_URL is not a PostgreSQL address. Form: postgresql://user:password@host:5432/database",
        )
    return f"postgresql+psycopg2://{rest}"


def _port(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise _invalid("PORT", value, "1–65535")
    return int(value)


def _http_url(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _invalid(name, value, "https://…")
    return value.rstrip("/")


def _oidc(values: Mapping[str, str]) -> Oidc | None:
    given = [name for name in NAMES if name.startswith("OIDC_") and values.get(name)]
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
    issuer = _http_url("OIDC_ISSUER", values["OIDC_ISSUER"]) or ""
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise _invalid("OIDC_ISSUER", issuer, "https://…")
    if re.search(r"login\.microsoftonline\.com/(common|organizations|consumers)(/|$)", issuer):
        raise StartupError(
            "OIDC_ISSUER vale para cualquier organización de Microsoft. Ponga la de la suya:"
            " https://login.microsoftonline.com/IDENTIFICADOR/v2.0",
            "OIDC_ISSUER stands for any organisation at Microsoft. Name your own:"
            " https://login.microsoftonline.com/TENANT-ID/v2.0",
        )
    return Oidc(
        issuer, values["OIDC_CLIENT_ID"], values["OIDC_CLIENT_SECRET"], values.get("OIDC_NAME") or _provider_name(parts)
    )


def _provider_name(issuer: SplitResult) -> str:
    known = {"accounts.google.com": "Google", "login.microsoftonline.com": "Microsoft"}
    return known.get(issuer.hostname or "", issuer.hostname or "")


def _fetch_allow(value: str) -> frozenset[tuple[str, int]]:
    pairs = set()
    for item in filter(None, (part.strip() for part in value.split(","))):
        host, separator, port = item.rpartition(":")
        if not separator or not host or not port.isdigit():
            raise _invalid("FETCH_ALLOW", item, "host:port,host:port")
        pairs.add((host.strip("[]").lower(), int(port)))
    return frozenset(pairs)


def _timezone(name: str, value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError) as error:
        raise _invalid(name, value, "America/Argentina/Buenos_Aires, America/Mexico_City, UTC …") from error


def _locale(value: str) -> str:
    if value.split("_")[0] not in ("es", "en"):
        raise _invalid("SHOP_LOCALE", value, "es_419, es_AR, es_MX, es_ES, en_US …")
    return value


def _machine_timezone() -> str:
    """The zone of the machine's own clock, as Linux and macOS record it; UTC when they don't say."""
    target = str(Path("/etc/localtime").resolve())
    _, found, zone = target.partition("zoneinfo/")
    return zone if found and zone != "Etc/UTC" else "UTC"


def _refuse_contradictions(settings: Settings) -> None:
    if settings.database_owner_url and not settings.database_url:
        raise StartupError(
            "DATABASE_OWNER_URL está puesta sin DATABASE_URL. Ponga las dos o ninguna.",
            "DATABASE_OWNER_URL is set without DATABASE_URL. Set both or neither.",
        )
    if settings.admin_password and not settings.admin_email:
        raise StartupError(
            "ADMIN_PASSWORD está puesta sin ADMIN_EMAIL. Ponga las dos o ninguna.",
            "ADMIN_PASSWORD is set without ADMIN_EMAIL. Set both or neither.",
        )
    if settings.admin_password and len(settings.admin_password) < MIN_PASSWORD:
        raise StartupError(
            f"ADMIN_PASSWORD tiene menos de {MIN_PASSWORD} caracteres. Elija una más larga.",
            f"ADMIN_PASSWORD has fewer than {MIN_PASSWORD} characters. Choose a longer one.",
        )
