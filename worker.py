"""The worker process: settings, signals, loop. `python worker.py [--once | --drain]`."""

from __future__ import annotations

import argparse
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core import bootstrap, config, logs
from core.bootstrap import WorkerApp
from core.errors import Retryable, StartupError
from core.inspect.studio import Studio
from core.pipeline.economy import EconomyLane, seconds_until_due
from core.pipeline.hand import work_on
from core.pipeline.heartbeat import Heartbeat
from core.pipeline.tidy import Tidier
from core.pipeline.workshop import Workshop
from core.queue import claim, counts, outlook, pause, schedule, stats
from core.queue.claimer import Claimer
from core.queue.jobs import Job
from core.queue.wakeup import Wakeup
from core.settings.values import SPEEDS, Tuning, load_tuning
from core.supervisor import die_with_parent

log = logging.getLogger("revelado.worker")

#: Seconds a stopping worker gives the steps after a purchase; a paid call in flight is awaited however long it takes.
PATIENCE = 20.0
#: At full speed, beside the pictures that may be bought at the same time: those that fetch, inspect or publish.
SPARE_HANDS = 2


class Worker:
    """One dispatcher, and as many hands (threads) as the speed allows, each with one article."""

    def __init__(self, app: WorkerApp) -> None:
        self.app, self.engine = app, app.engine
        self.id = uuid.uuid4()
        self.stop = threading.Event()
        self.stop_at = 0.0
        self.unsure = False
        self.idle: bool | None = None  #: None: neither waiting nor working was said yet
        self.pause_said: pause.Pause | None = None
        self.not_before = 0.0  #: the next claim, after the pause between two articles
        self.finished = 0
        self.goes_on = False  #: a hand takes the next article with the end of its own
        self.in_hand: set[int] = set()
        self.lock = threading.Lock()
        self.claimer = Claimer(self.id)
        self.wakeup = Wakeup(self.engine)
        self.heartbeat = Heartbeat(
            self.engine, self.id, app.editor.name, app.editor.model, timezone=app.settings.shop_timezone
        )
        self.shop = Workshop(
            engine=self.engine,
            editor=app.editor,
            cutter=app.cutter,
            host=app.host,
            local_host=app.local_host,
            fetcher=app.fetcher,
            studio=Studio(),
            timezone=app.settings.shop_timezone,
            legacy_base=app.settings.legacy_image_base_url,
            stopping=self.stop.is_set,
            must_leave=lambda: self.stop.is_set() and time.monotonic() > self.stop_at + PATIENCE,
            next_for=lambda: self.id if self.goes_on and not self.stop.is_set() else None,
            rest=self.stop.wait,
        )
        self.tidier = Tidier(self.engine, app.host, self.stop.is_set)
        self.economy = EconomyLane(self.shop, app.batches, self.id, self.heartbeat)

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
        hands = ThreadPoolExecutor(max(SPEEDS.values()) + 1, thread_name_prefix="hand")
        try:
            while not self.stop.is_set():
                tuning = self._claim_for(hands, most=1 if once else max(SPEEDS.values()))
                if once and self.finished:
                    return
                self.economy.work_off()
                self.tidier.tidy_beside(hands)
                if self.in_hand:
                    self._sleep(1.0 if tuning is None else tuning.poll_seconds)
                elif (once or drain) and tuning is not None and self._nothing_left():
                    return
                elif time.monotonic() < self.not_before:
                    self._sleep(self.not_before - time.monotonic())
                else:
                    self._wait(tuning or Tuning(poll_seconds=1))
        finally:
            hands.shutdown()
            self.economy.close(PATIENCE)
            self.heartbeat.stop()
            self.wakeup.close()
            self.shop.studio.close()
            log.info("🛑 [Cola] Worker detenido")

    # ── handing out ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _claim_for(self, pool: ThreadPoolExecutor, most: int) -> Tuning | None:
        """Gives each free hand an article. None: the database doesn't answer."""
        try:
            with self.engine.begin() as connection:
                tuning = load_tuning(connection)
                hands = min(most, self._hands(connection, tuning))
                free = hands - len(self.in_hand)
                jobs = self._next(connection, free) if free > 0 and time.monotonic() >= self.not_before else []
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[:1]
            log.warning("⚠️ [Base] La base de datos no responde bien %s; los trabajos esperan, no se pierden", reason)
            self.unsure = True
            self.stop.wait(1.0)
            return None
        self.goes_on = tuning.speed != "tranquila" and most > 1 and len(self.in_hand) <= hands
        if jobs and self.idle is not False:
            self._say_work(len(jobs))
        for job in jobs:
            if self._take(job):
                pool.submit(copy_context().run, self._process, job, tuning)
        return tuning

    def _next(self, connection: Connection, free: int) -> list[Job]:
        if self.unsure:
            # A claim may have been committed although its answer never came.
            self.unsure = False
            lost = [job for job in claim.held_by(connection, self.id) if job.id not in self.in_hand]
            if lost:
                return lost
        return self.claimer.claim(connection, free)

    def _hands(self, connection: Connection, tuning: Tuning) -> int:
        most = SPEEDS[tuning.speed]
        if tuning.speed == "maxima":
            # What can't be bought yet is better left in the queue: a crash costs each article in hand an attempt.
            most = min(most, math.ceil(tuning.in_flight / max(1, stats.live_workers(connection))) + SPARE_HANDS)
        # The local editor is the processor's work: more hands than processors only wait for each other.
        return min(most, os.cpu_count() or 1) if self.app.editor.name == "local" else most

    def _process(self, job: Job, tuning: Tuning) -> None:
        following: Job | None = job
        while following is not None:
            job = following
            try:
                ended = work_on(self.shop, job)
            finally:
                self.heartbeat.drop(job.id)
            if ended.unsure:
                self.unsure = True
            following = ended.next if ended.next is not None and self._take(ended.next) else None
            if tuning.speed == "tranquila":
                self.not_before = time.monotonic() + tuning.delay_seconds
            with self.lock:
                self.in_hand.discard(job.id)
                self.finished += 1
        self.wakeup.interrupt()

    def _take(self, job: Job) -> bool:
        """False when another hand has it: a job that was thought lost may come by both ways."""
        with self.lock:
            if job.id in self.in_hand:
                return False
            self.in_hand.add(job.id)
        self.heartbeat.hold(job.id)
        return True

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

    def _sleep(self, seconds: float) -> None:
        if self.wakeup.wait(seconds):
            self.claimer.look_from_front()

    def _wait(self, tuning: Tuning) -> None:
        self._say_pause()
        if not self.idle:
            log.info("👀 [Cola] Esperando artículos en la cola...")
            self.idle = True
        self._sleep(min(float(tuning.poll_seconds), self._next_due()))

    def _say_work(self, taken: int) -> None:
        self.idle = False
        try:
            with self.engine.connect() as connection:
                waiting = counts.read(connection).pendientes
        except DBAPIError:
            waiting = 0
        log.info("🔔 [Cola] Hay %d artículo(s) pendiente(s), iniciando procesamiento...", waiting + taken)

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
        """Seconds until something falls due; what is due already is made ready."""
        try:
            with self.engine.begin() as connection:
                seconds = outlook.seconds_until_due(connection)
                if seconds is not None and seconds <= 0 and outlook.make_ready(connection):
                    schedule.close(connection, self.app.settings.shop_timezone)
                    return 0.0
                lane = seconds_until_due(connection)
        except DBAPIError:
            return 1.0
        return min(60.0 if seconds is None else max(0.05, seconds), 60.0 if lane is None else max(2.0, lane))


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
        # Its number is seen in pg_stat_activity: who holds what, while it holds it.
        app = bootstrap.build_worker(settings, f"revelado worker {os.getpid()}")
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
