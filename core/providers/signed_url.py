"""Addresses that work for a while: a signature over the path and the hour it ends."""

from __future__ import annotations

import hashlib
import hmac


def sign(path: str, key: bytes, expires_at: int) -> str:
    """Hexadecimal HMAC-SHA256 of `path` until `expires_at` (seconds since 1970)."""
    return hmac.new(key, f"{expires_at}\n{path}".encode(), hashlib.sha256).hexdigest()


def verify(path: str, signature: str, expires_at: int, key: bytes, now: float) -> bool:
    """Whether `signature` was made by `key` for this path and hour, and the hour hasn't come. Constant time."""
    genuine = hmac.compare_digest(sign(path, key, expires_at).encode(), signature.encode("utf-8", "replace"))
    return genuine and now < expires_at
