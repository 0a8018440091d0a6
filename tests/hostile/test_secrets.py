"""Planted keys: whatever a service answers and wherever it breaks, no key of ours is written, shown or handed out."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core import bootstrap, config, logs
from core.access.actors import Actor, Role
from core.api.app import create_api
from core.bootstrap import WorkerApp
from core.db.engine import make_engine
from core.queue import pause
from core.queue.enqueue import enqueue
from core.ui import exports, guard
from tests.api.conftest import session_of
from tests.emulators import cloudinary, gemini
from tests.emulators.faults import Fault, google_error
from tests.emulators.fixtures import Emulators
from tests.hostile.tab import texts_of
from tests.hostile.test_names import protos
from tests.integration.conftest import emulators as emulators
from tests.integration.conftest import running_emulators as running_emulators
from tests.integration.review_shop import ALICIA
from tests.integration.workshop import work
from tests.shop import answers_others, article, as_before, photo, rows, run_sql
from tests.ui.pages_harness import Panel

PASSWORD, TOKEN, ADMIN = "clave-de-la-base-9", "APP_USR-plantado-77", "clave-inicial-plantada"
PLANTED = (gemini.API_KEY, cloudinary.API_SECRET, PASSWORD, TOKEN, ADMIN)
#: What each service says back, with the key in it.
ECHO = f"API key not valid: {gemini.API_KEY}; signature of {cloudinary.API_SECRET} by {PASSWORD}"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Both forms of the log, as they are written."""
    out = io.StringIO()
    handlers: list[logging.Handler] = []
    for formatter in (logs._TextFormatter(), logs._JsonFormatter()):
        handler = logging.StreamHandler(out)
        handler.setFormatter(formatter)
        handlers.append(handler)
        logging.getLogger().addHandler(handler)
    yield out
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def app(engine: Engine, database_url: str, emulators: Emulators, tmp_path: Path) -> Iterator[WorkerApp]:
    # The tests' server asks nobody for a password: one in the address changes nothing but what could leak.
    with_password = database_url.replace("@", f":{PASSWORD}@", 1)
    environ = {
        **emulators.env,
        "DATABASE_URL": with_password,
        "DATA_DIR": str(tmp_path),
        "MERCADO_LIBRE_TOKEN": TOKEN,
        "ADMIN_EMAIL": "a@x.test",
        "ADMIN_PASSWORD": ADMIN,
    }
    as_before(engine)
    built = bootstrap.build_worker(config.load(environ, env_file=tmp_path / "no.env"), "test")
    yield built
    built.close()
    logs.conceal(())


@pytest.mark.timeout(180)
def test_no_key_of_ours_comes_out_anywhere(
    app: WorkerApp,
    engine: Engine,
    emulators: Emulators,
    operator: Actor,
    written: io.StringIO,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert set(PLANTED) <= app.settings.secrets
    for secret in PLANTED:
        assert secret not in repr(app)
    wanted = [
        article(engine, f"Pinza {number}", emulators.photos.add_photo(f"{number}.jpg", photo())) for number in range(7)
    ]
    faults: list[tuple[str, Fault | None]] = [
        ("gemini", None),
        *[
            ("gemini", Fault("generate", kind="status", status=status, body=google_error(status, word, ECHO)))
            for status, word in ((400, "INVALID_ARGUMENT"), (403, "PERMISSION_DENIED"), (500, "INTERNAL"))
        ],
        *[
            ("cloudinary", Fault("upload", kind="status", status=status, body={"error": {"message": ECHO}}))
            for status in (401, 400, 500)
        ],
    ]
    for articulo, (service, fault) in zip(wanted, faults, strict=True):
        enqueue(engine, operator, [articulo], origin="panel")
        if fault:
            answers_others(engine, service)
            getattr(emulators, service).add_faults(fault)
        work(app)
        emulators.gemini.clear_faults()
        emulators.cloudinary.clear_faults()
        run_sql(
            engine, "UPDATE image_processing_queue SET estado = 'failed', completed_at = now() WHERE estado = 'pending'"
        )
        pause.resume(engine, ALICIA)
    stored = everything_stored(engine)
    assert "API key not valid" in stored, "what the service said is kept, without the key"

    # A database that is away, a bug: what the API and the panel answer, and write.
    nowhere = make_engine(f"postgresql+psycopg2://revelado:{PASSWORD}@127.0.0.1:1/nada", "test")
    api = create_api(app)

    @api.get("/bug")
    def bug() -> None:
        raise RuntimeError(f"{nowhere.url.render_as_string(hide_password=False)} {ECHO}")

    token = session_of(engine, Role.ADMIN)
    answers = ""
    with TestClient(Starlette(routes=[Mount("/api", api)])) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for path in (
            "articulos",
            "articulos/processing-queue/history",
            "articulos/processing-queue/status",
            "bug",
            "docs",
        ):
            answers += client.get(f"/api/{path}").text
    try:
        nowhere.connect()
    except Exception:
        logging.getLogger("revelado.test").exception("sin base de datos: %r", nowhere)

    tab = Panel(engine, tmp_path, monkeypatch, Role.ADMIN)
    guard.install(app)
    for page in ("home", "progress", "failures", "history", "settings", "audit"):
        at = tab.open(page)
        answers += "".join(string for proto in protos(at) for string in texts_of(proto))
    failed = rows(engine, "SELECT id FROM image_processing_queue WHERE error_stack IS NOT NULL")
    for row in failed[:2]:
        at = tab.open("history", trabajo=str(row.id))
        answers += "".join(string for proto in protos(at) for string in texts_of(proto))
    monkeypatch.setattr(guard, "of_cookie_header", lambda _header, _address=None: guard.current())
    with TestClient(Starlette(routes=exports.routes(app))) as client:
        for name in ("historial.csv", "auditoria.csv"):
            answers += client.get(f"/exportar/{name}").text
    guard.install(None)

    told = written.getvalue()
    assert "sin base de datos" in told and len(answers) > 10_000
    out, err = capfd.readouterr()
    for secret in PLANTED:
        for place, content in (("log", told), ("database", stored), ("answers", answers), ("output", out + err)):
            found = content.find(secret)
            assert found < 0, f"{place}: …{content[max(0, found - 200) : found + 60]}"


def everything_stored(engine: Engine) -> str:
    """Every row of every table, as text; what services answered is kept as bytes, and read as such."""
    found = []
    with engine.connect() as connection:
        for schema, table in connection.execute(
            text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'revelado')")
        ).all():
            found += connection.scalars(text(f'SELECT t::text FROM "{schema}"."{table}" t')).all()
        found += [
            bytes(data).decode("latin-1")
            for data in connection.scalars(
                text("SELECT data FROM revelado.blobs WHERE media_type LIKE 'application/%'")
            )
        ]
    return "\n".join(found)
