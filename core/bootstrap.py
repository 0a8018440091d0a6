"""The one composition root: Settings in, the application's parts out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from core.config import Settings
from core.db.embedded import EmbeddedServer, ensure_running
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.providers.cloudinary_host import CloudinaryHost
from core.providers.gemini import GeminiEditor
from core.providers.local_editor import LocalEditor, find_weights
from core.providers.local_host import LocalHost
from core.providers.ports import Editor, Fetcher, Host
from core.providers.safe_fetch import SafeFetcher


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
    settings: Settings
    database: Database
    editor: Editor
    host: Host
    local_host: LocalHost  #: also behind Cloudinary: earlier local pictures and the demo's stay readable
    fetcher: Fetcher

    @property
    def engine(self) -> Engine:
        return self.database.engine

    def close(self) -> None:
        self.database.close()


def open_database(settings: Settings, application_name: str) -> Database:
    """Starts the embedded server when no other is named, and migrates. Raises StartupError."""
    server = None if settings.database_url else ensure_running(settings.data_dir)
    url = settings.database_url or (server.url if server else "")
    engine = make_engine(url, application_name)
    try:
        migrate(engine, settings.legacy_timezone)
    except BaseException:
        Database(engine, server).close()
        raise
    return Database(engine, server)


def build(settings: Settings, application_name: str) -> App:
    """Raises StartupError: one sentence in Spanish and English that names the fix."""
    local_host = LocalHost(settings.data_dir / "fotos", base_url="")
    editor: Editor = (
        GeminiEditor(settings.gemini_api_key or "", settings.gemini_model, settings.gemini_base_url)
        if settings.editor == "gemini"
        else LocalEditor(find_weights())
    )
    host: Host = CloudinaryHost(settings.cloudinary_url or "") if settings.host == "cloudinary" else local_host
    return App(
        settings=settings,
        database=open_database(settings, application_name),
        editor=editor,
        host=host,
        local_host=local_host,
        fetcher=SafeFetcher(settings.fetch_allow),
    )
