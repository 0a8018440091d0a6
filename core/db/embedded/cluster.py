"""Making a cluster: complete or not at all."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path

from core.db.embedded import configuration, problems
from core.db.embedded.configuration import APPLICATION, DATABASE, ROLE, SUPERUSER
from core.db.embedded.place import Place, socket_folder
from core.db.embedded.programs import MAJOR, program

log = logging.getLogger(__name__)

_UNFINISHED = "postgres.new-"


def create(place: Place, *, fast: bool) -> None:
    """Makes the cluster with its ordinary role and database beside its final place, then renames it.

    Raises StartupError. A kill at any moment leaves at most an unfinished folder, which `remove_unfinished` takes away.
    """
    log.info("🗄️ [BD] Creando la base de datos en %s…", place.cluster)
    unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place.cluster.parent))
    try:
        place.account.give(unfinished)
        _initdb(place, unfinished, fast=fast)
        configuration.include(unfinished)
        _add_role_and_database(place, unfinished, fast=fast)
        unfinished.rename(place.cluster)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _sync_folder(place.cluster.parent)


def remove_unfinished(place: Place) -> None:
    for folder in place.cluster.parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def check(place: Place) -> None:
    """Raises StartupError when this PostgreSQL can't serve the cluster; as root gives a restored one its owner back."""
    found = (place.cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise problems.wrong_version(place.cluster, found, MAJOR)
    if place.account.is_another and place.cluster.stat().st_uid != place.account.uid:
        for folder, _, files in os.walk(place.cluster):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                place.account.give(path)
    if not place.account.reaches(place.cluster):
        raise problems.cluster_unreachable(place.cluster, place.account.name)


def _initdb(place: Place, folder: Path, *, fast: bool) -> None:
    command: list[str | Path] = [program("initdb"), "-D", folder, "-U", SUPERUSER, "--auth=peer", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
    command += ["--no-instructions"]
    if fast:
        command.append("--no-sync")
    status, output = place.account.run(command)
    if status != 0:
        raise problems.from_output(output, folder=place.cluster.parent, log=place.log)


def _add_role_and_database(place: Place, folder: Path, *, fast: bool) -> None:
    # In single-user mode: no server has to run as anything but the owner to create the ordinary role.
    statements = [
        f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEROLE {'CREATEDB' if fast else 'NOCREATEDB'}",
        f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    ]
    configuration.write(folder, place.account, sockets=socket_folder(place), fast=fast)
    status, output = place.account.run(
        [program("postgres"), "--single", "-D", folder, "-c", "exit_on_error=on", "postgres"],
        stdin="\n".join(statements) + "\n",
    )
    if status != 0:
        raise problems.from_output(output, folder=place.cluster.parent, log=place.log)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
