"""Pictures to judge, as the pipeline leaves them: the demo's articles, photos and edits on this machine's own host."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.catalog.photos import record_original, upload_original
from core.inspect.report import Finding, Report
from core.providers.local_host import LocalHost
from tests.integration.review_shop import batch, result

DEMO = Path(__file__).resolve().parents[2] / "demo"
SOMEBODY = Actor(None, "Beto", Role.OPERATOR)
#: What the inspection said, in turn: most is good.
FOUND: tuple[tuple[Finding, ...], ...] = (
    (),
    (Finding("low_confidence"), Finding("product_small")),
    (),
    (Finding("digits_changed", {"before": "«220V»", "after": "«22V»"}),),
)


@dataclass(frozen=True)
class Seeded:
    batch_id: int
    picture_ids: list[int]
    articulo_ids: list[int]


def seed(engine: Engine, folder: Path, base_url: str, count: int = 8, *, size: int = 1200, **more: Any) -> Seeded:
    """`count` pictures of one batch, held for review. `folder`: of the local host; `more`: columns of the pictures."""
    host = LocalHost(folder, base_url)
    batch_id = batch(engine, SOMEBODY)
    pictures, articles = [], []
    for number, row in enumerate(_rows()[:count]):
        photo = (DEMO / "fotos" / row["foto"]).read_bytes()
        articulo_id = _article(engine, row)
        with engine.begin() as connection:
            record_original(connection, articulo_id, upload_original(host, articulo_id, photo), photo)
        made = framed(photo, size)
        hosted = host.upload(made, f"revelado/{articulo_id}-{batch_id}", "image/jpeg")
        report = _report(made, size, FOUND[number % len(FOUND)])
        columns = {
            "review": "awaiting", "batch_id": batch_id, "public_id": hosted.public_id, "verdict": report.verdict,
            "report": report.to_json(), "model": "gemini-3-pro-image", "cost": "0.039",
            "recipe_version_id": _recipe(engine, articulo_id),
        } | more  # fmt: skip
        pictures.append(result(engine, articulo_id, hosted.url, **columns))
        articles.append(articulo_id)
    return Seeded(batch_id, pictures, articles)


@cache
def framed(photo: bytes, size: int) -> bytes:
    """The photo, brighter, on a white square: an edit that can be told from its photo at a glance."""
    source = Image.open(io.BytesIO(photo)).convert("RGB")
    source.thumbnail((round(size * 0.88), round(size * 0.88)))
    source = ImageOps.autocontrast(source, cutoff=2)
    square = Image.new("RGB", (size, size), "white")
    square.paste(source, ((size - source.width) // 2, (size - source.height) // 2))
    out = io.BytesIO()
    square.save(out, "JPEG", quality=90)
    return out.getvalue()


def _rows() -> list[dict[str, str]]:
    with (DEMO / "catalogo.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter=";") if row["foto"]]


def _article(engine: Engine, row: dict[str, str]) -> int:
    with engine.begin() as connection:
        categoria_id = connection.scalar(
            text("SELECT id FROM categorias WHERE nombre = :nombre"), {"nombre": row["categoria"]}
        ) or connection.scalar(
            text("INSERT INTO categorias (nombre) VALUES (:nombre) RETURNING id"), {"nombre": row["categoria"]}
        )
        values = {name: row[name] for name in ("codigo", "nombre", "descripcion", "unidad")}
        return int(
            connection.execute(
                text(
                    "INSERT INTO articulos (codigo, nombre, descripcion, unidad, categoria_id, activo)"
                    " VALUES (:codigo, :nombre, :descripcion, :unidad, :categoria_id, true) RETURNING id"
                ),
                {**values, "categoria_id": categoria_id},
            ).scalar_one()
        )


def _recipe(engine: Engine, articulo_id: int) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(
                text("SELECT revelado.current_version(revelado.recipe_of(categoria_id)) FROM articulos WHERE id = :id"),
                {"id": articulo_id},
            ).scalar_one()
        )


def _report(made: bytes, size: int, findings: tuple[Finding, ...]) -> Report:
    return Report(
        ring_white=1.0, occupancy=0.42, span=0.88, width=size, height=size, blank=False, identical=False,
        mask_iou=0.96, bytes=len(made), findings=findings,
    )  # fmt: skip
