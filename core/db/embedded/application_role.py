"""A cluster made before the application had a role of its own gets it, once."""

from __future__ import annotations

import logging

from core.db.embedded import configuration, problems
from core.db.embedded.configuration import APPLICATION, PORT, SUPERUSER
from core.db.embedded.place import Place
from core.db.embedded.process import Postmaster
from core.db.embedded.programs import program

log = logging.getLogger(__name__)

#: In the cluster: a copy that is restored elsewhere tells the same.
_MARK = "revelado.roles"

_CREATE = f"""
    DO $$ BEGIN
        CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB;
    EXCEPTION WHEN duplicate_object THEN NULL;
    END $$;
    SELECT pg_reload_conf();
"""


def ensure(place: Place, server: Postmaster, *, fast: bool) -> None:
    """Raises StartupError."""
    mark = place.cluster / _MARK
    if mark.exists() or not server.is_ours:
        return
    # An earlier version's server may be running, with its own idea of who may connect.
    configuration.write(place.cluster, place.account, sockets=server.sockets, fast=fast)
    status, output = place.account.run(
        [program("psql"), "-X", "-q", "-h", server.sockets, "-p", str(PORT), "-U", SUPERUSER, "-d", "postgres",
         "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-c", _CREATE]
    )  # fmt: skip
    if status != 0:
        raise problems.from_output(output, folder=place.cluster, log=place.log)
    mark.touch(mode=0o600)
    place.account.give(mark)
    log.info("🔐 [BD] La aplicación trabaja con una cuenta propia: %s", APPLICATION)
