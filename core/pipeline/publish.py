"""The end of an article's way, in one transaction: the shop shows the picture, or it is kept for a person's look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from core.catalog import superseded
from core.errors import LostClaim, Permanent
from core.pipeline import checkpoints, purchases
from core.pipeline.checkpoints import Checkpoint
from core.providers.ports import Hosted
from core.queue import finish
from core.queue.jobs import Job, Stage, hold
from core.recipes import policy
from core.recipes.recipes import Version


class ArticleChanged(Permanent):
    code = "article_changed"
    message = "Alguien cambió la foto del artículo mientras se procesaba y se respetó. Si quiere mejorarla, reintente."


#: What became of a picture. `overtaken`: a person changed the article's photo meanwhile. `unwanted`: held, since it was made
#: before and a person took it out of the shop.
Fate = Literal["shown", "held", "unwanted", "trial", "overtaken"]


@dataclass(frozen=True)
class Published:
    fate: Fate
    next: Job | None = None  #: claimed with the end of this one


def publish(
    connection: Connection,
    job: Job,
    checkpoint: Checkpoint,
    version: Version,
    asset: Hosted,
    seconds: dict[str, float],
    next_for: UUID | None = None,
) -> Published:
    """When a person was faster the job fails with ArticleChanged; the picture is kept as a version all the same.

    `next_for` is a worker that takes the next job in the same statement. Raises LostClaim.
    """
    hold(connection, job, Stage.PUBLISH)
    fate = _fate(connection, checkpoint, version, asset)
    if fate == "shown" and not _show(connection, checkpoint, job, asset):
        fate = "overtaken"
    cost = purchases.use_all(connection, job)
    picture_id = _record_pictures(connection, job, checkpoint, asset, cost, fate)
    checkpoints.forget(connection, job)
    if fate == "overtaken":
        superseded.schedule(connection, [picture_id])
        error = ArticleChanged()
        failure = finish.Failure(error.code, error.text)
        finish.end(connection, job, "failed", failure=failure, seconds=seconds)
        return Published(fate)
    if fate == "trial":
        superseded.schedule(connection, [picture_id])
    else:
        _retire(connection, job, checkpoint, picture_id, shown=fate == "shown")
    connection.execute(
        text("UPDATE public.image_processing_queue SET imagen_url_procesada = :url WHERE id = :id"),
        {"id": job.id, "url": asset.url},
    )
    if next_for is None:
        finish.end(connection, job, "completed", seconds=seconds)
        return Published(fate)
    ended, claimed = finish.end_and_claim(connection, [job], "completed", next_for, 1, seconds=seconds)
    if not ended:
        raise LostClaim
    return Published(fate, next=claimed[0] if claimed else None)


#: A picture that a person approved before needs no second look.
_FATE = text("""
    SELECT EXISTS (SELECT FROM revelado.adoptions) AS adopted,
        EXISTS (SELECT FROM revelado.pictures WHERE articulo_id = a.id AND md5(url) = md5(:url) AND url = :url
            AND review = 'approved') AS approved, a.imagen_url IS NOT DISTINCT FROM :expected AS unchanged,
        coalesce((SELECT d.url_before = :url FROM revelado.decisions d WHERE d.articulo_id = a.id AND d.undone_at IS NULL
            AND d.url_before IS DISTINCT FROM d.url_after AND :url IN (d.url_before, d.url_after)
            ORDER BY d.id DESC LIMIT 1), false) AS unwanted
    FROM public.articulos a JOIN public.image_processing_queue q ON q.articulo_id = a.id WHERE q.id = :job
