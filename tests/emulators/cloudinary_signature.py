"""How Cloudinary checks who sent a form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

UNSIGNED = ("file", "api_key", "signature", "cloud_name", "resource_type")


def string_to_sign(params: Mapping[str, str], version: int) -> str:
    """Sorted `name=value` joined by `&`; version 2 writes an `&` inside a pair as `%26`, so that no value poses as a pair."""
    pairs = [f"{name}={value}" for name, value in params.items() if name not in UNSIGNED and value]
    if version == 2:
        pairs = [pair.replace("&", "%26") for pair in pairs]
    return "&".join(sorted(pairs))


def digest(text: str, secret: str, algorithm: str) -> str:
    return hashlib.new(algorithm, (text + secret).encode()).hexdigest()


def is_signed(params: Mapping[str, str], secret: str, algorithms: list[str], versions: list[int]) -> bool:
    made = (digest(string_to_sign(params, v), secret, a) for v in versions for a in algorithms)
    return params.get("signature", "") in made
