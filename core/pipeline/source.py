"""The bytes of an article's photo: from our own disk without any network, else by the safe fetcher."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from core.errors import Permanent
from core.providers.local_host import LocalHost
from core.providers.ports import Fetcher

_OURS = re.compile(r"/fotos/([0-9a-f]{64})\.(\w+)")


class RelativeAddress(Permanent):
    code = "relative_address"
    message = (
        "La foto tiene una dirección incompleta ({url}). Pida al administrador que configure LEGACY_IMAGE_BASE_URL, y"
        " reintente."
    )


class OurPictureGone(Permanent):
    code = "our_picture_gone"
    message = "La foto {url} ya no está en el disco de Revelado. Cargue otra en Catálogo y reintente."


def read(url: str, fetcher: Fetcher, local_host: LocalHost, legacy_base: str | None) -> bytes:
    """Raises the fetcher's errors, RelativeAddress, OurPictureGone."""
    ours = _OURS.fullmatch(url)
    if ours:
        path = local_host.path_of(ours[1], ours[2])
        if path is None:
            raise OurPictureGone(url=url)
        return path.read_bytes()
    if not urlsplit(url).scheme:
        if legacy_base is None:
            raise RelativeAddress(url=url[:80])
        url = urljoin(f"{legacy_base}/", url.lstrip("/"))
    return fetcher.fetch(url).data
