"""Where the cluster of a DATA_DIR lives, and where its socket is."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.db.embedded import account as accounts
from core.db.embedded import problems
from core.db.embedded.account import Account

#: For a DATA_DIR that the service account can't enter, such as one in root's home: no folder above is ever opened.
ELSEWHERE = Path("/var/lib/revelado")
#: The kernel's limit for a socket's path is 103 bytes on macOS and 107 on Linux; `/.s.PGSQL.5432` comes after ours.
LONGEST_SOCKET_FOLDER = 89
#: A path of these needs no quoting in postgresql.conf nor in a URL.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True)
class Place:
    data_dir: Path
    cluster: Path
    account: Account

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def location_file(self) -> Path:
        """Names the folder of the cluster when that isn't `data_dir/postgres`."""
        return self.data_dir / "postgres.location"

    @property
    def exists(self) -> bool:
        return (self.cluster / "PG_VERSION").exists()


def prepare(data_dir: Path) -> Path:
    """The absolute DATA_DIR, made if need be: private, but as root the service account may pass through."""
    folder = data_dir.absolute()
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, 0, accounts.for_new_cluster().gid)
            folder.chmod(0o710)
    return folder.resolve()


def find(data_dir: Path) -> Place | None:
    """The existing cluster of a DATA_DIR; None when there is none yet. Raises StartupError when it got lost."""
    recorded = data_dir / "postgres.location"
    if recorded.exists():
        cluster = Path(recorded.read_text().strip())
        if not (cluster / "PG_VERSION").exists():
            raise problems.cluster_lost(cluster, recorded)
        return Place(data_dir, cluster, accounts.for_cluster(cluster))
    cluster = data_dir / "postgres"
    if not cluster.exists():
        return None
    place = Place(data_dir, cluster, accounts.for_cluster(cluster))
    if place.exists:
        return place
    if any(cluster.iterdir()):
        raise problems.not_a_cluster(cluster)
    return None


def choose(data_dir: Path) -> Place:
    """Where to make a cluster: in DATA_DIR if the account can enter it."""
    account = accounts.for_new_cluster()
    if account.reaches(data_dir):
        return Place(data_dir, data_dir / "postgres", account)
    ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
    home = ELSEWHERE / _digest(data_dir)
    home.mkdir(mode=0o711, exist_ok=True)
    if not account.reaches(home):
        raise problems.cluster_unreachable(home, account.name)
    return Place(data_dir, home / "postgres", account)


def record(place: Place) -> None:
    """Remembers a cluster that is kept elsewhere, whatever permissions may become."""
    if place.cluster.parent != place.data_dir and not place.location_file.exists():
        with place.location_file.open("x") as file:
            file.write(f"{place.cluster}\n")


def socket_folder(place: Place) -> Path:
    """A private folder with a short path: the cluster or, where its path is too long, one among temporary files."""
    if _fits(place.cluster):
        return place.cluster
    folder = temporary_root(place.account) / f"revelado-{_digest(place.cluster)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise problems.strange_socket_folder(folder) from error
    try:
        if os.fstat(fd).st_uid not in (os.geteuid(), place.account.uid):
            raise problems.strange_socket_folder(folder)
        if os.fstat(fd).st_uid != place.account.uid:
            os.fchown(fd, place.account.uid, place.account.gid)
        if stat.S_IMODE(os.fstat(fd).st_mode) != 0o700:
            os.fchmod(fd, 0o700)
    finally:
        os.close(fd)
    return folder


def temporary_root(account: Account) -> Path:
    """The system's folder for temporary files, or /tmp where that is too long or closed to the account."""
    usual = Path(tempfile.gettempdir()).resolve()
    return usual if _fits(usual / "revelado-0123456789abcdef") and account.reaches(usual) else Path("/tmp")  # noqa: S108 - a socket's path must be short


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(folder)) is not None


def _digest(folder: Path) -> str:
    return sha256(os.fsencode(folder)).hexdigest()[:16]
