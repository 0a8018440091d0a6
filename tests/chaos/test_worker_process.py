"""Real workers, killed and stopped at the worst moments; the emulators' billing ledger is the judge."""

from __future__ import annotations

import signal
import threading

import pytest
from sqlalchemy import text

from core.db.embedded import stop as stop_server
from core.db.embedded import temporary_server
from core.db.embedded.server import start as start_server
from core.db.engine import make_engine
from core.db.migrate import migrate
from tests.chaos.plant import Plant, eventually
from tests.emulators import faults
from tests.emulators.fixtures import Emulators
from tests.shop import one, run_sql

pytestmark = pytest.mark.timeout(120)


def test_killed_with_the_answer_stored_it_is_bought_once(plant: Plant) -> None:
    plant.queue()
    plant.emulators.cloudinary.add_faults(faults.held("before", route="upload", times=1))
    victim = plant.worker()
    plant.emulators.cloudinary.wait(held=1, timeout=40)
    victim.kill()
    victim.wait()
    plant.emulators.cloudinary.clear_faults()
    plant.expire_leases()
    assert plant.worker("--drain").wait(60) == 0
    assert plant.states() == ["completed"]
    assert plant.bought() == 1
    done = one(plant.engine, "SELECT intentos FROM image_processing_queue")
    assert done.intentos == 2, "a crash counts as an attempt"


def test_killed_while_the_paid_answer_travels_it_is_charged_as_doubtful_and_bought_once_more(plant: Plant) -> None:
    plant.queue()
    plant.emulators.gemini.add_faults(faults.held("after", times=1))
    victim = plant.worker()
    plant.emulators.gemini.wait(held=1, ledger=1, timeout=40)
    victim.kill()
    victim.wait()
    plant.emulators.gemini.clear_faults()
    plant.expire_leases()
    assert plant.worker("--drain").wait(60) == 0
    assert plant.states() == ["completed"]
    assert plant.bought() == 2
    doubtful = one(
        plant.engine, "SELECT count(*) AS n, min(estimate) AS usd FROM revelado.purchases WHERE state = 'doubtful'"
    )
    assert doubtful.n == 1 and doubtful.usd > 0


def test_with_no_rebuy_allowed_a_doubtful_purchase_asks_a_person(plant: Plant) -> None:
    plant.queue()
    run_sql(plant.engine, "INSERT INTO revelado.settings VALUES ('doubtful_rebuys', '0', now(), 't')")
    plant.emulators.gemini.add_faults(faults.held("after", times=1))
    victim = plant.worker()
    plant.emulators.gemini.wait(held=1, ledger=1, timeout=40)
    victim.kill()
    victim.wait()
    plant.emulators.gemini.clear_faults()
    plant.expire_leases()
    assert plant.worker("--drain").wait(60) == 0
    assert plant.states() == ["failed"]
    assert plant.bought() == 1


def test_sigterm_awaits_the_paid_answer_and_finishes(plant: Plant) -> None:
    plant.queue(2)
    plant.emulators.gemini.add_faults(faults.held("after", times=1))
    worker = plant.worker()
    plant.emulators.gemini.wait(held=1, ledger=1, timeout=40)
    worker.send_signal(signal.SIGTERM)
    threading.Timer(1.0, plant.emulators.gemini.release).start()
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, output
    assert plant.states() == ["completed", "pending"]
    assert plant.bought() == 1
    assert "Worker detenido" in output


def test_sigterm_before_the_purchase_gives_the_job_back_uncounted(plant: Plant) -> None:
    plant.queue()
    plant.emulators.photos.add_faults(faults.held("before", route="photo", times=1))
    worker = plant.worker()
    plant.emulators.photos.wait(held=1, timeout=40)
    worker.send_signal(signal.SIGTERM)
    plant.emulators.photos.release()
    assert worker.wait(30) == 0
    given_back = one(plant.engine, "SELECT estado, intentos FROM image_processing_queue")
    assert tuple(given_back) == ("pending", 0)
    assert plant.bought() == 0


def test_an_idle_worker_stops_at_once_and_new_work_wakes_one(plant: Plant) -> None:
    worker = plant.worker()
    eventually(lambda: one(plant.engine, "SELECT count(*) AS n FROM revelado.workers").n == 1)
    plant.queue()
    eventually(lambda: plant.states() == ["completed"])
    worker.send_signal(signal.SIGINT)
    output, _ = worker.communicate(timeout=15)
    assert worker.returncode == 0
    expected = (
        "🚀 [Cola] Worker de procesamiento de imágenes iniciado",
        "👀 [Cola] Esperando artículos en la cola...",
        "🔔 [Cola] Hay 1 artículo(s) pendiente(s), iniciando procesamiento...",
        '🔄 [Cola] Procesando artículo 1 - "Artículo 0"',
        "   📊 [Cola] Intento 1 de 3",
        "✨ Iniciando procesamiento con Gemini (gemini-nano-banana-2.1): 0.jpg",
        "   📝 Prompt generado: Genera una imagen de catálogo profesional",
        "✅ Respuesta recibida de Gemini",
        "   ☁️ [Cola] Nueva imagen subida a Cloudinary",
        "   ✅ [Cola] Artículo 1 procesado exitosamente",
        "   📊 [Cola] Estado actual:  ⏳ Pendientes: 0  ✅ Completados: 1  ❌ Fallidos: 0  📈 Total: 1",
    )
    position = 0
    for line in expected:
        found = output.find(line, position)
        assert found >= 0, f"{line!r} is missing, or out of order, in:\n{output}"
        position = found


def test_a_missing_model_stops_the_worker_naming_the_setting(plant: Plant) -> None:
    plant.emulators.gemini.add_faults(faults.model_gone(route="model_get", times=9))
    worker = plant.worker()
    output, _ = worker.communicate(timeout=40)
    assert worker.returncode == 2
    assert "GEMINI_MODEL" in output and "Traceback" not in output


def test_a_database_restarted_in_the_middle_loses_nothing(emulators: Emulators, plant: Plant) -> None:
    with temporary_server() as server:
        engine = make_engine(server.url, "test")
        migrate(engine)
        shop = Plant(engine, server.url, emulators, plant.data_dir)
        try:
            shop.queue(4)
            emulators.gemini.add_faults(faults.held("after", times=1))
            worker = shop.worker("--drain")
            emulators.gemini.wait(held=1, ledger=1, timeout=40)
            stop_server(server.data_dir)
            emulators.gemini.release()
            with start_server(server.data_dir, fast=True):
                output, _ = worker.communicate(timeout=90)
                assert worker.returncode == 0, output
                assert shop.states() == ["completed"] * 4
                assert shop.bought() == 4, "the answer that came while the database was away was kept"
                with engine.connect() as connection:
                    counted = connection.scalar(text("SELECT max(intentos) FROM image_processing_queue"))
                assert counted == 1, "a restart of the database counts no attempt"
        finally:
            shop.stop()
            engine.dispose()
