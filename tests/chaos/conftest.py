"""A server of its own to restart, emulators in a process of their own, and real worker processes to kill."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.access.actors import SYSTEM
from core.queue.enqueue import enqueue
from tests.emulators.fixtures import Emulators, in_own_process
from tests.shop import article, photo, run_sql

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def running_emulators() -> Iterator[Emulators]:
    with in_own_process() as emulators:
        yield emulators


@pytest.fixture
def emulators(running_emulators: Emulators) -> Emulators:
    running_emulators.reset()
    return running_emulators


@dataclass
class Plant:
    """One shop with its workers."""

    engine: Engine
    database_url: str
    emulators: Emulators
    data_dir: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def queue(self, count: int = 1) -> list[int]:
        """Job ids; no delay between articles."""
        run_sql(
            self.engine,
            "INSERT INTO revelado.settings VALUES ('delay_seconds', '0', now(), 't') ON CONFLICT DO NOTHING",
        )
        ids = []
        for n in range(count):
            url = self.emulators.photos.add_photo(f"{n}.jpg", photo((60 + n % 150, 40, 90)))
            ids.append(article(self.engine, f"Artículo {n}", url))
        return [added.queue_id for added in enqueue(self.engine, SYSTEM, ids, origin="cli").added]

    def worker(self, *options: str) -> subprocess.Popen[str]:
        inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "CLOUDINARY_URL")}
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "worker.py"), *options],
            env={**inherited, **self.emulators.env, "DATABASE_URL": self.database_url, "DATA_DIR": str(self.data_dir)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def expire_leases(self) -> None:
        """What 15 seconds of silence do."""
        run_sql(
            self.engine,
            "UPDATE image_processing_queue SET lease_until = now() - interval '1 second' WHERE estado = 'processing'",
        )

    def states(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.scalars(text("SELECT estado FROM image_processing_queue ORDER BY id")))

    def bought(self) -> int:
        return len(self.emulators.gemini.ledger())

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def plant(engine: Engine, database_url: str, emulators: Emulators, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(engine, database_url, emulators, tmp_path)
    yield plant
    plant.stop()


def eventually(condition: Callable[[], bool], seconds: float = 45) -> None:
    """Waits for what other processes do; a database that is away counts as not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(DBAPIError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")
