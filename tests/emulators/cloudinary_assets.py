"""What the emulated Cloudinary keeps: assets, and the copies that its CDN goes on serving."""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from PIL import Image

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp", "TIFF": "tiff"}
MEDIA_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
IMAGE_MAX_BYTES = 10_485_760
IMAGE_MAX_PIXELS = 25_000_000
KEEPS = "fl_keep_iptc"


class BadImage(Exception):
    """The message is Cloudinary's."""


@dataclass
class Asset:
    public_id: str
    data: bytes  #: as uploaded, metadata and all
    version: int
    format: str
    width: int
    height: int
    tags: list[str] = field(default_factory=list)
    context: dict[str, str] = field(default_factory=dict)
    asset_folder: str = ""
    asset_id: str = field(default_factory=lambda: secrets.token_hex(16))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def etag(self) -> str:
        return hashlib.md5(self.data, usedforsecurity=False).hexdigest()

    def to_json(self, base_url: str, cloud: str) -> dict[str, Any]:
        url = f"{base_url}{cloud}/image/upload/v{self.version}/{quote(self.public_id)}.{self.format}"
        answer: dict[str, Any] = {
            "asset_id": self.asset_id,
            "public_id": self.public_id,
            "version": self.version,
            "version_id": hashlib.md5(f"{self.asset_id}{self.version}".encode(), usedforsecurity=False).hexdigest(),
            "width": self.width,
            "height": self.height,
            "format": self.format,
            "resource_type": "image",
            "created_at": self.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tags": self.tags,
            "bytes": len(self.data),
            "type": "upload",
            "etag": self.etag,
            "placeholder": False,
            "url": url,
            "secure_url": url,
            "asset_folder": self.asset_folder,
            "display_name": self.public_id.rpartition("/")[2],
        }
        if self.context:
            answer["context"] = {"custom": self.context}
        return answer


@dataclass
class Copy:
    """One URL's copy in the CDN."""

    public_id: str
    data: bytes
    media_type: str
    etag: str
    hits: int = 0


class Store:
    """Assets by public_id. A version never goes back, not even over a deletion."""

    def __init__(self) -> None:
        self.assets: dict[str, Asset] = {}
        self.cdn: dict[str, Copy] = {}
        self._versions: dict[str, int] = {}

    def clear(self) -> None:
        self.assets.clear()
        self.cdn.clear()
        self._versions.clear()

    def put(self, public_id: str, data: bytes, **described: Any) -> Asset:
        """Adds or overwrites. Raises BadImage."""
        format_, width, height = measure(data)
        version = max(int(time.time()), self._versions.get(public_id, 0) + 1)
        self._versions[public_id] = version
        asset = Asset(public_id, data, version, format_, width, height, **described)
        old = self.assets.get(public_id)
        if old is not None:
            asset.asset_id, asset.created = old.asset_id, old.created
        self.assets[public_id] = asset
        return asset

    def rename(self, old: str, new: str) -> Asset:
        asset = self.assets.pop(old)
        asset.public_id = new
        self.assets[new] = asset
        self._versions[new] = max(asset.version, self._versions.get(new, 0))
        return asset

    def purge(self, public_id: str) -> None:
        """What `invalidate` asks of the CDN."""
        self.cdn = {url: copy for url, copy in self.cdn.items() if copy.public_id != public_id}


def measure(data: bytes) -> tuple[str, int, int]:
    """Format, width, height. Raises BadImage past the free plan's limits, or for anything that is no picture."""
    if len(data) > IMAGE_MAX_BYTES:
        raise BadImage(f"File size too large. Got {len(data)}. Maximum is {IMAGE_MAX_BYTES}.")
    try:
        image = Image.open(io.BytesIO(data), formats=list(FORMATS))
        width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage("Maximum image size is 25 Megapixels.") from None
    except (OSError, ValueError):
        raise BadImage("Invalid image file") from None
    if width * height > IMAGE_MAX_PIXELS:
        raise BadImage(f"Maximum image size is 25 Megapixels. Requested {width * height / 1e6:.2f} Megapixels")
    # A JPEG with a second picture inside, as phones make, is opened as MPO.
    return FORMATS.get(str(image.format), "jpg"), width, height


def converted(asset: Asset, extension: str, transformation: str = "") -> tuple[bytes, str]:
    """The bytes as uploaded, unless the URL asks for a transformation or another format.

    A derived picture has no metadata but with the flag `fl_keep_iptc`, which keeps all of it. Its pixels stay as they are.
    """
    wanted = {"jpeg": "jpg"}.get(extension, extension) or asset.format
    if wanted == asset.format and not transformation:
        return asset.data, MEDIA_TYPES.get(asset.format, "application/octet-stream")
    source = Image.open(io.BytesIO(asset.data))
    kept = KEEPS in re.split("[,/]", transformation)
    metadata = {name: source.info[name] for name in ("exif", "xmp", "icc_profile") if kept and name in source.info}
    out = io.BytesIO()
    kinds = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
    source.convert("RGB").save(out, kinds[wanted], **metadata)
    return out.getvalue(), MEDIA_TYPES[wanted]
