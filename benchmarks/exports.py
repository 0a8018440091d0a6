"""The history of 100,000 jobs as CSV and as a workbook with photos: seconds, and how much the process grew.

python -m benchmarks.exports [jobs]
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core import config
from core.bootstrap import App, Database
from core.db.embedded import temporary_server
from core.db.engine import make_engine
from core.db.migrate import migrate
from core.providers.local_host import LocalHost
from core.providers.safe_fetch import SafeFetcher
from core.queue.history_filter import HistoryFilter
from core.ui import csv_out, history_book, history_file
from tests.shop import photo

_PHOTOS = 500
_ZONE = ZoneInfo("America/Argentina/Buenos_Aires")

#: Without the ledger's trigger, which adds each purchase to its quarter of an hour one by one.
_SEED = """
    SET LOCAL statement_timeout = 0;
    ALTER TABLE revelado.purchases DISABLE TRIGGER USER;
    INSERT INTO categorias (id, nombre) SELECT n, 'Categoría ' || n FROM generate_series(1, 40) n;
    INSERT INTO articulos (id, nombre, codigo, categoria_id, imagen_url)
        SELECT n, 'Tornillo hexagonal galvanizado ' || n, 'TOR-' || n, 1 + n % 40, 'x' FROM generate_series(1, :jobs) n;
    INSERT INTO image_processing_queue (articulo_id, articulo_nombre, estado, intentos, created_at, started_at, completed_at,
            imagen_url_original, imagen_url_procesada)
        SELECT n, 'Tornillo hexagonal galvanizado ' || n, 'completed', 1, now() - n * interval '1 minute',
            now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '9 seconds',
            (:urls)[1 + n % :photos], (:urls)[1 + (n + 1) % :photos] FROM generate_series(1, :jobs) n;
    INSERT INTO revelado.purchases (job_id, generation, claim_token, state, editor, model, prompt_version, prompt,
            source_sha256, estimate, cost, closed_at)
        SELECT id, 1, 1, 'used', 'gemini', 'gemini-x', '1', 'x', 'x', 0.04, 0.0387, now() FROM image_processing_queue;
    ALTER TABLE revelado.purchases ENABLE TRIGGER USER;
    ANALYZE;
"""


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with temporary_server() as server, tempfile.TemporaryDirectory() as folder:
        engine = make_engine(server.url, "bench")
        migrate(engine)
        host = LocalHost(Path(folder) / "fotos", "http://127.0.0.1:8501")
        urls = [host.upload(photo((n % 250, 40, 30)) + b"%d" % n, f"r{n}", "image/jpeg").url for n in range(_PHOTOS)]
        with engine.begin() as connection:
            connection.execute(text(_SEED), {"jobs": jobs, "urls": urls, "photos": _PHOTOS})
        settings = config.load({"DATA_DIR": folder}, Path(folder) / "no.env")
        app = App(settings, Database(engine, None), host, host, SafeFetcher(frozenset()))
        where = HistoryFilter()
        print(f"{jobs:,} jobs on {os.cpu_count()} cores")
        measure(
            "CSV", lambda: sum(map(len, csv_out.encode(history_file.header(), history_file.lines(app, where), _ZONE)))
        )
        measure("workbook", lambda: _size(app, where))
        measure("workbook, thumbnails already made", lambda: _size(app, where))
        engine.dispose()


def _size(app: App, where: HistoryFilter) -> int:
    with history_book.write(app, where, _ZONE) as file:
        return file.seek(0, os.SEEK_END)


def measure(name: str, work: Callable[[], int]) -> None:
    before, started, busy = _peak(), time.perf_counter(), time.process_time()
    size = work()
    print(
        f"{name}: {time.perf_counter() - started:.1f} s ({time.process_time() - busy:.1f} s of the processor),"
        f" {size / 1e6:.1f} MB, process grew by {_peak() - before:.0f} MB"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
