"""What a hostile reading of the paid path found: each was a way to lose a picture, an original, a job or a cent."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from core import supervisor
from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.errors import StartupError
from core.pipeline import checkpoints, outbox
from core.providers.local_editor import LocalEditor
from core.providers.u2net import find_weights
from core.queue import claim, clean
from core.queue.enqueue import enqueue
from tests.emulators import faults
from tests.emulators.fixtures import Emulators
from tests.integration.workshop import bought, work
from tests.shop import answers_others, article, job, one, photo, run_sql
from worker import Worker


def test_a_full_database_disk_loses_no_paid_answer(app: WorkerApp, queued: int, emulators: Emulators) -> None:
    run_sql(app.engine, "CREATE SEQUENCE tries")
    run_sql(
        app.engine,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.media_type = 'application/json' AND nextval('tries') = 1 THEN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;"
        " RETURN NEW; END $$",
    )
    run_sql(app.engine, "CREATE TRIGGER t BEFORE INSERT ON revelado.blobs FOR EACH ROW EXECUTE FUNCTION full_disk()")
    work(app)
    assert job(app.engine, queued).estado == "completed"
    assert bought(emulators) == 1


def test_enqueuing_again_after_a_failed_upload_buys_nothing(
    app: WorkerApp, queued: int, emulators: Emulators, operator: Actor
) -> None:
    emulators.cloudinary.add_faults(faults.html_error(502, route="upload", times=4))
    for _ in range(4):  # the first tells nothing about whose fault it is
        answers_others(app.engine, "cloudinary")
        work(app)
    failed = job(app.engine, queued)
    assert failed.estado == "failed" and bought(emulators) == 1
    [again] = enqueue(app.engine, operator, [failed.articulo_id], origin="panel").added
    work(app)
    assert job(app.engine, again.queue_id).estado == "completed"
    assert bought(emulators) == 1


def test_changing_the_editor_keeps_a_paid_answer_and_its_cost(
    app: WorkerApp, queued: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = checkpoints.save_result, []

    def fails_once(*args: object) -> None:
        calls.append(args)
        if len(calls) == 1:
            raise RuntimeError("killed between answer and result")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoints, "save_result", fails_once)
    work(app)
    work(replace(app, editor=LocalEditor(find_weights())))
    assert job(app.engine, queued).error_code == "other_editor"
    kept = one(app.engine, "SELECT * FROM revelado.purchases WHERE editor = 'gemini'")
    assert kept.state == "answered" and kept.cost > 0


def test_cleaning_keeps_the_knowledge_of_an_adopted_original(engine: Engine, admin: Actor, operator: Actor) -> None:
    edited = article(engine, imagen_url="http://cdn/edited.jpg")
    run_sql(
        engine,
        "INSERT INTO image_processing_queue (articulo_id, estado, imagen_url_original, imagen_url_procesada, completed_at,"
        " adopted) VALUES (:a, 'completed', 'http://shop/original.jpg', 'http://cdn/edited.jpg',"
        " now() - interval '30 days', true)",
        a=edited,
    )
    assert clean.clean(engine, admin, 7) == 1
    [added] = enqueue(engine, operator, [edited], origin="panel").added
    assert job(engine, added.queue_id).imagen_url_original == "http://shop/original.jpg"


def test_a_photo_removed_by_a_person_while_queued_stays_removed(
    app: WorkerApp, queued: int, emulators: Emulators
) -> None:
    articulo = job(app.engine, queued).articulo_id
    run_sql(app.engine, "UPDATE articulos SET imagen_url = NULL WHERE id = :a", a=articulo)
    work(app)
    assert one(app.engine, "SELECT imagen_url FROM articulos WHERE id = :a", a=articulo).imagen_url is None
    assert bought(emulators) == 0


def test_nothing_is_bought_for_an_article_switched_off_while_queued(
    app: WorkerApp, queued: int, emulators: Emulators
) -> None:
    run_sql(app.engine, "UPDATE articulos SET activo = false")
    work(app)
    assert job(app.engine, queued).error_code == "article_inactive"
    assert bought(emulators) == 0


def test_a_result_that_is_another_articles_original_is_not_deleted(
    app: WorkerApp, queued: int, emulators: Emulators, operator: Actor
) -> None:
    work(app)
    first = job(app.engine, queued)
    shown = first.imagen_url_procesada
    variant = article(app.engine, "Variante", shown)
    emulators.gemini.add_faults(faults.drawn_as("grey_background", times=2))
    for articulo in (variant, first.articulo_id):
        enqueue(app.engine, operator, [articulo], origin="panel", fresh=True)
        work(app)
    assert one(app.engine, "SELECT imagen_url FROM articulos WHERE id = :id", id=first.articulo_id).imagen_url != shown
    run_sql(app.engine, "UPDATE revelado.outbox SET run_after = now()")
    outbox.work_off(app.engine, {"delete_superseded": outbox.deletion(app.host)})
    kept = one(app.engine, "SELECT deleted_at FROM revelado.pictures WHERE kind = 'result' AND url = :u", u=shown)
    assert kept.deleted_at is None


@pytest.mark.parametrize("most", [None, 0])
def test_a_crash_loop_ends_whatever_an_old_row_says_of_its_attempts(engine: Engine, most: int | None) -> None:
    run_sql(
        engine,
        "INSERT INTO image_processing_queue (articulo_id, estado, intentos, max_intentos, adopted)"
        " VALUES (:a, 'pending', NULL, :most, true)",
        a=article(engine),
        most=most,
    )
    ends = []
    for _ in range(5):
        with engine.begin() as connection:
            claim.claim(connection, uuid.uuid4())
        run_sql(
            engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 h' WHERE estado = 'processing'"
        )
        with engine.begin() as connection:
            ends += [estado for _, estado in claim.rescue(connection, lease=0)]
    assert ends[-1] == "failed" and len(ends) <= 3


def test_a_claim_whose_commit_was_answered_to_nobody_is_found_again(app: WorkerApp, queued: int) -> None:
    worker = Worker(app)
    with app.engine.begin() as connection:
        claim.claim(connection, worker.id)
    worker.unsure = True
    run_sql(app.engine, "INSERT INTO revelado.settings VALUES ('delay_seconds', '0', now(), 't')")
    worker.run(once=True)
    done = job(app.engine, queued)
    assert (done.estado, done.intentos) == ("completed", 1)


def test_draining_outlives_an_outage(app: WorkerApp, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, real, failures = Worker(app), app.engine.connect, []

    def down(*args: object, **options: object) -> object:
        if len(failures) < 3:
            failures.append(1)
            raise OperationalError("connect", {}, Exception("server down"))
        return real()

    monkeypatch.setattr(app.engine, "connect", down)
    monkeypatch.setattr(worker.wakeup, "wait", lambda _: None)
    worker.run(drain=True)
    assert len(failures) == 3


def test_the_log_does_not_call_a_respected_change_a_success(
    app: WorkerApp, queued: int, emulators: Emulators, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "revelado.worker")
    other = emulators.photos.add_photo("other.jpg", photo((10, 90, 30)))
    emulators.cloudinary.add_faults(faults.held("before", route="upload", times=1))
    running = threading.Thread(target=work, args=(app,))
    running.start()
    emulators.cloudinary.wait(held=1, timeout=30)
    run_sql(app.engine, "UPDATE articulos SET imagen_url = :u", u=other)
    emulators.cloudinary.release()
    running.join()
    assert job(app.engine, queued).estado == "failed"
    assert "procesado exitosamente" not in caplog.text


@pytest.mark.parametrize(
    ("status", "odd"), [(503, "mal\\u0000o"), (503, "mal\\ud83do"), (400, "location is not supported \\u0000")]
)
def test_odd_characters_in_an_error_do_not_kill_the_worker(
    app: WorkerApp, queued: int, emulators: Emulators, status: int, odd: str
) -> None:
    body = f'{{"error": {{"code": {status}, "status": "X", "message": "{odd}"}}}}'
    emulators.gemini.add_faults(
        faults.Fault(
            kind="status", status=status, route="generate", headers={"Content-Type": "application/json"}, body=body
        )
    )
    work(app)
    assert job(app.engine, queued).estado == "pending"


def test_a_signal_after_the_end_is_harmless(app: WorkerApp) -> None:
    worker = Worker(app)
    worker.request_stop()
    worker.run()
    worker.request_stop()


def test_a_view_on_the_old_table_is_refused_in_words(empty_database: str) -> None:
    engine = make_engine(empty_database, "legacy")
    with engine.begin() as connection:
        connection.connection.cursor().execute((Path(__file__).parent / "legacy.sql").read_text())
        connection.execute(text("CREATE VIEW public.informe AS SELECT id, created_at FROM image_processing_queue"))
    with pytest.raises(StartupError, match="informe"):
        migrate(engine)
    engine.dispose()


def test_the_statement_timeout_holds_after_migrating(database_url: str) -> None:
    engine = make_engine(database_url, "x")
    migrate(engine)
    with engine.connect() as one_connection, engine.connect() as another:
        seen = [c.scalar(text("SHOW statement_timeout")) for c in (one_connection, another)]
    engine.dispose()
    assert seen == ["1min", "1min"]


def test_a_log_that_cannot_be_written_does_not_block_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, *_: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    done = tmp_path / "done"
    program = f"for _ in range(2000): print('x' * 100)\nopen({str(done)!r}, 'w')"
    child = supervisor.Child("trabajador", (sys.executable, "-c", program), dict(os.environ))
    child.start()
    assert child.process is not None
    child.process.wait(20)
    assert done.exists()
