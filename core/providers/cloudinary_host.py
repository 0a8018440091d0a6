"""Pictures on Cloudinary. Uploads never overwrite: an overwritten id would keep its address, and caches its old bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from core.errors import PausesQueue, Permanent, StartupError
from core.providers.cloudinary_errors import (
    HostBusy,
    HostUnreachable,
    IdCollision,
    PictureRejected,
    classify,
)
from core.providers.ports import Hosted

CHECK_TIMEOUT = 10  # seconds; the SDK silently tries a check four times
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
DELIVERED = re.compile(r"image/upload/v\d+/(?P<public_id>.+)")
DELIVERED_FORMATS = frozenset(
    {"avif", "bmp", "gif", "heic", "heif", "jpeg", "jpg", "jxl", "png", "tif", "tiff", "webp"}
)


@dataclass(frozen=True)
class Account:
    """What CLOUDINARY_URL says."""

    cloud: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    upload_prefix: str | None  #: where the API is; None: Cloudinary's own
    private_host: str | None  #: where pictures are delivered, for accounts with a host of their own
    signature_algorithm: str

    @classmethod
    def parse(cls, url: str) -> Account:
        """Reads `cloudinary://key:secret@cloud[/delivery-host][?upload_prefix=…]`. Raises StartupError."""
        try:
            parts = urlsplit(url)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            # Not `hostname`, which is in lower case: the name of a cloud is as it is written.
            credentials, _, cloud = parts.netloc.rpartition("@")
            key, _, secret = credentials.partition(":")
            prefix = query.get("upload_prefix")
            algorithm = query.get("signature_algorithm", "sha1")
            shape = parts.scheme.lower() == "cloudinary" and key and secret and re.fullmatch(r"[\w-]+", cloud)
            known = algorithm in ("sha1", "sha256") and (prefix is None or _is_http(prefix))
        except ValueError:
            shape = known = False
        if not (shape and known):
            raise StartupError(
                "CLOUDINARY_URL no tiene la forma cloudinary://clave:secreto@nube. Cópiela del panel de Cloudinary.",
                "CLOUDINARY_URL is not of the form cloudinary://key:secret@cloud. Copy it from Cloudinary's console.",
            )
        host = parts.path.strip("/").lower() or None
        return cls(cloud, unquote(key), unquote(secret), prefix.rstrip("/") if prefix else None, host, algorithm)

    def options(self) -> dict[str, Any]:
        """All that the SDK would otherwise take from the environment; None keeps it from looking there."""
        return {
            "cloud_name": self.cloud,
            "api_key": self.key,
            "api_secret": self.secret,
            "upload_prefix": self.upload_prefix,
            "signature_algorithm": self.signature_algorithm,
            "signature_version": 2,
            "oauth_token": None,
        }

    def public_id(self, url: str) -> str | None:
        """The id of a picture that this cloud delivers at `url`; None for any other address.

        Only addresses with a version are read: without one, transformations can't be told from folders.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        path = self._path_in_cloud(parts.netloc.lower(), parts.path)
        match = DELIVERED.fullmatch(path) if path and parts.scheme in ("http", "https") else None
        if match is None:
            return None
        public_id = unquote(match["public_id"])
        stem, dot, extension = public_id.rpartition(".")
        return stem if dot and stem and extension.lower() in DELIVERED_FORMATS else public_id

    def _path_in_cloud(self, host: str, path: str) -> str | None:
        """What follows the cloud's name, or its own host, in the address of a picture."""
        path = path.lstrip("/")
        if host in (self.private_host, f"{self.cloud.lower()}-res.cloudinary.com"):
            return path
        shared = {"res.cloudinary.com", urlsplit(self.upload_prefix).netloc.lower() if self.upload_prefix else None}
        cloud, _, rest = path.partition("/")
        return rest if host in shared and cloud == self.cloud else None


class CloudinaryHost:
    """Thread-safe; holds no connection of its own. `timeout`: seconds, for each read of the connection."""

    name = "cloudinary"

    def __init__(self, url: str, *, timeout: int = 60) -> None:
        """Raises StartupError for a CLOUDINARY_URL of another shape."""
        self._account = Account.parse(url)
        # Not at the top: importing the SDK reads CLOUDINARY_URL, and a malformed one must first be refused in our words.
        import cloudinary.api
        import cloudinary.uploader

        self._api, self._uploader = cloudinary.api, cloudinary.uploader
        self._timeout = timeout

    def check(self) -> None:
        """One cheap signed call. Raises StartupError, or Retryable while Cloudinary can't be asked."""
        try:
            self._call(self._api.ping, timeout=min(self._timeout, CHECK_TIMEOUT))
        except HostBusy:
            return  # the hourly quota of this kind of call says nothing about uploads
        except (PausesQueue, Permanent) as error:
            cloud, detail = self._account.cloud, error.params.get("detail")
            raise StartupError(
                f"Cloudinary rechaza CLOUDINARY_URL (nube {cloud}): {detail}",
                f"Cloudinary refuses CLOUDINARY_URL (cloud {cloud}): {detail}",
            ) from error

    def upload(self, image: bytes, public_id: str, media_type: str) -> Hosted:
        """Uploads under `public_id`, or finds that the same bytes are there already.

        Raises IdCollision when other bytes are there, and the errors of `cloudinary_errors`.
        """
        if not image:
            raise PictureRejected(detail="no bytes")  # the SDK would send a form without a file
        answer = self._call(
            self._uploader.upload,
            image,
            filename=f"{PurePosixPath(public_id).name}.{EXTENSIONS.get(media_type, 'img')}",
            public_id=public_id,
            resource_type="image",
            overwrite=False,
            unique_filename=False,
            use_filename=False,
            upload_preset=None,
        )
        hosted = _hosted(answer)
        if hosted.existing and not _holds(answer, image):
            raise IdCollision(public_id=public_id, etag=hosted.etag)
        return hosted

    def delete(self, public_id: str) -> bool:
        answer = self._call(self._uploader.destroy, public_id, resource_type="image", invalidate=True)
        result = answer.get("result")
        if result not in ("ok", "not found"):
            raise HostUnreachable(detail=str(result))
        return bool(result == "ok")

    def owns(self, url: str) -> str | None:
        """The public_id when `url` is a picture of our cloud, else None."""
        return self._account.public_id(url)

    def _call(self, function: Callable[..., object], *args: object, **options: object) -> Mapping[str, Any]:
        # Every call names its timeout: the SDK's upload calls don't take one from its configuration, and wait for ever.
        options = {"timeout": self._timeout, **self._account.options(), **options}
        try:
            answer = function(*args, **options)
        except Exception as error:
            raise classify(error) from error
        if not isinstance(answer, Mapping):
            raise HostUnreachable(detail=repr(answer)[:100])
        return answer


def _hosted(answer: Mapping[str, Any]) -> Hosted:
    if not answer.get("secure_url") or not answer.get("public_id"):
        raise HostUnreachable(detail="an upload was answered without an address")
    return Hosted(
        host=CloudinaryHost.name,
        public_id=str(answer["public_id"]),
        url=str(answer["secure_url"]),
        asset_id=str(answer.get("asset_id", "")),
        version=str(answer.get("version", "")),
        etag=str(answer.get("etag", "")),
        existing=bool(answer.get("existing")),
    )


def _holds(answer: Mapping[str, Any], image: bytes) -> bool:
    """Whether the asset is `image`: its etag is the md5 of its bytes."""
    if etag := answer.get("etag"):
        return bool(etag == hashlib.md5(image, usedforsecurity=False).hexdigest())
    return bool(answer.get("bytes") == len(image))


def _is_http(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
