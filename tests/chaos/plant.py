"""A shop with real worker processes, and what a test may ask of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.access.actors import SYSTEM
from core.queue.enqueue import enqueue
from tests.emulators.fixtures import Emulators
from tests.shop import article, as_before, photo, run_sql

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Plant:
    """One shop with its workers."""

    engine: Engine
    database_url: str
    emulators: Emulators
    data_dir: Path
    environ: dict[str, str] = field(default_factory=dict)  #: over what the emulators' own settings say
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        as_before(self.engine)

    def tune(self, **settings: float | str) -> None:
        for key, value in settings.items():
            run_sql(
                self.engine,
                "INSERT INTO revelado.settings VALUES (:key, to_jsonb(CAST(:value AS "
                + ("text" if isinstance(value, str) else "numeric")
                + ")), now(), 't') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                key=key,
                value=value,
            )

    def queue(self, count: int = 1) -> list[int]:
        """Job ids; no delay between articles."""
        self.tune(delay_seconds=0)
        ids = []
        for n in range(count):
            url = self.emulators.photos.add_photo(f"{n}.jpg", photo((60 + n % 150, 40, 90)))
            ids.append(article(self.engine, f"Artículo {n}", url))
        return [added.queue_id for added in enqueue(self.engine, SYSTEM, ids, origin="cli").added]

    def worker(self, *options: str, log: Path | None = None) -> subprocess.Popen[str]:
        """Its lines go to `log`, or to a pipe, which holds no more than a short life says.

        With a log it may live long, so it stops by itself when a test that was killed leaves its stdin.
        """
        inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "CLOUDINARY_URL")}
        ours = {**self.emulators.env, **self.environ, "DATABASE_URL": self.database_url, "DATA_DIR": str(self.data_dir)}
        with log.open("w") if log else nullcontext() as file:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "worker.py"), *options],
                env={**inherited, **ours, **({"REVELADO_SUPERVISED": "1"} if log else {})},
                cwd=ROOT,
                stdin=subprocess.PIPE if log else None,
                stdout=file or subprocess.PIPE,
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


def eventually(condition: Callable[[], bool], seconds: float = 45) -> None:
    """Waits for what other processes do; a database that is away counts as not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(DBAPIError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")
