"""A database of the earlier backend is taken over without losing or altering a value, and works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from core import config
from core.access.actors import Actor
from core.bootstrap import Database, WorkerApp
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.errors import StartupError
from core.providers.cloudinary_host import CloudinaryHost
from core.providers.gemini import GeminiEditor
from core.providers.local_editor import LocalEditor
from core.providers.local_host import LocalHost
from core.providers.safe_fetch import SafeFetcher
from core.providers.u2net import find_weights
from core.queue import counts, history, retry
from core.queue.enqueue import enqueue
from core.queue.history_filter import HistoryFilter
from tests.emulators.fixtures import Emulators
from tests.shop import one, photo, rows, run_sql
from worker import Worker

ZONE = "America/Argentina/Buenos_Aires"
TABLES = ("categorias", "articulos", "image_processing_queue")


@pytest.fixture
def legacy(empty_database: str) -> Iterator[Engine]:
    engine = make_engine(empty_database, "legacy")
    with engine.begin() as connection:
        connection.connection.cursor().execute((Path(__file__).parent / "legacy.sql").read_text())
    yield engine
    engine.dispose()


def contents(engine: Engine) -> dict[str, list[str]]:
    """Every value of the old columns as text, times as the instants that they mean."""
    found = {}
    with engine.connect() as connection:
        connection.execute(text(f"SET TIME ZONE '{ZONE}'"))
        for table in TABLES:
            columns = OLD_COLUMNS[table]
            found[table] = [
                str(tuple(row)) for row in connection.execute(text(f"SELECT {columns} FROM {table} ORDER BY id"))
            ]
    return found


OLD_COLUMNS = {
    "categorias": "id, nombre, orden",
    "articulos": "id, nombre, descripcion, unidad, categoria_id, imagen_url, activo, precio,"
    " to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US')",
    "image_processing_queue": "id, articulo_id, estado, prioridad, intentos, max_intentos, imagen_url_original,"
    " imagen_url_procesada, articulo_nombre, articulo_descripcion, articulo_unidad, error_message, error_stack,"
    " solicitado_por, "
    + ", ".join(
        f"to_char({c}, 'YYYY-MM-DD HH24:MI:SS.US')" for c in ("created_at", "started_at", "completed_at", "updated_at")
    ),
}


def test_no_value_is_lost_or_altered_the_first_time_nor_the_second(legacy: Engine) -> None:
    before = contents(legacy)
    migrate(legacy, ZONE)
    assert contents(legacy) == before
    migrate(legacy, "UTC")
    assert contents(legacy) == before
    adopted = {r.table_name: r for r in rows(legacy, "SELECT * FROM revelado.adoptions")}
    assert set(adopted) == set(TABLES)
    assert adopted["image_processing_queue"].rows == 3007
    assert adopted["image_processing_queue"].legacy_timezone == ZONE
    assert one(legacy, "SELECT bool_and(adopted) AS all FROM image_processing_queue").all


def test_its_scripts_go_on_inserting(legacy: Engine) -> None:
    migrate(legacy, ZONE)
    run_sql(legacy, "INSERT INTO image_processing_queue (articulo_id, articulo_nombre) VALUES (77, 'de un script')")
    made = one(legacy, "SELECT * FROM image_processing_queue WHERE articulo_id = 77 AND NOT adopted")
    assert (made.estado, made.intentos, made.adopted) == ("pending", 0, False)


def test_its_history_is_shown(legacy: Engine) -> None:
    migrate(legacy, ZONE)
    page = history.page(legacy, HistoryFilter(estado="completed"), limit=10)
    assert len(page.rows) == 10 and page.rows[0].duracion_segundos == 20
    assert history.count(legacy, HistoryFilter()) == 3007
    assert len(list(history.stream(legacy, HistoryFilter()))) == 3007
    assert history.page(legacy, HistoryFilter(search='tornillo 3/8" 2999')).rows


def test_its_pending_and_crashed_jobs_are_processed(legacy: Engine, emulators: Emulators, tmp_path: Path) -> None:
    migrate(legacy, ZONE)
    for n in range(7):
        emulators.photos.add_photo(f"uploads/{n}.jpg", photo((20 * n, 90, 60)))
    settings = config.load(
        {
            **emulators.env,
            "DATABASE_URL": "postgresql://x/y",
            "LEGACY_IMAGE_BASE_URL": f"{emulators.photos.base_url}/photos",
            "DATA_DIR": str(tmp_path),
        },
        env_file=tmp_path / "no.env",
    )
    app = WorkerApp(
        settings=settings,
        database=Database(legacy, None),
        editor=GeminiEditor(settings.gemini_api_key or "", settings.gemini_model, settings.gemini_base_url),
        cutter=LocalEditor(find_weights()),
        host=CloudinaryHost(settings.cloudinary_url or ""),
        local_host=LocalHost(tmp_path / "fotos", base_url=""),
        fetcher=SafeFetcher(settings.fetch_allow),
    )
    run_sql(legacy, "INSERT INTO revelado.settings VALUES ('delay_seconds', '0', now(), 't')")
    run_sql(legacy, """INSERT INTO revelado.settings VALUES ('inspection', '"basica"', now(), 't')""")
    Worker(app).run(drain=True)
    with legacy.connect() as connection:
        left = counts.read(connection)
    assert (left.pendientes, left.procesando) == (0, 0)
    done = rows(legacy, "SELECT articulo_id FROM image_processing_queue WHERE id > 3000 AND estado = 'completed'")
    assert sorted(r.articulo_id for r in done) == [1, 2, 3, 3, 4, 5]
    assert one(legacy, "SELECT count(*) AS n FROM image_processing_queue WHERE estado = 'cancelado'").n == 1


def test_an_old_failure_can_be_retried_and_then_obeys_the_new_rules(legacy: Engine, operator: Actor) -> None:
    migrate(legacy, ZONE)
    old = one(
        legacy,
        "SELECT id, articulo_id FROM image_processing_queue WHERE estado = 'failed' AND articulo_id > 10 LIMIT 1",
    )
    retry.retry_one(legacy, operator, old.id)
    result = enqueue(legacy, operator, [old.articulo_id], origin="panel")
    assert [s.reason for s in result.skipped] == ["already_queued"]
    assert not one(legacy, "SELECT adopted FROM image_processing_queue WHERE id = :id", id=old.id).adopted


@pytest.mark.parametrize(("table", "column"), [("image_processing_queue", "error_stack"), ("articulos", "unidad")])
def test_a_missing_column_is_refused_by_name_before_any_change(legacy: Engine, table: str, column: str) -> None:
    run_sql(legacy, f"ALTER TABLE {table} DROP COLUMN {column}")
    with pytest.raises(StartupError, match=f"{table}.*{column}"):
        migrate(legacy, ZONE)
    assert one(legacy, "SELECT to_regnamespace('revelado') IS NULL AS untouched").untouched
