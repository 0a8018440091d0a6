"""The worker process: settings, signals, loop. `python worker.py [--once | --drain]`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import time
import uuid

from sqlalchemy.exc import DBAPIError

from core import bootstrap, config, logs
from core.bootstrap import WorkerApp
from core.db.engine import durably, is_passing
from core.errors import AppError, LostClaim, Retryable, StartupError
from core.pipeline import blobs, outbox
from core.pipeline.ending import end_with_error, explain
from core.pipeline.heartbeat import Heartbeat
from core.pipeline.publish import ArticleChanged
from core.pipeline.run import ArticleRun, HandBack, Workshop
from core.queue import claim, finish, outlook, pause, stats
from core.queue.jobs import Job
from core.queue.wakeup import Wakeup
from core.settings.values import Tuning, load_tuning
from core.supervisor import die_with_parent

log = logging.getLogger("revelado.worker")

#: Seconds a stopping worker gives the steps after a purchase; a paid call in flight is awaited however long it takes.
PATIENCE = 20.0
TIDY_EVERY = 60.0


class Worker:
    def __init__(self, app: WorkerApp) -> None:
        self.app, self.engine = app, app.engine
        self.id = uuid.uuid4()
        self.stop = threading.Event()
        self.stop_at = 0.0
        self.unsure = False
        self.idle: bool | None = None  #: None: neither waiting nor working was said yet
        self.pause_said: pause.Pause | None = None
        self.tidy_at = 0.0
        self.wakeup = Wakeup(self.engine)
        self.heartbeat = Heartbeat(self.engine, self.id, app.editor.name, app.editor.model)
        self.shop = Workshop(
            engine=self.engine,
            editor=app.editor,
            host=app.host,
            local_host=app.local_host,
            fetcher=app.fetcher,
            legacy_base=app.settings.legacy_image_base_url,
            stopping=self.stop.is_set,
            must_leave=lambda: self.stop.is_set() and time.monotonic() > self.stop_at + PATIENCE,
        )

    def request_stop(self, *_: object) -> None:
        if not self.stop.is_set():
            self.stop_at = time.monotonic()
            self.stop.set()
        self.wakeup.interrupt()

    def run(self, *, once: bool = False, drain: bool = False) -> None:
        """Until stopped; `drain`: until nothing is left to do; `once`: after one article. Raises StartupError."""
        log.info("🚀 [Cola] Worker de procesamiento de imágenes iniciado")
        self._check_services()
        self.heartbeat.start()
        try:
            while not self.stop.is_set():
                tuning, job = self._next()
                if job is not None:
                    self._process(job)
                    if once:
                        return
                    self.stop.wait(tuning.delay_seconds)
                    continue
                if (once or drain) and self._nothing_left():
                    return
                self._tidy()
                self._wait(tuning)
        finally:
            self.heartbeat.stop()
            self.wakeup.close()
            log.info("🛑 [Cola] Worker detenido")

    # ── one article ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _next(self) -> tuple[Tuning, Job | None]:
        try:
            with self.engine.begin() as connection:
                tuning = load_tuning(connection)
                # After a lost connection: a claim may have been committed although its answer never came.
                jobs = claim.held_by(connection, self.id) if self.unsure else []
                jobs = jobs or claim.claim(connection, self.id)
                pending = stats.counts(connection).pendientes if jobs and self.idle is not False else 0
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[:1]
            log.warning("⚠️ [Base] La base de datos no responde bien %s; los trabajos esperan, no se pierden", reason)
            self.unsure = True
            self.stop.wait(1.0)
            return Tuning(), None
        self.unsure = False
        if not jobs:
            return tuning, None
        if self.idle is not False:
            log.info("🔔 [Cola] Hay %d artículo(s) pendiente(s), iniciando procesamiento...", pending + 1)
            self.idle = False
        return tuning, jobs[0]

    def _process(self, job: Job) -> None:
        context = logs.job_id.set(job.id)
        self.heartbeat.hold(job.id)
        run = ArticleRun(self.shop, job)
        try:
            log.info('🔄 [Cola] Procesando artículo %d - "%s"', job.articulo_id, job.articulo_nombre)
            log.info("   📊 [Cola] Intento %d de %d", job.intentos, job.max_intentos)
            if run.run():
                log.info("   ✅ [Cola] Artículo %d procesado exitosamente", job.articulo_id)
            else:
                log.warning("   ✋ [Cola] Artículo %d: %s", job.articulo_id, ArticleChanged().text)
        except HandBack:
            self._release(job)
        except Exception as error:  # the one place where a bug becomes a counted, visible failure
            self._fail(job, run, error)
        finally:
            self.heartbeat.drop(job.id)
            self._log_counts()
            logs.job_id.reset(context)

    def _release(self, job: Job) -> None:
        try:
            durably(self.engine, lambda c: finish.end(c, job, "released"), self.shop.must_leave)
        except (LostClaim, DBAPIError):
            return  # its lease runs out and another worker takes it
        log.info("   ↩️ [Cola] El artículo %d vuelve a la cola sin contar el intento", job.articulo_id)

    def _fail(self, job: Job, run: ArticleRun, error: Exception) -> None:
        """Never raises: what can't be written down now, the lease's end does."""
        if isinstance(error, DBAPIError) and is_passing(error):
            log.warning("⚠️ [Base] Sin base de datos; el artículo %d sigue cuando vuelva", job.articulo_id)
            return
        try:
            outcome = self._end_with(job, run, error)
        except DBAPIError as lost:
            log.warning(
                "⚠️ [Base] No se pudo anotar el final del artículo %d (%s)", job.articulo_id, type(lost).__name__
            )
            return
        if outcome is None:
            log.warning(
                "   ⚠️ [Cola] Otro trabajador siguió con el artículo %d; aquí no se cambió nada", job.articulo_id
            )
        elif outcome == "done":
            log.info("   ✅ [Cola] Artículo %d procesado exitosamente", job.articulo_id)
        else:
            log.error("   ❌ [Cola] Artículo %d: %s", job.articulo_id, explain(error), exc_info=_bug(error))
            log.info("   📊 [Cola] %s", _WHAT_NEXT[outcome])

    def _end_with(self, job: Job, run: ArticleRun, error: Exception) -> str | None:
        """What became of the job; None: it is another worker's. `done`: a connection lost in COMMIT hid its end."""
        must_leave = self.shop.must_leave
        try:
            return durably(self.engine, lambda c: end_with_error(c, job, error, run.seconds), must_leave)
        except LostClaim:
            return "done" if durably(self.engine, lambda c: finish.is_finished_by(c, job), must_leave) else None

    def _log_counts(self) -> None:
        try:
            with self.engine.connect() as connection:
                n = stats.counts(connection)
        except DBAPIError:
            return
        log.info(
            "   📊 [Cola] Estado actual:  ⏳ Pendientes: %d  ✅ Completados: %d  ❌ Fallidos: %d  📈 Total: %d",
            n.pendientes, n.completados, n.fallidos, n.total,
        )  # fmt: skip

    # ── between articles ────────────────────────────────────────────────────────────────────────────────────────────

    def _check_services(self) -> None:
        """A wrong key or model stops the worker with its reason; a network that is down is waited for."""
        for check in (self.app.editor.check, self.app.host.check):
            wait = 2.0
            while not self.stop.is_set():
                try:
                    check()
                    break
                except Retryable as error:
                    log.warning("⚠️ [Cola] %s Se intenta otra vez en %.0f s", error.text, wait)
                    self.stop.wait(wait)
                    wait = min(wait * 2, 60.0)

    def _nothing_left(self) -> bool:
        try:
            with self.engine.connect() as connection:
                return outlook.is_drained(connection)
        except DBAPIError:
            return False

    def _tidy(self) -> None:
        if time.monotonic() < self.tidy_at:
            return
        self.tidy_at = time.monotonic() + TIDY_EVERY
        try:
            outbox.work_off(self.engine, self.app.host)
            with self.engine.begin() as connection:
                blobs.purge(connection)
        except DBAPIError as error:
            log.warning("⚠️ [Base] La limpieza queda para después (%s)", type(error.orig).__name__)

    def _wait(self, tuning: Tuning) -> None:
        self._say_pause()
        if not self.idle:
            log.info("👀 [Cola] Esperando artículos en la cola...")
            self.idle = True
        self.wakeup.wait(min(float(tuning.poll_seconds), self._next_due()))

    def _say_pause(self) -> None:
        try:
            with self.engine.connect() as connection:
                standing = pause.current(connection)
        except DBAPIError:
            return
        if standing and standing != self.pause_said:
            until = f"hasta las {standing.paused_until:%H:%M} UTC" if standing.paused_until else "hasta que se reanude"
            log.warning("⏸️ [Cola] En pausa %s (%s): %s", until, standing.paused_by, standing.reason)
        self.pause_said = standing

    def _next_due(self) -> float:
        try:
            with self.engine.connect() as connection:
                seconds = outlook.seconds_until_due(connection)
        except DBAPIError:
            return 1.0
        return 60.0 if seconds is None else max(0.5, seconds)


