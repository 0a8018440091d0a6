"""The panel without a browser: the real script on a real database, signed in as whoever the test says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core import config
from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.bootstrap import App, Database
from core.providers.local_host import LocalHost
from core.providers.safe_fetch import SafeFetcher
from core.queue.enqueue import enqueue
from core.review import decide
from core.ui import guard, snapshot
from tests.shop import rows, run_sql

ROOT = Path(__file__).resolve().parents[2]
CATEGORIES = {1: "Tornillería", 2: "Pinturas"}
# Every AppTest reads the metadata of all installed packages again, which takes longer than the page.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


class Panel:
    """One person's browser tab."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        role: Role,
        *,
        user_id: int | None = None,
        language: str = "es",
        **environ: str,
    ) -> None:
        self.app = make_app(engine, folder, **environ)
        guard.install(self.app)
        actor = Actor(user_id, "Beto", role)
        session = Session(
            token_hash=b"x", actor=actor, email="b@x.co", language=language, must_change_password=False, kind="panel"
        )
        monkeypatch.setattr(guard, "current", lambda *, tick=False: session)
        snapshot.forget()
        self.at = AppTest.from_file(str(ROOT / "core/ui/app.py"), default_timeout=30)

    def open(self, page: str, **query: str) -> AppTest:
        self.at.run()
        assert not self.at.exception, self.at.exception
        for name, value in query.items():
            self.at.query_params[name] = value
        if page != "home":
            self.at.switch_page(f"../../pages/{page}.py")
        self.at.run()
        assert not self.at.exception, self.at.exception
        return self.at

    @property
    def words(self) -> str:
        """All that is written on the page, Markdown's escapes undone."""
        kinds = (
            "title",
            "header",
            "subheader",
            "markdown",
            "success",
            "warning",
            "error",
            "info",
            "html",
            "text",
            "caption",
        )
        return (
            " ".join(str(e.value) for kind in kinds for e in self.at.get(kind)).replace("\\", "").replace("\u00a0", " ")
        )

    def button(self, start: str) -> Any:
        """The one button whose label begins so."""
        found = [b for b in self.at.button if b.label.replace("\\", "").startswith(start)]
        assert len(found) == 1, [b.label for b in self.at.button]
        return found[0]

    def has_button(self, start: str) -> bool:
        return any(b.label.replace("\\", "").startswith(start) for b in self.at.button)


def make_app(engine: Engine, folder: Path, **environ: str) -> App:
    settings = config.load({"DATA_DIR": str(folder), "SHOP_TIMEZONE": "UTC", **environ}, folder / "no.env")
    host = LocalHost(folder / "fotos", "http://127.0.0.1:8501")
    return App(settings, Database(engine, None), host, host, SafeFetcher(frozenset()))


def add_articles(engine: Engine, count: int, *, categoria_id: int | None = None, picture: bool = True) -> list[int]:
    with engine.begin() as connection:
        for number, name in CATEGORIES.items():
            connection.execute(
                text("INSERT INTO categorias (id, nombre) VALUES (:id, :nombre) ON CONFLICT DO NOTHING"),
                {"id": number, "nombre": name},
            )
        return list(
            connection.scalars(
                text(
                    "INSERT INTO articulos (nombre, codigo, categoria_id, imagen_url, activo)"
                    " SELECT 'Tornillo ' || lpad(n::text, 4, '0'), 'T-' || n, :categoria_id, :url, true"
                    " FROM generate_series(1, :count) n RETURNING id"
                ),
                {
                    "count": count,
                    "categoria_id": categoria_id,
                    "url": "http://127.0.0.1:8501/fotos/" + "a" * 64 + ".jpg" if picture else None,
                },
            )
        )


def finish(engine: Engine, job_id: int, estado: str, *, error: str | None = None, days_ago: int = 0) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE image_processing_queue SET estado = :estado, intentos = 1, error_message = :error,"
                " started_at = now() - make_interval(days => :days, secs => 5),"
                " completed_at = now() - make_interval(days => :days),"
                " imagen_url_procesada = CASE WHEN :estado = 'completed' THEN imagen_url_original END WHERE id = :id"
            ),
            {"id": job_id, "estado": estado, "error": error, "days": days_ago},
        )


def add_picture(engine: Engine, job_id: int, *, cost: str = "0.04") -> None:
    """The job's purchase and its picture, as a published job leaves them; the same request would use it again."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revelado.pictures (articulo_id, kind, url, job_id, host, model, cache_key) SELECT articulo_id,"
                " 'result', coalesce(imagen_url_procesada, imagen_url_original), id, 'local', 'gemini-x', 'k'"
                " FROM image_processing_queue WHERE id = :id"
            ),
            {"id": job_id},
        )
        add_purchase(connection, job_id, "used", cost)


def judged_pictures(engine: Engine, operator: Actor) -> tuple[list[int], list[int]]:
    """(five articles, their finished jobs): approved, rejected, kept as it was, asked for anew, and still to be judged."""
    ids = add_articles(engine, 5)
    jobs = [added.queue_id for added in enqueue(engine, operator, ids, origin="panel").added]
    for job in jobs:
        finish(engine, job, "completed")
        add_picture(engine, job)
    run_sql(engine, "UPDATE revelado.pictures SET review = 'awaiting', source_url = 'http://shop/photo.jpg'")
    of_job = {row.job_id: row.id for row in rows(engine, "SELECT id, job_id FROM revelado.pictures")}
    decide.approve(engine, operator, of_job[jobs[0]])
    decide.reject(engine, operator, of_job[jobs[1]], "Cambió el color")
    decide.keep_original(engine, operator, of_job[jobs[2]])
    decide.redo(engine, operator, of_job[jobs[3]], note="Que se vea la punta")
    return ids, jobs


def add_purchase(connection: Connection, job_id: int, state: str, cost: str) -> None:
    connection.execute(
        text(
            "INSERT INTO revelado.purchases (job_id, generation, claim_token, state, editor, model, prompt_version, prompt,"
            " source_sha256, estimate, cost, closed_at) VALUES (:job, 1, 1, :state, 'gemini', 'gemini-x', '1', 'x', 'x',"
            " CAST(:cost AS numeric), CAST(:cost AS numeric), now())"
        ),
        {"job": job_id, "state": state, "cost": cost},
    )
