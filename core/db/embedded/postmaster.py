"""Starts and stops the server of a cluster, and waits for one that starts, stops or recovers."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from core.db.embedded import configuration, problems
from core.db.embedded.configuration import PORT
from core.db.embedded.place import Place, socket_folder
from core.db.embedded.process import Postmaster, find, is_ready
from core.db.embedded.programs import program

log = logging.getLogger(__name__)

#: A crash on a slow disk may leave this much to recover.
START_SECONDS = 120
STOP_SECONDS = 60
NEWS_SECONDS = 4.0
LARGEST_LOG = 10 * 1024 * 1024
#: Larger than any process id a kernel gives.
_NO_PROCESS = 2**31 - 1
_LOG_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW


def adopt_or_start(place: Place, *, fast: bool) -> Postmaster:
    """The ready server of a cluster, the one that runs or a new one.

    Waits up to START_SECONDS for a server that starts, stops or recovers. Raises StartupError. Call it only while
    `locks.starting_or_stopping`.
    """
    deadline = time.monotonic() + START_SECONDS
    server = _wait_until_ready(place, deadline) or _start(place, deadline, fast=fast)
    if server is None:
        raise problems.too_slow(place.log, START_SECONDS)
    return server


def stop(place: Place, *, fast: bool) -> None:
    """Stops the server if one runs: its sessions are ended, its data written out unless `fast`."""
    server = find(place.cluster)
    if server is None or not server.is_ours:
        return
    mode = "immediate" if fast else "fast"
    command: list[str | Path] = [program("pg_ctl"), "stop", "-s", "-D", place.cluster]
    command += ["-m", mode, "-w", "-t", str(STOP_SECONDS)]
    status, output = place.account.run(command, new_session=True)
    if status != 0 and find(place.cluster) is not None:
        log.warning("⚠️ [BD] La base de datos no se detuvo en %s s: %s", STOP_SECONDS, output.strip())
    elif server.sockets != place.cluster:
        with suppress(OSError):
            server.sockets.rmdir()


def _wait_until_ready(place: Place, deadline: float) -> Postmaster | None:
    """The live server once it answers; None as soon as there is none."""
    news = time.monotonic()
    while server := find(place.cluster):
        if is_ready(server):
            return server
        now = time.monotonic()
        if now > deadline:
            raise problems.too_slow(place.log, START_SECONDS)
        if now - news > NEWS_SECONDS:
            news = now
            log.info("⏳ [BD] La base de datos todavía no responde; esperando…")
        time.sleep(0.05)
    return None


def _start(place: Place, deadline: float, *, fast: bool) -> Postmaster | None:
    sockets = socket_folder(place)
    configuration.write(place.cluster, place.account, sockets=sockets, fast=fast)
    _rotate_log(place.log)
    if (place.cluster / "postmaster.pid").exists():
        log.warning("🩹 [BD] La base de datos se cerró de golpe la última vez; recuperando…")
    news = 0.0
    while True:
        _clear_leftovers(place.cluster, sockets)
        output = _pg_ctl_start(place, max(1, int(deadline - time.monotonic())))
        if output is None:
            return _wait_until_ready(place, deadline)
        if time.monotonic() > deadline:
            return None
        if problems.STILL_IN_USE not in output:
            raise problems.from_output(output, folder=place.cluster, log=place.log)
        if time.monotonic() - news > NEWS_SECONDS:
            news = time.monotonic()
            log.info("⏳ [BD] Esperando a que terminen procesos de la base de datos anterior…")
        time.sleep(0.3)


def _pg_ctl_start(place: Place, seconds: int) -> str | None:
    """None when the server is up, else what the failed start wrote to the log."""
    # We open the log: so it stays in DATA_DIR and ours even where the account can't go.
    with os.fdopen(os.open(place.log, _LOG_FLAGS, 0o600), "ab") as output:
        before = output.tell()
        command: list[str | Path] = [program("pg_ctl"), "start", "-s", "-D", place.cluster, "-w", "-t", str(seconds)]
        # Its own session: a Ctrl-C in our terminal must not reach the server.
        process = place.account.start(command, output=output.fileno(), new_session=True)
        while True:
            try:
                status = process.wait(timeout=NEWS_SECONDS)
                break
            except subprocess.TimeoutExpired:
                log.info("⏳ [BD] La base de datos todavía se está recuperando…")
    if status == 0:
        return None
    with place.log.open("rb") as written:
        written.seek(before)
        return written.read().decode(errors="replace")


def _clear_leftovers(cluster: Path, sockets: Path) -> None:
    """What a killed server left behind would stop the next one where its process id is a zombie's or was given anew.

    The pid file stays, with an id that is nobody's: PostgreSQL reads from it which shared memory the old server's
    children may still be using, and waits for no one if it is gone.
    """
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (sockets / name).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        fd = os.open(cluster / "postmaster.pid", os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(fd, "r+") as file:
            _, _, rest = file.read().partition("\n")
            file.seek(0)
            file.write(f"{_NO_PROCESS}\n{rest}")
            file.truncate()


def _rotate_log(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_name(path.name + ".1"))
