"""The emulators, once a test process, and an application that works with them; each test starts with them as new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core import config
from core.access.actors import Actor
from core.bootstrap import Database, WorkerApp
from core.providers.cloudinary_host import CloudinaryHost
from core.providers.gemini import GeminiEditor
from core.providers.local_editor import LocalEditor
from core.providers.local_host import LocalHost
from core.providers.safe_fetch import SafeFetcher
from core.providers.u2net import find_weights
from core.queue.enqueue import enqueue
from tests.emulators.fixtures import Emulators, in_this_process
from tests.shop import article, as_before, category, photo


@pytest.fixture(scope="session")
def running_emulators() -> Iterator[Emulators]:
    with in_this_process() as emulators:
        yield emulators


@pytest.fixture
def emulators(running_emulators: Emulators) -> Emulators:
    running_emulators.reset()
    return running_emulators


@pytest.fixture
def app(engine: Engine, database_url: str, emulators: Emulators, tmp_path: Path) -> Iterator[WorkerApp]:
    environ = {**emulators.env, "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}
    settings = config.load(environ, env_file=tmp_path / "no.env")
    as_before(engine)
    yield WorkerApp(
        settings=settings,
        database=Database(engine, None),
        editor=GeminiEditor(settings.gemini_api_key or "", settings.gemini_model, settings.gemini_base_url),
        cutter=LocalEditor(find_weights()),
        host=CloudinaryHost(settings.cloudinary_url or ""),
        local_host=LocalHost(tmp_path / "fotos", base_url=""),
        fetcher=SafeFetcher(settings.fetch_allow),
    )


@pytest.fixture
def queued(engine: Engine, emulators: Emulators, operator: Actor) -> int:
    """The id of a queued job whose article has a photo."""
    url = emulators.photos.add_photo("tornillo.jpg", photo())
    articulo = article(engine, imagen_url=url, categoria_id=category(engine))
    return enqueue(engine, operator, [articulo], origin="panel").added[0].queue_id
