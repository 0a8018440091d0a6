"""What Mercado Libre itself would object to in a picture, asked before it is published there. Optional: needs a token."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.errors import InvalidInput, NotFound
from core.providers.mercado_libre import Diagnosis

#: Country, then a number: `MLA1346`.
_CATEGORY = re.compile(r"M[A-Z]{2}\d{1,12}")

_PICTURE = text("""
    SELECT p.url, coalesce(a.nombre, '') AS nombre FROM revelado.pictures p
    JOIN public.articulos a ON a.id = p.articulo_id WHERE p.id = :id AND p.deleted_at IS NULL
""")


class Market(Protocol):
    def diagnose(self, picture: str | bytes, category_id: str, title: str) -> Diagnosis: ...


def diagnose(
    engine: Engine, market: Market, read: Callable[[str], bytes], actor: Actor, picture_id: int, category_id: str
) -> Diagnosis:
    """`read`: the bytes behind an address. Raises NotAllowed, NotFound, InvalidInput and the errors of `read` and market."""
    actor.require(Role.OPERATOR)
    category_id = category_id.strip().upper()
    if not _CATEGORY.fullmatch(category_id):
        raise InvalidInput(field="Categoría de Mercado Libre", why="escriba su código, por ejemplo MLA1346.")
    with engine.connect() as connection:
        picture: Any = connection.execute(_PICTURE, {"id": picture_id}).one_or_none()
    if picture is None:
        raise NotFound(what="esa imagen")
    return market.diagnose(read(picture.url), category_id, picture.nombre)
