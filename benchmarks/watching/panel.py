"""The real panel in a process of its own, and beside it an empty Streamlit page served in the same manner."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import Engine, text

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "banco@example.com", "tornillo-hexagonal-9"

EMPTY_PAGE = "import streamlit as st\nst.set_page_config(layout='wide')\nst.title('Vacía')\nst.write('Nada.')\n"
#: The least that any live page does: four figures and a bar every two seconds, from no database at all.
TICKING_PAGE = """
import time
import streamlit as st

@st.fragment(run_every=2)
def tick():
    for column, word in zip(st.columns(4), ("Pendientes", "Procesando", "Completados", "Fallidos")):
        column.metric(word, int(time.time()) % 1000)
    st.progress(time.time() % 1)

tick()
"""
_BARE_APP = """
import streamlit as st
app = st.App({script!r})
if __name__ == "__main__":
    app.run(config={{"server.port": {port}}})
"""


@dataclass(frozen=True)
class Served:
    url: str
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of the processor so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def memory(self) -> float:
        """MB."""
        return self.process.memory_info().rss / 1e6


@contextmanager
def panel(database_url: str, folder: Path) -> Iterator[Served]:
    environment = {
        "DATABASE_URL": database_url.replace("postgresql+psycopg2://", "postgresql://"),
        "DATA_DIR": str(folder),
        "ADMIN_EMAIL": EMAIL,
        "ADMIN_PASSWORD": PASSWORD,
        # Prices and estimates as a shop with an account has them. Nothing is sent: no worker runs.
        "GEMINI_API_KEY": "no-key",
        "IMAGE_EDITOR": "gemini",
        "IMAGE_HOST": "local",
        "SHOP_TIMEZONE": "America/Argentina/Buenos_Aires",
    }
    with _serve([str(ROOT / "dashboard.py")], folder / "panel.log", "/healthz", environment) as served:
        yield served


@contextmanager
def bare_page(folder: Path, name: str, text: str) -> Iterator[Served]:
    """Of Streamlit alone, with the panel's own configuration. `text`: its script."""
    script, app = folder / f"{name}.py", folder / f"{name}_app.py"
    script.write_text(text)
    port = _free_port()
    app.write_text(_BARE_APP.format(script=str(script), port=port))
    with _serve([str(app)], folder / f"{name}.log", "/_stcore/health", {}, port) as served:
        yield served


@contextmanager
def _serve(
    command: list[str], log: Path, health: str, environment: dict[str, str], port: int | None = None
) -> Iterator[Served]:
    port = port or _free_port()
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**inherited, **environment, "PORT": str(port), "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url + health, process, log)
        yield Served(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(log.read_text())
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise SystemExit(log.read_text())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class DatabaseLoad:
    """What PostgreSQL's processes used, and how many transactions ended, since it was made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.connect() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        parent = psutil.Process(own).parent()
        assert parent is not None
        self._postmaster = parent
        self._began, self._transactions = self._cpu(), self._ended()

    def cpu(self) -> float:
        """Seconds of the processor. A backend that ended meanwhile is not counted: the panel keeps its connections."""
        now = self._cpu()
        return sum(seconds - self._began.get(pid, 0.0) for pid, seconds in now.items())

    def transactions(self) -> int:
        return self._ended() - self._transactions

    def _cpu(self) -> dict[int, float]:
        found = {}
        for child in self._postmaster.children():
            with suppress(psutil.Error):
                times = child.cpu_times()
                found[child.pid] = times.user + times.system
        return found

    def _ended(self) -> int:
        with self._engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database WHERE datname = current_database()"
                )
            )
            return int(row.scalar_one())


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="revelado-banco-") as name:
        yield Path(name)
