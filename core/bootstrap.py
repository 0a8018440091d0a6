"""The one composition root: Settings in, the application's parts out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from core import logs
from core.config import Settings
from core.db import roles
from core.db.embedded import EmbeddedServer, ensure_running
from core.db.engine import make_engine
from core.db.migrate import migrate, unreachable
from core.providers.local_host import LocalHost
from core.providers.mercado_libre import MercadoLibre
from core.providers.ports import BatchEditor, Editor, Fetcher, Host
from core.providers.safe_fetch import SafeFetcher

if TYPE_CHECKING:
    from core.providers.oidc import OidcProvider


@dataclass(frozen=True)
class Database:
    """A migrated database and, when it is the embedded one, our hold on its server."""

    engine: Engine
    server: EmbeddedServer | None

    def close(self) -> None:
        self.engine.dispose()
        if self.server:
            self.server.close()


@dataclass(frozen=True)
class App:
    """What the panel and the API work with."""

    settings: Settings
    database: Database
    host: Host
    local_host: LocalHost  #: also behind Cloudinary: earlier local pictures and the demo's stay readable
    fetcher: Fetcher
    market: MercadoLibre | None = field(default=None, kw_only=True)  #: None: there is no token for it
    oidc: OidcProvider | None = field(default=None, kw_only=True)  #: None: people sign in here alone

    @property
    def engine(self) -> Engine:
        return self.database.engine

    def close(self) -> None:
        self.database.close()


@dataclass(frozen=True)
class WorkerApp(App):
    """And what a worker needs besides."""

    editor: Editor
    cutter: Editor  #: for the recipes that redraw nothing; the editor itself, when there is no other
    batches: BatchEditor | None = None  #: None: the editor knows no economy lane


def open_database(settings: Settings, application_name: str) -> Database:
    """Starts the embedded server when no other is named, and migrates. Raises StartupError."""
    server = None if settings.database_url else ensure_running(settings.data_dir)
    url = settings.database_url or (server.application_url if server else "")
    owner_url = settings.database_owner_url or (server.url if server else None)
    engine = make_engine(url, application_name)
    try:
        if owner_url:
            _prepare(engine, owner_url, settings.legacy_timezone)
        else:
            migrate(engine, settings.legacy_timezone)
    except BaseException:
        Database(engine, server).close()
        raise
    return Database(engine, server)


def _prepare(engine: Engine, owner_url: str, legacy_timezone: str) -> None:
    owner = make_engine(owner_url, "migrate", pool_size=2)
    try:
        migrate(owner, legacy_timezone)
        with engine.connect() as connection:
            roles.let_work(owner, str(connection.scalar(text("SELECT current_user"))))
    except OperationalError as error:
        raise unreachable(error) from error
    finally:
        owner.dispose()


def build(settings: Settings, application_name: str) -> App:
    """Raises StartupError: one sentence in Spanish and English that names the fix."""
    logs.conceal(settings.secrets)
    local_host = LocalHost(settings.data_dir / "fotos", base_url="")
    host = _host(settings, local_host)
    fetcher = SafeFetcher(settings.fetch_allow)
    market = MercadoLibre(settings.mercado_libre_token) if settings.mercado_libre_token else None
    database = open_database(settings, application_name)
    return App(settings, database, host, local_host, fetcher, market=market, oidc=_oidc(settings))


def build_worker(settings: Settings, application_name: str) -> WorkerApp:
    """Raises StartupError, as `build`."""
    editor, batches = _editor(settings), _batches(settings)
    app = build(settings, application_name)
    cutter = editor if editor.name == "local" else _cutter()
    return WorkerApp(settings, app.database, app.host, app.local_host, app.fetcher, editor, cutter, batches)


# The SDKs are imported only by who uses them: Gemini's alone takes longer than all the rest of a start.


def _editor(settings: Settings) -> Editor:
    if settings.editor == "gemini":
        from core.providers.gemini import GeminiEditor

        return GeminiEditor(settings.gemini_api_key or "", settings.gemini_model, settings.gemini_base_url)
    return _cutter()


def _cutter() -> Editor:
    from core.providers.local_editor import LocalEditor
    from core.providers.u2net import find_weights

    return LocalEditor(find_weights())


def _batches(settings: Settings) -> BatchEditor | None:
    if settings.editor != "gemini":
        return None
    from core.providers.gemini_batch import GeminiBatchEditor

    return GeminiBatchEditor(settings.gemini_api_key or "", settings.gemini_model, settings.gemini_base_url)


def _oidc(settings: Settings) -> OidcProvider | None:
    if settings.oidc is None:
        return None
    from core.providers.oidc import OidcProvider

    return OidcProvider(settings.oidc, settings.public_url or "")


def check_editor(settings: Settings) -> None:
    """Whether what makes the pictures answers; free. Raises StartupError, or Retryable while it can't be asked."""
    _editor(settings).check()


def _host(settings: Settings, local_host: LocalHost) -> Host:
    if settings.host == "local":
        return local_host
    from core.providers.cloudinary_host import CloudinaryHost

    return CloudinaryHost(settings.cloudinary_url or "")
