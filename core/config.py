"""The only reader of the environment: `.env` and variables in, one frozen `Settings` out, or a clear refusal."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values

from core import config_values
from core.config_values import Oidc, machine_timezone
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

    database_url = config_values.database_url(values.get("DATABASE_URL"))
    settings = Settings(
        database_url=database_url,
        database_owner_url=config_values.database_url(values.get("DATABASE_OWNER_URL")),
        data_dir=Path(values.get("DATA_DIR", ".data")).expanduser().absolute(),
        port=config_values.port(values.get("PORT", "8501")),
        public_url=config_values.http_url("PUBLIC_URL", values.get("PUBLIC_URL")),
        admin_email=values.get("ADMIN_EMAIL"),
        admin_password=values.get("ADMIN_PASSWORD"),
        gemini_api_key=values.get("GEMINI_API_KEY"),
        gemini_model=values.get("GEMINI_MODEL", DEFAULT_GEMINI_MODEL),
        gemini_base_url=config_values.http_url("GOOGLE_GEMINI_BASE_URL", values.get("GOOGLE_GEMINI_BASE_URL")),
        cloudinary_url=values.get("CLOUDINARY_URL"),
        editor="gemini" if _remote("IMAGE_EDITOR", "gemini", "GEMINI_API_KEY", values) else "local",
        host="cloudinary" if _remote("IMAGE_HOST", "cloudinary", "CLOUDINARY_URL", values) else "local",
        fetch_allow=config_values.fetch_allow(values.get("FETCH_ALLOW", "")),
        legacy_timezone=config_values.timezone("LEGACY_TIMEZONE", values.get("LEGACY_TIMEZONE", "UTC")),
        legacy_image_base_url=config_values.http_url("LEGACY_IMAGE_BASE_URL", values.get("LEGACY_IMAGE_BASE_URL")),
        shop_locale=config_values.locale(values.get("SHOP_LOCALE", "es_419")),
        shop_timezone=config_values.timezone("SHOP_TIMEZONE", values.get("SHOP_TIMEZONE") or machine_timezone()),
        mercado_libre_token=values.get("MERCADO_LIBRE_TOKEN"),
        oidc=config_values.oidc(values),
        log_format="json"
        if config_values.choice("LOG_FORMAT", values.get("LOG_FORMAT", "text"), ("text", "json")) == "json"
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
    choice = config_values.choice(setting, values.get(setting, "auto"), ("auto", remote, "local"))
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
