"""Articles with pictures as the pipeline leaves them: held for review, shown at once, replaced."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from tests.shop import article, one, rows

ANA = Actor(1, "Ana", Role.OPERATOR)
BRUNO = Actor(2, "Bruno", Role.OPERATOR)
ALICIA = Actor(3, "Alicia", Role.ADMIN)
CARLA = Actor(4, "Carla", Role.VIEWER)


@dataclass(frozen=True)
class Made:
    """A picture of ours, and what its article had before."""

    id: int
    articulo_id: int
    url: str
    before: str


def original(engine: Engine, articulo_id: int, url: str) -> int:
    return _insert(engine, articulo_id=articulo_id, kind="original", url=url, host="external")


def result(engine: Engine, articulo_id: int, url: str, *, shown: bool = False, **more: Any) -> int:
    """`shown`: the article shows it. It replaces what the article shows now unless told otherwise."""
    current = shows(engine, articulo_id)
    values = {
        "host": "local",
        "public_id": url,
        "source_url": current,
        "replaces_url": current,
        "verdict": "good",
        **more,
    }
    picture_id = _insert(engine, articulo_id=articulo_id, kind="result", url=url, **values)
    if shown:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE revelado.pictures SET published_at = now() WHERE id = :id"), {"id": picture_id}
            )
            connection.execute(
                text("UPDATE articulos SET imagen_url = :url WHERE id = :id"), {"id": articulo_id, "url": url}
            )
    return picture_id


def case(engine: Engine, name: str = "taladro", *, shown: bool = False, **more: Any) -> Made:
    """A new article whose only picture of ours awaits a verdict: held, or shown already."""
    before, url = f"http://shop/{name}.jpg", f"http://cdn/{name}-1.jpg"
    of_article = {column: more.pop(column) for column in ("categoria_id", "codigo") if column in more}
    articulo_id = article(engine, name.capitalize(), before, **of_article)
    original(engine, articulo_id, before)
    picture_id = result(engine, articulo_id, url, shown=shown, **{"review": "awaiting", **more})
    return Made(picture_id, articulo_id, url, before)


def batch(engine: Engine, actor: Actor) -> int:
    with engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    "INSERT INTO revelado.batches (origin, user_id, user_name) VALUES ('panel', :id, :name) RETURNING id"
                ),
                {"id": actor.id, "name": actor.name},
            ).scalar_one()
        )


def shows(engine: Engine, articulo_id: int) -> str | None:
    url: str | None = one(engine, "SELECT imagen_url FROM articulos WHERE id = :id", id=articulo_id).imagen_url
    return url


def picture(engine: Engine, picture_id: int) -> Any:
    return one(engine, "SELECT * FROM revelado.pictures WHERE id = :id", id=picture_id)


def promised(engine: Engine) -> list[int]:
    """The pictures whose deletion is promised."""
    found = rows(
        engine,
        "SELECT CAST(payload ->> 'picture_id' AS bigint) AS id FROM revelado.outbox WHERE kind = 'delete_superseded'"
        " AND done_at IS NULL ORDER BY outbox.id",
    )
    return [row.id for row in found]


def decisions(engine: Engine) -> list[Any]:
    return rows(engine, "SELECT * FROM revelado.decisions ORDER BY id")


def _insert(engine: Engine, **columns: Any) -> int:
    if "report" in columns:
        columns["report"] = json.dumps(columns["report"])
    if columns.get("review") in ("approved", "rejected"):
        columns |= {"judged_at": "2026-11-24", "judged_by": "Alguien"}
    with engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    f"INSERT INTO revelado.pictures ({', '.join(columns)})"
                    f" VALUES ({', '.join(f':{name}' for name in columns)}) RETURNING id"
                ),
                columns,
            ).scalar_one()
        )