_WHAT_NEXT = {
    "retry": "Se intentará otra vez en unos momentos",
    "failed": "Queda como fallido; se puede reintentar desde el panel",
    "snoozed": "La cola queda en pausa; este intento no cuenta",
}


def _bug(error: Exception) -> bool:
    """Only what nobody foresaw is worth a stack in the log."""
    return not isinstance(error, AppError)


def main() -> int:
    parser = argparse.ArgumentParser(description="Procesa las imágenes de la cola de Revelado.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true", help="procesa un artículo y termina")
    mode.add_argument("--drain", action="store_true", help="termina cuando la cola está vacía")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = config.load()
        logs.set_up(settings.log_format)
        logs.worker_name.set(f"{socket.gethostname()}-{os.getpid()}")
        app = bootstrap.build_worker(settings, "revelado worker")
    except StartupError as error:
        sys.stderr.write(f"❌ {error.text}\n❌ {error.en}\n")
        return 2
    try:
        worker = Worker(app)
        signal.signal(signal.SIGINT, worker.request_stop)
        signal.signal(signal.SIGTERM, worker.request_stop)
        die_with_parent()
        worker.run(once=options.once, drain=options.drain)
    except StartupError as error:
        sys.stderr.write(f"❌ {error.text}\n❌ {error.en}\n")
        return 2
    finally:
        app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
