"""`/fotos/{sha256}.{ext}`: the pictures this machine keeps, for who is signed in or holds a signed address."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image, ImageOps
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from core.bootstrap import App
from core.providers import signed_url
from core.ui import guard
from core.ui.images import WIDTHS

#: A name is the hash of its content, so that what was fetched once is right for ever; `private`: not for shared caches.
_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_REFUSED = {"Cache-Control": "no-store"}
_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
#: A decoded photo takes up to a hundred megabytes.
_decoding = threading.Semaphore(2)


def photo(request: Request) -> Response:
    """`?w=96` or `?w=320`: a small one. `?e=…&s=…`: an address signed by `sign`, without a session."""
    name = request.path_params["name"]
    if not (_signed(request) or guard.of_cookie_header(request.headers.get("cookie", ""))):
        return PlainTextResponse("Inicie sesión para ver esta foto.", 401, _REFUSED)
    sha256, _dot, extension = name.partition(".")
    app = guard.app()
    path = app.local_host.path_of(sha256, extension)
    if path is None:
        return PlainTextResponse("Esta foto no existe.", 404, _REFUSED)
    width = request.query_params.get("w")
    if width is None:
        return FileResponse(path, media_type=_MEDIA_TYPES[extension], headers=_HEADERS)
    if width not in {str(allowed) for allowed in WIDTHS}:
        return PlainTextResponse("w=96 | 320", 400, _REFUSED)
    small = small_file(app, path, sha256, int(width))
    if small is None:
        return FileResponse(path, media_type=_MEDIA_TYPES[extension], headers=_HEADERS)
    return FileResponse(small, media_type="image/jpeg", headers=_HEADERS)


def small_file(app: App, path: Path, sha256: str, width: int) -> Path | None:
    """`path` in small, made once; None when that can't be."""
    return _thumbnail(path, app.settings.data_dir / "miniaturas" / str(width) / sha256[:2] / f"{sha256}.jpg", width)


def sign(data_dir: Path, path: str, seconds: int) -> str:
    """`path` (`/fotos/…`) with a signature that opens it, without a session, for `seconds`."""
    expires_at = int(time.time()) + seconds
    return f"{path}?e={expires_at}&s={signed_url.sign(path, _key(data_dir), expires_at)}"


def _signed(request: Request) -> bool:
    signature, expires = request.query_params.get("s", ""), request.query_params.get("e", "")
    if not signature or not (expires.isascii() and expires.isdigit() and len(expires) < 12):
        return False
    return signed_url.verify(
        request.url.path, signature, int(expires), _key(guard.app().settings.data_dir), time.time()
    )


def _key(data_dir: Path) -> bytes:
    """This installation's own; made on first use. To take back every address signed so far, delete the file."""
    file = data_dir / "clave-fotos"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=data_dir, prefix=".clave-", delete=False) as new:  # mode 0600
        new.write(secrets.token_bytes(32))
    try:
        os.link(new.name, file)  # unlike a rename, never replaces the key another process made meanwhile
    except FileExistsError:
        pass
    finally:
        Path(new.name).unlink()
    return file.read_bytes()


def _thumbnail(source: Path, small: Path, width: int) -> Path | None:
    """None when the picture can't be made smaller: broken, or of a size that isn't a photo's."""
    if small.is_file():
        return small
    try:
        with _decoding, Image.open(source) as opened:
            opened.draft("RGB", (width, width))
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((width, width))
            flat = Image.new("RGB", picture.size, "white")
            picture = picture.convert("RGBA")
            flat.paste(picture, mask=picture.getchannel("A"))
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    small.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=small.parent, prefix=".new-", delete=False) as new:
        flat.save(new, "JPEG", quality=82)
    return Path(new.name).replace(small)
