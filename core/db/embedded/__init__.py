"""PostgreSQL 18 that Revelado runs itself when no DATABASE_URL is set: unix socket only, one cluster per DATA_DIR.

Import this package only when it is needed: on Windows, where the locks it is built on don't exist, importing refuses.
"""

import sys

if sys.platform == "win32":
    from core.errors import StartupError

    raise StartupError(
        es="El PostgreSQL incluido no funciona en Windows: defina DATABASE_URL o use WSL.",
        en="The embedded PostgreSQL doesn't run on Windows: set DATABASE_URL or use WSL.",
    )

from core.db.embedded.server import EmbeddedServer, ensure_running, is_running, stop
from core.db.embedded.temporary import temporary_server

__all__ = ["EmbeddedServer", "ensure_running", "is_running", "stop", "temporary_server"]
