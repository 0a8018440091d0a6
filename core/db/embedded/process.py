"""What runs for a cluster: told from the process table and the server's own answer, never from its files alone."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.db.embedded.configuration import DATABASE, PORT, ROLE
from core.db.embedded.programs import program

#: Without contents on macOS.
_PROC = Path("/proc")


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says; `sockets` is the folder of its socket.

    One that answers from another container isn't `is_ours`: here its process id means nothing, or somebody else.
    """

    pid: int
    sockets: Path
    is_ours: bool


def find(cluster: Path) -> Postmaster | None:
    """The live server of a cluster, ready or not; None when there is none, whatever its files claim."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid, sockets = int(lines[0]), Path(lines[4])
    except (OSError, ValueError, IndexError):
        return None
    found = Postmaster(pid, sockets, is_ours=_is_alive(pid, cluster))
    return found if found.is_ours or is_ready(found) else None


def is_ready(server: Postmaster) -> bool:
    """Whether it takes connections, by its own answer."""
    command: list[str | Path] = [program("pg_isready"), "-q", "-t", "3", "-h", server.sockets]
    command += ["-p", str(PORT), "-U", ROLE, "-d", DATABASE]
    return subprocess.run(command, env={"LC_ALL": "C"}, check=False).returncode == 0


def _is_alive(pid: int, cluster: Path) -> bool:
    state, name = _state_and_name(pid)
    if name != "postgres":  # the id was given to another program
        return False
    if state in ("Z", "X"):
        with suppress(ChildProcessError):  # as a container's first process we inherit it, and only we can reap it
            os.waitpid(pid, os.WNOHANG)
        return False
    try:
        return (_PROC / str(pid) / "cwd").readlink() == cluster  # a server works in its cluster's folder
    except PermissionError:  # a container's root without the right to look at others' processes
        return True
    except FileNotFoundError:  # it just ended, or this system has no such files
        return not _has_proc()


def _state_and_name(pid: int) -> tuple[str, str]:
    """One letter (Z: a zombie) and the program's name; both empty when there is no such process."""
    if _has_proc():
        try:
            name, _, rest = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")
        except OSError:
            return "", ""
        return rest.split()[0], name.partition("(")[2]
    command = ["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)]
    state, _, name = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().partition(" ")
    return state[:1], Path(name.strip()).name


def _has_proc() -> bool:
    return (_PROC / "self").exists()
