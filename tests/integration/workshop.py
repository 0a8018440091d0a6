"""A worker's day, one article at a time."""

from __future__ import annotations

from core.bootstrap import WorkerApp
from tests.emulators.fixtures import Emulators
from tests.shop import run_sql
from worker import Worker


def work(app: WorkerApp) -> None:
    """One article, as a fresh worker process would."""
    run_sql(app.engine, "UPDATE image_processing_queue SET run_after = NULL")
    run_sql(
        app.engine, "INSERT INTO revelado.settings VALUES ('delay_seconds', '0', now(), 't') ON CONFLICT DO NOTHING"
    )
    Worker(app).run(once=True)


def bought(emulators: Emulators) -> int:
    return len(emulators.gemini.ledger())
