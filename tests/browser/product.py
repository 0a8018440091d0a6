"""The whole product as `make start` runs it, in a folder and on a port of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


class Product:
    def __init__(self, data_dir: Path, port: int, **environ: str) -> None:
        self.data_dir, self.port, self.url = data_dir, port, f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        inherited = {name: value for name, value in os.environ.items() if name in OURS}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core", "start"],
            cwd=ROOT,
            env={**inherited, "DATA_DIR": str(data_dir), "PORT": str(port), "SHOP_TIMEZONE": "UTC", **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def log(self) -> str:
        return "".join(self.lines)

    def wait_until_up(self, seconds: float = 90) -> float:
        """Seconds until the page answered."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            assert self.process.poll() is None, self.log
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                return time.monotonic() - started
            time.sleep(0.1)
        raise AssertionError(self.log)

    def find(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} did not appear in:\n{self.log}")

    def children(self) -> dict[str, int]:
        """{dashboard.py | worker.py: process id} of the supervised processes."""
        found = {}
        for entry in Path("/proc").iterdir():
            with suppress(OSError, IndexError, ValueError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent == self.process.pid:
                    command = (entry / "cmdline").read_text()
                    found["dashboard.py" if "dashboard.py" in command else "worker.py"] = int(entry.name)
        return found

    def stop(self) -> int:
        """As Ctrl-C or a service manager does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self._reader.join(5)
        return code


@contextmanager
def installation() -> Iterator[Path]:
    """A data folder that the database's own account may reach, too."""
    folder = Path(tempfile.mkdtemp(prefix="revelado-start-"))
    folder.chmod(0o755)
    try:
        yield folder / "data"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