""")


def _fate(connection: Connection, checkpoint: Checkpoint, version: Version, asset: Hosted) -> Fate:
    if checkpoint.trial:
        return "trial"
    facts: Any = connection.execute(
        _FATE, {"job": checkpoint.job_id, "url": asset.url, "expected": checkpoint.expected_url}
    ).one_or_none()
    if facts is None or not facts.unchanged:
        return "overtaken"
    report = checkpoint.report or {}
    wanted = policy.publish_policy(
        version,
        redrawn=bool(report.get("redrawn")),
        origin=checkpoint.origin,
        adopted=facts.adopted,
    )
    good = report.get("verdict") == "good"
    if facts.unwanted and checkpoint.origin != "api":  # scripts expect what they order to be shown, as it always was
        return "unwanted"
    return "shown" if wanted == "at_once" or facts.approved or (wanted == "if_good" and good) else "held"


def _show(connection: Connection, checkpoint: Checkpoint, job: Job, asset: Hosted) -> bool:
    changed = connection.execute(
        text(
            "UPDATE public.articulos SET imagen_url = :new WHERE id = :id AND imagen_url IS NOT DISTINCT FROM :expected"
        ),
        {"id": job.articulo_id, "new": asset.url, "expected": checkpoint.expected_url},
    )
    return changed.rowcount == 1


def _record_pictures(
    connection: Connection, job: Job, checkpoint: Checkpoint, asset: Hosted, cost: object, fate: Fate
) -> int:
    connection.execute(
        text(
            "INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:articulo, 'original', :url, 'external')"
            " ON CONFLICT (articulo_id, md5(url)) DO NOTHING"
        ),
        {"articulo": job.articulo_id, "url": checkpoint.source_url},
    )
    report = {**(checkpoint.report or {}), **({"unwanted": True} if fate == "unwanted" else {})}
    verdict = report.get("verdict")
    picture_id: int = connection.scalar(
        _RECORD_TRIAL if fate == "trial" else _RECORD_AGAIN,
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
            "model": report.get("model"),
            "cost": cost,
            "report": json.dumps(report),
            "published": fate == "shown",
            "unwanted": fate == "unwanted",
            "recipe": checkpoint.recipe_version_id,
            "batch": checkpoint.batch_id,
            "verdict": verdict,
            "replaces": checkpoint.expected_url,
            "review": _review(fate, verdict),
        },
    )
    return picture_id


def _review(fate: Fate, verdict: object) -> str | None:
    """What is shown although the inspection doubts it awaits a person all the same."""
    if fate == "shown":
        return None if verdict in ("good", None) else "awaiting"
    return {"trial": "trial", "held": "awaiting", "unwanted": "awaiting"}.get(fate, "superseded")


_RECORD = """
    INSERT INTO revelado.pictures AS p (articulo_id, kind, url, job_id, source_url, host, public_id, asset_id, version,
        etag, sha256, model, cost, report, published_at, recipe_version_id, batch_id, verdict, replaces_url, review,
        cache_key)
    VALUES (:articulo, 'result', :url, :job, :source, :host, :public_id, :asset_id, :version, :etag,
        coalesce(:sha256, (SELECT sha256 FROM revelado.pictures WHERE id = :reused)), :model, :cost,
        CAST(:report AS jsonb), CASE WHEN :published THEN now() END, :recipe, :batch, :verdict,
        nullif(:replaces, :url), :review,
        (SELECT cache_key FROM revelado.purchases WHERE job_id = :job AND generation = :generation
            AND state IN ('used', 'reused') ORDER BY id DESC LIMIT 1))
    ON CONFLICT (articulo_id, md5(url)) DO UPDATE SET deleted_at = NULL{more} RETURNING id
"""

#: The article's own picture, used again, keeps what it cost and which job made it; and a person's approval stands, unless
#: the picture waits for another.
_RECORD_AGAIN = text(
    _RECORD.format(
        more=""",
        published_at = coalesce(excluded.published_at, p.published_at),
        job_id = CASE WHEN :reused IS NULL THEN excluded.job_id ELSE p.job_id END,
        cost = CASE WHEN :reused IS NULL THEN excluded.cost ELSE p.cost END, report = excluded.report,
        recipe_version_id = excluded.recipe_version_id, verdict = excluded.verdict, cache_key = excluded.cache_key,
        batch_id = CASE WHEN excluded.replaces_url IS NULL THEN p.batch_id ELSE excluded.batch_id END,
        replaces_url = coalesce(excluded.replaces_url, p.replaces_url),
        review = CASE WHEN p.review = 'approved' AND NOT :unwanted THEN p.review ELSE excluded.review END,
        judged_at = CASE WHEN p.review = 'approved' AND NOT :unwanted THEN p.judged_at END,
        judged_by = CASE WHEN p.review = 'approved' AND NOT :unwanted THEN p.judged_by END"""
    )
)
#: A trial changes nothing about a picture that the article has already.
_RECORD_TRIAL = text(_RECORD.format(more=""))

#: A newer picture makes the older ones pointless to judge; what the shop showed so far goes after its grace.
_RETIRE = text("""
    UPDATE revelado.pictures SET review = CASE WHEN review = 'awaiting' THEN 'superseded' ELSE review END,
        reviewer_id = NULL, reviewer_until = NULL
    WHERE articulo_id = :articulo AND kind = 'result' AND id <> :new AND deleted_at IS NULL
    AND (review = 'awaiting' OR (:shown AND md5(url) = md5(:old) AND url = :old)) RETURNING id, url = :old AS was_shown
""")


def _retire(connection: Connection, job: Job, checkpoint: Checkpoint, picture_id: int, *, shown: bool) -> None:
    """Only results of ours, and only after their grace; originals are never deleted."""
    asked = {"articulo": job.articulo_id, "new": picture_id, "old": checkpoint.expected_url or "", "shown": shown}
    gone = connection.execute(_RETIRE, asked).all()
    superseded.schedule(connection, [row.id for row in gone if shown or not row.was_shown])
