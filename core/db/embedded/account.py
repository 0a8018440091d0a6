"""The operating system's account that PostgreSQL runs as: ourselves or, since it refuses root, a lesser one."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db.embedded import problems

#: In order of preference; `nobody` last, because other services may run as it too.
SERVICE_ACCOUNTS = ("revelado", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        """Whether we are root and must step down to it."""
        return self.uid != os.geteuid()

    def start(
        self, command: Sequence[str | Path], *, output: int, new_session: bool, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Starts a program of PostgreSQL as this account; `output` takes both its streams.

        Raises StartupError when the account can't reach the program. The environment is bare: no PG* variable changes
        what it does, and its messages are English.
        """
        try:
            return subprocess.Popen(
                command,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",  # ours may be closed to the account
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
                umask=0o077,
                start_new_session=new_session,
                user=self.uid if self.is_another else None,
                group=self.gid if self.is_another else None,
                extra_groups=[] if self.is_another else None,
            )
        except FileNotFoundError as error:
            raise problems.wheel_missing() from error
        except PermissionError as error:
            raise problems.program_unreachable(Path(command[0]), self.name) from error

    def run(self, command: Sequence[str | Path], *, stdin: str = "", new_session: bool = False) -> tuple[int, str]:
        """Runs it to its end: exit status and what it printed."""
        process = self.start(command, output=subprocess.PIPE, new_session=new_session, stdin=subprocess.PIPE)
        try:
            output, _ = process.communicate(stdin.encode())
        except BaseException:
            process.terminate()
            process.wait()
            raise
        return process.returncode, output.decode(errors="replace")

    def reaches(self, folder: Path) -> bool:
        """Whether it can enter the folder: asked of the kernel, which also knows access lists and mount options."""
        if not self.is_another:
            return os.access(folder, os.X_OK)
        return self.run(["/bin/sh", "-c", 'cd "$0"', folder])[0] == 0

    def give(self, path: Path) -> None:
        """Makes it the owner of a file or folder that we made."""
        if self.is_another:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def for_new_cluster() -> Account:
    """Ourselves, or as root the first service account that exists."""
    if os.geteuid() != 0:
        return _by_uid(os.geteuid())
    for name in SERVICE_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise problems.no_account()


def for_cluster(cluster: Path) -> Account:
    """The owner of an existing cluster, if we may act as it; for one that root restored, a service account."""
    owner = cluster.stat().st_uid
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise problems.cluster_of_another_user(cluster, _name(owner))
        return _by_uid(owner)
    try:
        return _by_uid(owner) if owner != 0 else for_new_cluster()
    except KeyError:
        return for_new_cluster()


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        if os.geteuid() == 0:
            raise
        raise problems.no_account() from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
