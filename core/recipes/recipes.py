"""Recipes and their versions, as they are read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.errors import NotFound
from core.recipes.draft import Draft


@dataclass(frozen=True)
class Version:
    """A recipe as it once was: every picture names the one it was made by, so that none is ever changed."""

    id: int
    recipe_id: int
    recipe_name: str
    number: int | None  #: None: a draft, which only trials use
    kind: str  #: faithful | composite | creative
    prompt: str
    model: str | None
    size: int
    fill: float
    shadow: bool
    publish: str | None
    note: str
    created_at: datetime
    created_by: str

    @property
    def draft(self) -> Draft:
        """What it says, without who and when."""
        return Draft(self.kind, self.prompt, self.model, self.size, self.fill, self.shadow, self.publish)


@dataclass(frozen=True)
class UsedBy:
    """A category and the recipe its photos are made by."""

    categoria_id: int
    nombre: str
    recipe_id: int
    chosen_by: str | None  #: None: nobody chose; by the category's name, or for want of another


@dataclass(frozen=True)
class Recipe:
    id: int
    name: str
    is_general: bool
    archived_at: datetime | None
    current: Version
    categories: tuple[UsedBy, ...]


_VERSION = (
    "SELECT v.*, r.name AS recipe_name FROM revelado.recipe_versions v JOIN revelado.recipes r ON r.id = v.recipe_id"
)
_LOAD = text(_VERSION + " WHERE v.id = :id")
_CURRENT_FOR = text(_VERSION + " WHERE v.id = revelado.current_version(revelado.recipe_of(:categoria))")
_CURRENT_OF = text(_VERSION + " WHERE v.id = revelado.current_version(:recipe)")
_SAVED = text(_VERSION + " WHERE v.recipe_id = :recipe AND v.number IS NOT NULL ORDER BY v.number DESC LIMIT :limit")
_BEFORE = text(
    _VERSION
    + " WHERE v.recipe_id = :recipe AND v.number IS NOT NULL AND v.created_at < :made ORDER BY v.number DESC LIMIT 1"
)
_ALL = text("""
    SELECT v.*, r.name AS recipe_name, r.general, r.archived_at FROM revelado.recipes r
    JOIN revelado.recipe_versions v ON v.id = revelado.current_version(r.id)
    WHERE (r.archived_at IS NOT NULL) = :archived ORDER BY r.general DESC, revelado.sort_key(r.name), r.id
""")
_USED_BY = text("""
    SELECT c.id, coalesce(c.nombre, '') AS nombre, revelado.recipe_of(c.id) AS recipe_id, chosen.chosen_by
    FROM public.categorias c
    LEFT JOIN (revelado.category_recipes chosen JOIN revelado.recipes r ON r.id = chosen.recipe_id
        AND r.archived_at IS NULL) ON chosen.categoria_id = c.id
    ORDER BY revelado.sort_key(c.nombre), c.id
""")


def load(connection: Connection, version_id: int) -> Version:
    """Raises NotFound."""
    return _version(connection.execute(_LOAD, {"id": version_id}).one_or_none())


def current_for(connection: Connection, categoria_id: int | None) -> Version:
    """What a category's photos are made by now; None: of articles without one."""
    return _version(connection.execute(_CURRENT_FOR, {"categoria": categoria_id}).one_or_none())


def current_of(connection: Connection, recipe_id: int) -> Version:
    """Raises NotFound."""
    return _version(connection.execute(_CURRENT_OF, {"recipe": recipe_id}).one_or_none())


def saved(engine: Engine, recipe_id: int, limit: int = 100) -> list[Version]:
    """A recipe's versions, the newest first; drafts are none."""
    with engine.connect() as connection:
        return [_version(row) for row in connection.execute(_SAVED, {"recipe": recipe_id, "limit": limit})]


def before(connection: Connection, version: Version) -> Version:
    """Of a draft: the version it was made from. Of a saved one: the one it replaced; of the first, itself."""
    asked = {"recipe": version.recipe_id, "made": version.created_at}
    row = connection.execute(_BEFORE, asked).one_or_none()
    return version if row is None else _version(row)


def every(engine: Engine, *, archived: bool = False) -> list[Recipe]:
    """The general one first, the others by name."""
    with engine.connect() as connection:
        rows: list[Any] = list(connection.execute(_ALL, {"archived": archived}))
        used: dict[int, list[UsedBy]] = defaultdict(list)
        for category in _categories(connection):
            used[category.recipe_id].append(category)
    return [
        Recipe(row.recipe_id, row.recipe_name, row.general, row.archived_at, _version(row), tuple(used[row.recipe_id]))
        for row in rows
    ]


def categories(engine: Engine) -> list[UsedBy]:
    with engine.connect() as connection:
        return _categories(connection)


def _categories(connection: Connection) -> list[UsedBy]:
    return [UsedBy(row.id, row.nombre, row.recipe_id, row.chosen_by) for row in connection.execute(_USED_BY)]


def _version(row: Any) -> Version:
    if row is None:
        raise NotFound(what="esa receta")
    return Version(
        id=row.id,
        recipe_id=row.recipe_id,
        recipe_name=row.recipe_name,
        number=row.number,
        kind=row.kind,
        prompt=row.prompt,
        model=row.model,
        size=row.size,
        fill=float(row.fill),
        shadow=row.shadow,
        publish=row.publish,
        note=row.note,
        created_at=row.created_at,
        created_by=row.created_by,
    )
