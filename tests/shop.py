"""A small shop for tests: articles, photos, and looks at the queue."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import Engine, text


def as_before(engine: Engine) -> None:
    """A shop that works like the earlier system: pictures go straight to the shop, and none is compared with its photo."""
    run_sql(engine, "UPDATE revelado.recipe_versions SET publish = 'at_once'")
    run_sql(
        engine,
        """INSERT INTO revelado.settings VALUES ('inspection', '"basica"', now(), 't') ON CONFLICT (key) DO NOTHING""",
    )


def category(engine: Engine, nombre: str = "Tornillería") -> int:
    with engine.begin() as connection:
        return int(
            connection.execute(
                text("INSERT INTO categorias (nombre) VALUES (:nombre) RETURNING id"), {"nombre": nombre}
            ).scalar_one()
        )


def article(
    engine: Engine, nombre: str = 'Tornillo hexagonal 3/8"', imagen_url: str | None = "http://shop/a.jpg", **more: Any
) -> int:
    columns = {"nombre": nombre, "imagen_url": imagen_url, **more}
    names = ", ".join(columns)
    with engine.begin() as connection:
        return int(
            connection.execute(
                text(f"INSERT INTO articulos ({names}) VALUES (:{', :'.join(columns)}) RETURNING id"), columns
            ).scalar_one()
        )


def articles(engine: Engine, count: int, **more: Any) -> list[int]:
    return [article(engine, f"Artículo {n}", f"http://shop/{n}.jpg", **more) for n in range(count)]


def job(engine: Engine, job_id: int) -> Any:
    return one(engine, "SELECT * FROM image_processing_queue WHERE id = :id", id=job_id)


def one(engine: Engine, query: str, **params: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(query), params).one()


def rows(engine: Engine, query: str, **params: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query), params))


def run_sql(engine: Engine, statement: str, **params: Any) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), params)


def answers_others(engine: Engine, service: str) -> None:
    """The service works for everybody else: its next failure is the job's own."""
    run_sql(
        engine,
        "INSERT INTO revelado.services (name, last_success_at) VALUES (:name, 'infinity') ON CONFLICT (name)"
        " DO UPDATE SET last_success_at = 'infinity', failures_in_row = 0",
        name=service,
    )


def photo(color: tuple[int, int, int] = (150, 40, 30), size: tuple[int, int] = (640, 480)) -> bytes:
    """A shaded object on a grey table."""
    image = Image.new("RGB", size, (120, 110, 100))
    draw = ImageDraw.Draw(image)
    width, height = size
    for step in range(40):
        shade = tuple(min(255, c + step * 2) for c in color)
        draw.ellipse((width * 0.25 + step, height * 0.25 + step, width * 0.75 - step, height * 0.75 - step), fill=shade)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
