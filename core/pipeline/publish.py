"""The end of an article's way, in one transaction: all of it happens or none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from core.errors import LostClaim, Permanent
from core.pipeline import checkpoints, purchases
from core.pipeline.checkpoints import Checkpoint
from core.providers.ports import Hosted
from core.queue import finish
from core.queue.jobs import Job, Stage, hold
from core.settings.values import load_tuning


class ArticleChanged(Permanent):
    code = "article_changed"
    message = "Alguien cambió la foto del artículo mientras se procesaba y se respetó. Si quiere mejorarla, reintente."


@dataclass(frozen=True)
class Published:
    shown: bool  #: False: a person changed the article's photo meanwhile
    next: Job | None = None  #: claimed with the end of this one


def publish(
    connection: Connection,
    job: Job,
    checkpoint: Checkpoint,
    asset: Hosted,
    seconds: dict[str, float],
    next_for: UUID | None = None,
) -> Published:
    """When a person was faster the job fails with ArticleChanged; the picture is kept as a version all the same.

    `next_for` is a worker that takes the next job in the same statement. Raises LostClaim.
    """
    hold(connection, job, Stage.PUBLISH)
    changed = connection.execute(
        text(
            "UPDATE public.articulos SET imagen_url = :new WHERE id = :id AND imagen_url IS NOT DISTINCT FROM :expected"
        ),
        {"id": job.articulo_id, "new": asset.url, "expected": checkpoint.expected_url},
    )
    published = changed.rowcount == 1
    cost = purchases.use_all(connection, job)
    _record_pictures(connection, job, checkpoint, asset, cost, published)
    checkpoints.forget(connection, job)
    if not published:
        error = ArticleChanged()
        failure = finish.Failure(error.code, error.text)
        finish.end(connection, job, "failed", failure=failure, seconds=seconds)
        return Published(shown=False)
    _schedule_deletion(connection, job, checkpoint, asset)
    connection.execute(
        text("UPDATE public.image_processing_queue SET imagen_url_procesada = :url WHERE id = :id"),
        {"id": job.id, "url": asset.url},
    )
    if next_for is None:
        finish.end(connection, job, "completed", seconds=seconds)
        return Published(shown=True)
    ended, claimed = finish.end_and_claim(connection, [job], "completed", next_for, 1, seconds=seconds)
    if not ended:
        raise LostClaim
    return Published(shown=True, next=claimed[0] if claimed else None)


def _record_pictures(
    connection: Connection,
    job: Job,
    checkpoint: Checkpoint,
    asset: Hosted,
    cost: object,
    published: bool,
) -> None:
    connection.execute(
        text(
            "INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:articulo, 'original', :url, 'external')"
            " ON CONFLICT (articulo_id, md5(url)) DO NOTHING"
        ),
        {"articulo": job.articulo_id, "url": checkpoint.source_url},
    )
    connection.execute(
        text(
            "INSERT INTO revelado.pictures AS p (articulo_id, kind, url, job_id, source_url, host, public_id, asset_id,"
            " version, etag, sha256, model, cost, report, published_at, cache_key) VALUES (:articulo, 'result', :url, :job,"
            " :source, :host, :public_id, :asset_id, :version, :etag,"
            " coalesce(:sha256, (SELECT sha256 FROM revelado.pictures WHERE id = :reused)), :model, :cost,"
            " CAST(:report AS jsonb), CASE WHEN :published THEN now() END,"
            " (SELECT cache_key FROM revelado.purchases WHERE job_id = :job AND generation = :generation"
            "  AND state IN ('used', 'reused') ORDER BY id DESC LIMIT 1))"
            # The article's own picture, used again, keeps what it cost and which job made it.
            " ON CONFLICT (articulo_id, md5(url)) DO UPDATE SET published_at = excluded.published_at, deleted_at = NULL,"
            " job_id = CASE WHEN :reused IS NULL THEN excluded.job_id ELSE p.job_id END,"
            " cost = CASE WHEN :reused IS NULL THEN excluded.cost ELSE p.cost END, report = excluded.report,"
            " cache_key = excluded.cache_key"
        ),
        {
            "articulo": job.articulo_id,
            "url": asset.url,
            "job": job.id,
            "source": checkpoint.source_url,
            "host": asset.host,
            "public_id": asset.public_id,
            "asset_id": asset.asset_id,
            "version": asset.version,
            "etag": asset.etag,
            "sha256": checkpoint.result_sha256,
            "reused": checkpoint.reused_picture_id,
            "generation": checkpoint.generation,
            "model": (checkpoint.report or {}).get("model"),
            "cost": cost,
            "report": json.dumps(checkpoint.report or {}),
            "published": published,
        },
    )


def _schedule_deletion(connection: Connection, job: Job, checkpoint: Checkpoint, asset: Hosted) -> None:
    """Only a result of ours that this one replaces, and only after its grace; originals are never deleted."""
    connection.execute(
        text(
            "INSERT INTO revelado.outbox (kind, payload, run_after) SELECT 'delete_superseded',"
            " jsonb_build_object('picture_id', id), now() + make_interval(days => :days) FROM revelado.pictures"
            " WHERE articulo_id = :articulo AND md5(url) = md5(:old) AND url = :old AND kind = 'result' AND url <> :new"
        ),
        {
            "articulo": job.articulo_id,
            "old": checkpoint.expected_url or "",
            "new": asset.url,
            "days": load_tuning(connection).keep_superseded_days,
        },
    )
