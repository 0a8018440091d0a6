"""Starts the web process and one worker, shows their logs, starts again what dies, stops everything in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.config import SUPERVISED, Settings, child_environment
from core.errors import StartupError

ROOT = Path(__file__).resolve().parents[1]
#: Seconds. The worker may be waiting for a paid answer: up to its deadline, and some to store it.
STOP_GRACE = {"panel": 10.0, "trabajador": 170.0}
BACKOFF_CAP = 30.0
STEADY = 60.0  #: a process that ran this long starts its backoff anew


def die_with_parent() -> None:
    """For supervised children: when the supervisor is gone, even by kill -9, its end of our stdin closes; then stop."""
    if not SUPERVISED:
        return

    def watch() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def wait_for_port(port: int, patience: float = 8.0) -> None:
    """Raises StartupError when somebody else keeps the port. Patient: an orphan of a killed start is just stopping."""
    deadline = time.monotonic() + patience
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 - the address the panel will listen on
                return
            except PermissionError as error:
                raise StartupError(
                    f"No hay permiso para usar el puerto {port}. Elija uno desde 1024: PORT=8501.",
                    f"No permission to use port {port}. Choose one from 1024 up: PORT=8501.",
                ) from error
            except OSError as error:
                if time.monotonic() > deadline:
                    raise StartupError(
                        f"El puerto {port} está ocupado por otro programa. Ciérrelo o elija otro: PORT={port + 1}.",
                        f"Port {port} is taken by another program. Stop it or choose another: PORT={port + 1}.",
                    ) from error
        time.sleep(0.2)


@dataclass
class Child:
    """One supervised process."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    failures: int = 0
    start_at: float = 0.0

    def start(self) -> None:
        # Its own session: Ctrl-C in the terminal reaches the supervisor alone, which stops the children in order.
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            start_new_session=True,
        )
        self.started = time.monotonic()
        threading.Thread(target=self._show, args=(self.process,), daemon=True).start()

    def _show(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            say(self.name, line.rstrip("\n"))

    def check(self) -> None:
        """Starts it again when it died, later each time."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.failures = 1 if now - self.started > STEADY else self.failures + 1
        wait = min(2.0 ** (self.failures - 1), BACKOFF_CAP)
        reason = f"señal {-code}" if code < 0 else f"código {code}"
        say("supervisor", f"⚠️ {self.name} se detuvo ({reason}); se inicia otra vez en {wait:.0f} s")
        self.process, self.start_at = None, now + wait

    def terminate(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            say("supervisor", f"⚠️ {self.name} no se detuvo en {seconds:.0f} s; se corta")
            self.process.kill()
            self.process.wait()


def say(name: str, line: str) -> None:
    # A log that can't be written (disk full, terminal gone) must never block a child that works.
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{name:<10} │ {line}\n")
        sys.stdout.flush()


def run(settings: Settings) -> None:
    """Returns after SIGTERM or Ctrl-C, everything stopped."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    environment = child_environment()
    children = [
        Child("panel", _panel_command(settings), environment),
        Child("trabajador", (sys.executable, str(ROOT / "worker.py")), environment),
    ]
    try:
        while not stop.is_set():
            for child in children:
                child.check()
            stop.wait(0.5)
    finally:
        say("supervisor", "🛑 Deteniendo: se espera a que termine lo que ya se pagó…")
        for child in children:
            child.terminate()
        for child in children:
            child.wait(STOP_GRACE[child.name])


def _panel_command(settings: Settings) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"),
        "--server.port", str(settings.port), "--server.headless", "true",
    )  # fmt: skip
