"""How far one job has come. A run that resumes goes on at its first unfinished stage."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from core.errors import Permanent
from core.providers.ports import Hosted
from core.queue.enqueue_sql import SOURCE_OF_ARTICLE
from core.queue.jobs import Job, Stage, hold


class ArticleGone(Permanent):
    code = "article_gone"
    message = "El artículo {articulo_id} ya no está en el catálogo. No hay nada que hacer."


class ArticleInactive(Permanent):
    code = "article_inactive"
    message = (
        "El artículo se desactivó mientras esperaba. No se compró nada. Actívelo y reintente si lo quiere procesar."
    )


class NoPicture(Permanent):
    code = "no_picture_source"
    message = "El artículo ya no tiene foto. Cargue una en Catálogo y reintente."


@dataclass(frozen=True)
class Checkpoint:
    job_id: int
    generation: int  #: grows with every start from scratch; part of the picture's public_id
    expected_url: str | None  #: the article's picture when this began
    source_url: str
    categoria: str
    source_sha256: bytes | None
    result_sha256: bytes | None
    report: dict[str, Any] | None
    asset: Hosted | None
    recipe_version_id: int  #: the recipe this run began with, whatever is saved meanwhile
    reused_picture_id: int | None = None  #: the picture whose asset this is, when it was made for the very same before
    note: str = ""  #: what a reviewer adds to the prompt
    trial: bool = False  #: to judge the recipe: never published
    batch_id: int | None = None
    origin: str | None = None  #: where the batch came from; None: the job was adopted


#: A run that began before there were recipes takes the general one.
_LOAD = text("""
    SELECT c.*, q.note, q.trial, q.batch_id, b.origin, coalesce(c.recipe_version_id,
        revelado.current_version((SELECT id FROM revelado.recipes WHERE general))) AS recipe
    FROM revelado.checkpoints c JOIN public.image_processing_queue q ON q.id = c.job_id
    LEFT JOIN revelado.batches b ON b.id = q.batch_id WHERE c.job_id = :id
""")


def begin(connection: Connection, job: Job) -> Checkpoint:
    """The job's checkpoint, new when it has none or when the article got another picture since.

    Raises LostClaim, ArticleGone, NoPicture.
    """
    hold(connection, job, Stage.FETCH)
    article: Any = connection.execute(
        text(
            f"SELECT a.imagen_url, a.activo, a.categoria_id, {SOURCE_OF_ARTICLE} AS source,"
            " coalesce(c.nombre, '') AS categoria"
            " FROM public.articulos a LEFT JOIN public.categorias c ON c.id = a.categoria_id WHERE a.id = :id"
        ),
        {"id": job.articulo_id},
    ).one_or_none()
    if article is None:
        raise ArticleGone(articulo_id=job.articulo_id)
    if article.activo is False:
        raise ArticleInactive
    if not article.imagen_url:
        raise NoPicture  # a person removed it while the job waited
    connection.execute(
        text("DELETE FROM revelado.checkpoints WHERE job_id = :id AND expected_url IS DISTINCT FROM :url"),
        {"id": job.id, "url": article.imagen_url},
    )
    connection.execute(
        text(
            "INSERT INTO revelado.checkpoints (job_id, generation, expected_url, source_url, categoria, recipe_version_id)"
            " VALUES (:id, (SELECT coalesce(max(generation), 0) + 1 FROM revelado.purchases WHERE job_id = :id),"
            " :expected, :source, :categoria, coalesce("
            "(SELECT recipe_version_id FROM public.image_processing_queue WHERE id = :id),"
            " revelado.current_version(revelado.recipe_of(:categoria_id)))) ON CONFLICT (job_id) DO NOTHING"
        ),
        {
            "id": job.id,
            "expected": article.imagen_url,
            "source": article.source,
            "categoria": article.categoria,
            "categoria_id": article.categoria_id,
        },
    )
    connection.execute(
        text(
            "UPDATE public.image_processing_queue q SET imagen_url_original = c.source_url"
            " FROM revelado.checkpoints c WHERE q.id = :id AND c.job_id = q.id"
        ),
        {"id": job.id},
    )
    return load(connection, job)


def load(connection: Connection, job: Job) -> Checkpoint:
    """The checkpoint as it stands, in the middle of a run: what became of the article is `publish`'s concern."""
    row: Any = connection.execute(_LOAD, {"id": job.id}).one()
    return Checkpoint(
        job_id=job.id,
        generation=row.generation,
        expected_url=row.expected_url,
        source_url=row.source_url,
        categoria=row.categoria,
        source_sha256=_bytes(row.source_sha256),
        result_sha256=_bytes(row.result_sha256),
        report=row.report,
        asset=Hosted(**row.asset) if row.asset else None,
        recipe_version_id=row.recipe,
        reused_picture_id=row.reused_picture_id,
        note=row.note or "",
        trial=row.trial,
        batch_id=row.batch_id,
        origin=row.origin,
    )


def save_source(connection: Connection, job: Job, digest: bytes, source_url: str) -> None:
    hold(connection, job, Stage.BUY)
    connection.execute(
        text(
            "UPDATE revelado.checkpoints SET source_sha256 = :digest, source_url = :url, updated_at = now()"
            " WHERE job_id = :id"
        ),
        {"id": job.id, "digest": digest, "url": source_url},
    )


def save_result(connection: Connection, job: Job, digest: bytes, report: dict[str, Any]) -> None:
    hold(connection, job, Stage.HOST)
    connection.execute(
        text(
            "UPDATE revelado.checkpoints SET result_sha256 = :digest, report = CAST(:report AS jsonb), updated_at = now()"
            " WHERE job_id = :id"
        ),
        {"id": job.id, "digest": digest, "report": json.dumps(report)},
    )


def save_asset(connection: Connection, job: Job, asset: Hosted) -> None:
    hold(connection, job, Stage.PUBLISH)
    connection.execute(
        text("UPDATE revelado.checkpoints SET asset = CAST(:asset AS jsonb), updated_at = now() WHERE job_id = :id"),
        {"id": job.id, "asset": json.dumps(asdict(asset))},
    )


def forget(connection: Connection, job: Job) -> None:
    connection.execute(text("DELETE FROM revelado.checkpoints WHERE job_id = :id"), {"id": job.id})


def _bytes(value: memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
