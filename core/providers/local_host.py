"""Keeps pictures on this machine's disk; the web process serves them under `/fotos`. For one machine.

A picture is named by its own sha256, so nothing is ever overwritten and equal pictures are kept once. Beside them:
`ids/` says which picture an id has, `refs/` which ids use a picture. One lock file orders the processes that write.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.errors import Permanent, ServiceTrouble, StartupError
from core.providers.ports import Hosted

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
SHA256 = re.compile(r"[0-9a-f]{64}")


class IdCollision(Permanent):
    code = "id_collision"
    message = "Ya hay otra imagen guardada con el nombre «{public_id}». No se reemplazó. Avise a un administrador."


class FormatNotHosted(Permanent):
    code = "format_not_hosted"
    message = "No se pueden guardar imágenes del tipo «{media_type}». Use JPEG, PNG o WebP."


class DiskFull(ServiceTrouble):
    service = "local"
    code = "disk_full"
    message = "El disco está lleno y la imagen no se pudo guardar. Libere espacio; se vuelve a intentar solo."


class DiskFailed(ServiceTrouble):
    service = "local"
    code = "disk_failed"
    message = "No se pudo escribir en el disco ({reason}). Revise la carpeta de fotos; se vuelve a intentar solo."


class LocalHost:
    """A `Host` on disk. `root` is made on first use; `base_url` is where the web process answers."""

    name = "local"

    def __init__(self, root: Path, base_url: str) -> None:
        self._root = root
        self._base_url = base_url.rstrip("/")

    def check(self) -> None:
        """Raises StartupError when the folder can't be written."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root) as probe:
                probe.write(b"x")
        except OSError as error:
            raise StartupError(
                es=f"No se puede escribir en la carpeta de fotos {self._root} ({error.strerror}). Revise DATA_DIR.",
                en=f"Can't write to the picture folder {self._root} ({error.strerror}). Check DATA_DIR.",
            ) from error

    def upload(self, image: bytes, public_id: str, media_type: str) -> Hosted:
        """Raises IdCollision, FormatNotHosted, DiskFull or DiskFailed."""
        if media_type not in EXTENSIONS:
            raise FormatNotHosted(media_type=media_type)
        sha256, extension = hashlib.sha256(image).hexdigest(), EXTENSIONS[media_type]
        name = f"{sha256}.{extension}"
        with _disk_errors(), self._locked():
            held = self._picture_of(public_id)
            if held not in (None, name):
                raise IdCollision(public_id=public_id)
            picture = self._path(name)
            if not picture.exists():
                _write(picture, image)
            _write(self._reference(name, public_id), b"")
            if held is None:
                _write(self._id_file(public_id), json.dumps({"public_id": public_id, "picture": name}).encode())
        return Hosted(
            host=self.name,
            public_id=public_id,
            url=f"{self._base_url}/fotos/{name}",
            asset_id=sha256,
            etag=hashlib.md5(image, usedforsecurity=False).hexdigest(),
            existing=held is not None,
        )

    def delete(self, public_id: str) -> bool:
        """The picture itself goes with the last id that uses it."""
        if not self._root.exists():
            return False
        with _disk_errors(), self._locked():
            name = self._picture_of(public_id)
            if name is None:
                return False
            # The id goes last: whatever a crash leaves undone, the next call finds and finishes.
            reference = self._reference(name, public_id)
            reference.unlink(missing_ok=True)
            if not reference.parent.exists() or not any(reference.parent.iterdir()):
                self._path(name).unlink(missing_ok=True)
                with contextlib.suppress(FileNotFoundError):
                    reference.parent.rmdir()
            self._id_file(public_id).unlink(missing_ok=True)
        return True

    def path_of(self, sha256: str, ext: str) -> Path | None:
        """The file to serve for `/fotos/{sha256}.{ext}`; None for anything we don't hold, however it is spelled."""
        if not SHA256.fullmatch(sha256) or ext not in EXTENSIONS.values():
            return None
        path = self._path(f"{sha256}.{ext}")
        return path if path.is_file() else None

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _id_file(self, public_id: str) -> Path:
        digest = _digest(public_id)
        return self._root / "ids" / digest[:2] / digest

    def _reference(self, name: str, public_id: str) -> Path:
        return self._root / "refs" / name[:2] / name / _digest(public_id)

    def _picture_of(self, public_id: str) -> str | None:
        try:
            name = json.loads(self._id_file(public_id).read_bytes())["picture"]
        except FileNotFoundError:
            return None
        return str(name)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _digest(public_id: str) -> str:
    """An id as a file name: any string becomes harmless, whatever dots, slashes or length it has."""
    return hashlib.sha256(public_id.encode("utf-8", "surrogatepass")).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, and still there after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise DiskFailed(reason=error.strerror or type(error).__name__) from error
