"""Addresses of pictures for the browser: small ones for tables, and local ones relative to whatever host serves the page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: Pixels of the longest side.
WIDTHS = (96, 320)
#: Where a table has a cell for a photo that there is none of: an empty one looks like a photo that didn't come.
NO_PHOTO = "/recursos/sin-foto.svg"

_LOCAL = re.compile(r"/fotos/[0-9a-f]{64}\.(?:jpg|png|webp)")
_CLOUDINARY = re.compile(r"(https://res\.cloudinary\.com/[^/]+/image/upload/)(?!.*/image/upload/)(.+)")


def thumb_url(url: str | None, width: int = 96) -> str | None:
    """A picture of at most `width` pixels (one of WIDTHS) where its host can make one, else the picture itself."""
    if not url:
        return None
    if local := local_path(url):
        return f"{local}?w={width}"
    if match := _CLOUDINARY.fullmatch(url):
        return f"{match[1]}c_limit,w_{width},h_{width},q_auto,f_auto/{match[2]}"
    return url


def full_url(url: str | None) -> str | None:
    return local_path(url) or url if url else None


def local_path(url: str) -> str | None:
    """The root-relative address of a picture this machine holds; None for any other."""
    path = urlsplit(url).path
    return path if _LOCAL.fullmatch(path) else None
