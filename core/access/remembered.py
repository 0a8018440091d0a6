"""What the panel remembers of a person: small choices, and filters under names of their own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from core.access.actors import Actor
from core.errors import InvalidInput

#: More than a person can tell apart in a menu.
MAX_SAVED = 50
MAX_NAME, MAX_QUERY = 60, 2000


@dataclass(frozen=True)
class SavedFilter:
    id: int
    name: str
    query: str  #: the words of the page's address


def preferences(engine: Engine, actor: Actor) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT key, value FROM revelado.preferences WHERE user_id = :user"), {"user": actor.id}
        )
        return {row.key: row.value for row in rows}


def prefer(engine: Engine, actor: Actor, key: str, value: str) -> None:
    """Of who has no account, or has it no more, nothing is remembered."""
    if actor.id is None:
        return
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revelado.preferences (user_id, key, value)"
                " SELECT id, :key, :value FROM revelado.users WHERE id = :user"
                " ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value"
            ),
            {"user": actor.id, "key": key, "value": value},
        )


def saved_filters(engine: Engine, actor: Actor, page: str) -> list[SavedFilter]:
    """By name."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, name, query FROM revelado.saved_filters WHERE user_id = :user AND page = :page"
                " ORDER BY revelado.sort_key(name), id"
            ),
            {"user": actor.id, "page": page},
        )
        return [SavedFilter(row.id, row.name, row.query) for row in rows]


def save_filter(engine: Engine, actor: Actor, page: str, name: str, query: str) -> int:
    """Gives its id. The same name again, in capitals or not, takes the new filter. Raises InvalidInput."""
    shown = " ".join(name.split())
    if not shown or len(shown) > MAX_NAME or not shown.isprintable():
        raise InvalidInput(field="nombre", why="escriba entre 1 y 60 caracteres.")
    if actor.id is None or len(query) > MAX_QUERY:
        raise InvalidInput(field="filtro", why="es demasiado largo para guardarlo.")
    with engine.begin() as connection:
        saved: int | None = connection.scalar(
            text(
                "INSERT INTO revelado.saved_filters (user_id, page, name, query) SELECT :user, :page, :name, :query"
                " WHERE (SELECT count(*) FROM revelado.saved_filters WHERE user_id = :user AND page = :page"
                "  AND lower(name) <> lower(:name)) < :most"
                " ON CONFLICT (user_id, page, lower(name)) DO UPDATE SET name = excluded.name, query = excluded.query"
                " RETURNING id"
            ),
            {"user": actor.id, "page": page, "name": shown, "query": query, "most": MAX_SAVED},
        )
    if saved is None:
        raise InvalidInput(field="filtro", why="ya tiene 50 guardados. Borre antes alguno.")
    return saved


def forget_filter(engine: Engine, actor: Actor, filter_id: int) -> None:
    """Of the person's own; another's stays."""
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM revelado.saved_filters WHERE id = :id AND user_id = :user"),
            {"id": filter_id, "user": actor.id},
        )
