"""The files we write into the cluster before each start: settings for a small shop's machine, and who may connect."""

from __future__ import annotations

import os
from pathlib import Path

from core.db.embedded.account import Account

ROLE = "revelado"  #: owns the tables and migrates them
APPLICATION = "revelado_app"  #: works on them
DATABASE = "revelado"
SUPERUSER = "postgres"
PORT = 5432
SETTINGS_FILE = "revelado.conf"

_SETTINGS = """\
# Written by Revelado at each start: changes made here are lost. Put yours into postgresql.conf after the include.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
max_wal_size = 512MB
min_wal_size = 80MB
checkpoint_timeout = 10min
# Containers often give 64 MB of /dev/shm, which parallel queries exhaust.
max_parallel_workers_per_gather = 0
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] '
log_min_messages = warning
log_checkpoints = off
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
autovacuum = {durable}
"""

_HBA = """\
local {databases} {role} peer map=application
local {databases} {application} peer map=application
local all {superuser} peer map=owner
"""

_IDENT = """\
application root {role}
application "{account}" {role}
application root {application}
application "{account}" {application}
owner "{account}" {superuser}
"""


def write(cluster: Path, account: Account, *, sockets: Path, fast: bool) -> None:
    """`fast` gives durability up, for data that nobody needs tomorrow."""
    texts = {
        SETTINGS_FILE: _SETTINGS.format(port=PORT, sockets=sockets, durable="off" if fast else "on"),
        "pg_hba.conf": _HBA.format(
            databases="all" if fast else DATABASE, role=ROLE, application=APPLICATION, superuser=SUPERUSER
        ),
        "pg_ident.conf": _IDENT.format(role=ROLE, application=APPLICATION, account=account.name, superuser=SUPERUSER),
    }
    for name, text in texts.items():
        _replace(cluster / name, text, account)


def include(cluster: Path) -> None:
    """Makes a new cluster read our settings."""
    with (cluster / "postgresql.conf").open("a") as file:
        file.write(f"\ninclude '{SETTINGS_FILE}'\n")


def _replace(path: Path, text: str, account: Account) -> None:
    # The folder isn't root's: a new file is put in place, so that root never writes through a link found there.
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w") as file:
        if account.is_another:
            os.fchown(fd, account.uid, account.gid)
        file.write(text)
    new.replace(path)
