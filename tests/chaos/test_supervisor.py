"""`make start`, killed in every way: the next start works and nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.db.embedded import is_running
from tests.browser.product import ROOT, Product, free_port, installation

pytestmark = pytest.mark.timeout(240)


def test_killed_processes_come_back_and_a_killed_start_starts_again() -> None:
    with installation() as data_dir:
        port = free_port()
        product = Product(data_dir, port)
        product.wait_until_up()
        email = product.find(r"Usuario: (\S+)")[1]
        product.find("Esperando artículos")

        os.kill(product.children()["worker.py"], signal.SIGKILL)
        product.find(r"trabajador se detuvo \(señal 9\); se inicia otra vez en 1 s")
        product.find(r"(?s)Esperando artículos.*Esperando artículos")

        os.kill(product.children()["dashboard.py"], signal.SIGKILL)
        product.find(r"panel se detuvo \(señal 9\)")
        product.wait_until_up()

        children = product.children()
        product.process.kill()
        product.process.wait()
        for pid in children.values():
            _gone(pid)

        again = Product(data_dir, port)
        seconds = again.wait_until_up()
        assert "Contraseña de un solo uso" not in again.log, "the administrator is still there"
        assert email
        for pid in (*again.children().values(), again.process.pid):
            os.kill(pid, signal.SIGKILL)
        again.process.wait()

        third = Product(data_dir, port)
        third.wait_until_up()
        assert third.stop() == 0, third.log
        assert "Traceback" not in third.log
        assert not is_running(data_dir), "the database stops with its last user"
        assert seconds < 60


def test_a_taken_port_is_one_clear_line_in_two_languages() -> None:
    with installation() as data_dir, socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = start(data_dir, PORT=str(port))
        assert refused.returncode == 2
        assert f"puerto {port} está ocupado" in refused.stderr and f"Port {port} is taken" in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        (
            {"DATABASE_URL": "postgresql://u@127.0.0.1:1/x", "IMAGE_EDITOR": "local", "IMAGE_HOST": "local"},
            "DATABASE_URL",
        ),
        ({"DATABASE_URL": "postgresql://u@127.0.0.1:1/x"}, "GEMINI_API_KEY"),
        ({"GEMINI_MODLE": "x"}, "GEMINI_MODEL"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_two_lines(environ: dict[str, str], named: str) -> None:
    with installation() as data_dir:
        refused = start(data_dir, PORT=str(free_port()), **environ)
        assert refused.returncode == 2
        lines = refused.stderr.strip().splitlines()
        assert len(lines) == 2 and all(named in line for line in lines), refused.stderr


def start(data_dir: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-m", "core", "start"],
        cwd=ROOT,
        env={**inherited, "DATA_DIR": str(data_dir), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def _gone(pid: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} outlived its supervisor")
