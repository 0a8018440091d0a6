"""What PostgreSQL can and may store of a text from outside: no NUL, no lone surrogates, no key of ours."""

from __future__ import annotations

import json

from core.logs import concealed


def storable(value: str) -> str:
    return concealed(value).replace("\0", "").encode("utf-8", "replace").decode()


def to_json(value: object) -> str:
    """For `jsonb`; what JSON doesn't know (Decimal, dates) becomes its text."""
    return storable(json.dumps(value, default=str, ensure_ascii=False)).replace("\\u0000", "")
