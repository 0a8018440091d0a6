"""Workers that are replaced when they die, and the ways to kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.pipeline import economy
from tests.chaos.plant import Plant
from tests.shop import rows

#: Who holds what, and how far it has come. A worker that died is told by its process, not by this.
_HELD = """
    SELECT w.pid, q.id AS job_id, q.articulo_id, q.claim_token, CASE
        WHEN c.asset IS NOT NULL THEN 'publish' WHEN c.result_sha256 IS NOT NULL THEN 'host'
        WHEN p.state = 'answered' THEN 'inspect' WHEN p.state = 'open' THEN 'buy' ELSE 'fetch' END AS stage
    FROM image_processing_queue q JOIN revelado.workers w ON w.id = q.worker_id
    LEFT JOIN revelado.checkpoints c ON c.job_id = q.id
    LEFT JOIN LATERAL (SELECT state FROM revelado.purchases WHERE job_id = q.id ORDER BY id DESC LIMIT 1) p ON true
    WHERE q.estado = 'processing' AND q.lease_until > now()
"""
STAGES = ("fetch", "buy", "inspect", "host", "publish")
#: Who is at the economy lane's batches right now, and what there is to do.
_AT_LANE = """
    SELECT substring(a.application_name FROM '[0-9]+$')::int AS pid,
        CASE WHEN s.state = 'submitted' THEN 'collecting' WHEN s.file_name IS NOT NULL THEN 'ordering' ELSE 'gathering'
        END AS stage
    FROM pg_locks l JOIN pg_stat_activity a USING (pid) CROSS JOIN LATERAL (SELECT * FROM revelado.submissions
        WHERE state = 'submitted' AND poll_after <= now() OR state = 'preparing' AND items > 0
        ORDER BY file_name IS NULL, state LIMIT 1) s
    WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32) | l.objid::bigint = :lock
"""
LANE_STAGES = ("gathering", "ordering", "collecting")


@dataclass(frozen=True)
class Death:
    """A job that died with its worker, and when, as seconds since the epoch."""

    at: float
    job_id: int
    claim_token: int
    stage: str


@dataclass
class Fleet:
    plant: Plant
    size: int
    deaths: list[Death] = field(default_factory=list)
    kills: int = 0
    ended: list[int] = field(default_factory=list)  #: exit codes of those that ended by themselves
    frozen: list[subprocess.Popen[str]] = field(default_factory=list)
    _alive: list[subprocess.Popen[str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def tend(self) -> None:
        """Fills the gaps, as a supervisor would."""
        for process in [p for p in self._alive if p.poll() is not None]:
            self._alive.remove(process)
            self.ended.append(process.returncode)
        while len(self._alive) < self.size:
            log = self.plant.data_dir / f"worker-{next(self._numbers)}.log"
            self._alive.append(self.plant.worker(log=log))

    def held(self) -> list[Any]:
        """The jobs in the hands of living workers; none while the database is away."""
        pids = {process.pid for process in self._alive}
        with suppress(DBAPIError):
            return [row for row in rows(self.plant.engine, _HELD) if row.pid in pids]
        return []

    def kill(self, *pids: int) -> None:
        """SIGKILL, all at once, whatever each holds; others take their place."""
        held = self.held()
        now = time.time()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for process in [p for p in self._alive if p.pid in pids]:
            process.wait()
            self._alive.remove(process)
            self.kills += 1
        with suppress(DBAPIError):
            still = {(row.job_id, row.claim_token) for row in rows(self.plant.engine, _HELD)}
            self.deaths += [
                Death(now, row.job_id, row.claim_token, row.stage)
                for row in held
                if row.pid in pids and (row.job_id, row.claim_token) in still
            ]
        self.tend()

    def kill_at(self, stage: str, seconds: float = 8.0) -> bool:
        """Kills a worker at that stage; False when none comes there in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for row in self.held():
                if row.stage == stage or (stage == "publish" and row.stage == "host"):
                    with self.plant.engine.connect() as blocking:
                        if stage == "publish":
                            _keep_from_publishing(blocking, row, deadline)
                        self.kill(row.pid)
                    return True
            time.sleep(0.01)
        return False

    def kill_lane_at(self, stages: Collection[str], seconds: float) -> str:
        """Kills the worker that is at one of these stages of a batch: which; empty when none comes there in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pids = {process.pid for process in self._alive}
            with suppress(DBAPIError):
                for row in rows(self.plant.engine, _AT_LANE, lock=economy.LOCK):
                    if row.stage in stages and row.pid in pids:
                        self.kill(row.pid)
                        return str(row.stage)
            time.sleep(0.01)
        return ""

    def freeze(self, pid: int) -> None:
        """It stops in the middle of a word, its leases run out, and it never learns of it."""
        [process] = [p for p in self._alive if p.pid == pid]
        self._alive.remove(process)
        process.send_signal(signal.SIGSTOP)
        self.frozen.append(process)
        self.tend()

    def thaw(self) -> None:
        """The late ones go on where they were."""
        for process in self.frozen:
            process.send_signal(signal.SIGCONT)
        self._alive += self.frozen
        self.size += len(self.frozen)
        self.frozen.clear()

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        for process in self._alive:
            process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in self._alive]


def _keep_from_publishing(blocking: Any, row: Any, deadline: float) -> None:
    """Locks the article, so that the job's last transaction waits in its middle."""
    blocking.execute(text("SELECT FROM articulos WHERE id = :id FOR UPDATE"), {"id": row.articulo_id})
    waiting = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%articulos%imagen_url%'"
        " AND datname = current_database())"
    )
    while time.monotonic() < deadline and not blocking.scalar(waiting):
        time.sleep(0.01)
