"""The same photo with the same instructions is bought once: articles that share both share the picture.

The key is everything that decides the picture. What was made is found among the pictures; what is being made right now
by another job, in the ledger.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, text

from core.errors import JobError
from core.pipeline.checkpoints import Checkpoint
from core.providers.ports import Hosted
from core.queue.jobs import Job, Stage, hold

#: Seconds between two looks at whether the other job is done; in the economy lane it takes hours.
LOOK_AGAIN, LOOK_AGAIN_AT_BATCH = 5.0, 600.0


class BeingMade(JobError):
    """Another job is buying the very same picture: this one waits for it, no attempt counted."""

    code = "being_made"
    message = "Otro artículo con la misma foto y el mismo pedido se está procesando; este usará su imagen, sin costo."

    def __init__(self, wait: float = LOOK_AGAIN) -> None:
        self.wait = wait
        super().__init__()


@dataclass(frozen=True)
class Wanted:
    """What decides a picture. `options`: the version of what we do to the answer."""

    editor: str
    model: str
    prompt_version: str
    prompt: str
    options: str
    source_sha256: bytes

    @property
    def key(self) -> bytes:
        parts = {**asdict(self), "source_sha256": self.source_sha256.hex()}
        return sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).digest()


def reuse(connection: Connection, job: Job, checkpoint: Checkpoint, wanted: Wanted, price: Decimal) -> bool:
    """Takes the picture that exists for this key into the job's checkpoint. Call behind the gate's lock.

    Looks first for one being made, then for one made: another job's end turns the one into the other at once, and is
    seen by at least one of the two. Raises BeingMade, LostClaim.
    """
    hold(connection, job, Stage.BUY)
    if job.fresh:
        return False
    being_made = _being_made(connection, job, wanted.key)
    if being_made is not None:
        raise BeingMade(LOOK_AGAIN_AT_BATCH if being_made.in_batch else LOOK_AGAIN)
    picture: Any = connection.execute(
        text(
            "SELECT id, host, public_id, url, asset_id, version, etag, report FROM revelado.pictures"
            " WHERE cache_key = :key AND deleted_at IS NULL AND kind = 'result' AND review IS DISTINCT FROM 'rejected'"
            " ORDER BY id DESC LIMIT 1 FOR SHARE"
        ),
        {"key": wanted.key},
    ).one_or_none()
    if picture is None:
        return False
    asset = Hosted(
        picture.host, picture.public_id, picture.url, picture.asset_id or "", picture.version or "", picture.etag or ""
    )
    connection.execute(
        text(
            "UPDATE revelado.checkpoints SET asset = CAST(:asset AS jsonb), report = CAST(:report AS jsonb),"
            " reused_picture_id = :picture, updated_at = now() WHERE job_id = :id"
        ),
        {
            "id": job.id,
            "asset": json.dumps(asdict(asset)),
            "report": json.dumps(picture.report or {}),
            "picture": picture.id,
        },
    )
    connection.execute(
        text(
            "INSERT INTO revelado.purchases (job_id, articulo_id, generation, claim_token, state, editor, model,"
            " prompt_version, prompt, source_sha256, estimate, cost, saving, cache_key, batch_id, closed_at) VALUES (:job,"
            " :articulo, :generation, :token, 'reused', :editor, :model, :prompt_version, :prompt, :source, 0, 0, :saving,"
            " :key, (SELECT batch_id FROM public.image_processing_queue WHERE id = :job), now())"
        ),
        {
            "job": job.id,
            "articulo": job.articulo_id,
            "generation": checkpoint.generation,
            "token": job.claim_token,
            "editor": wanted.editor,
            "model": wanted.model,
            "prompt_version": wanted.prompt_version,
            "prompt": wanted.prompt,
            "source": wanted.source_sha256,
            "saving": price,
            "key": wanted.key,
        },
    )
    return True


def _being_made(connection: Connection, job: Job, key: bytes) -> Any | None:
    """By a job that is not at its end: an open purchase under a live lease, or an answer not used yet."""
    return connection.execute(
        text(
            "SELECT p.state = 'open' AND p.submission_id IS NOT NULL AS in_batch"
            " FROM revelado.purchases p JOIN public.image_processing_queue q ON q.id = p.job_id"
            " WHERE p.cache_key = :key AND p.state IN ('open', 'answered') AND p.job_id <> :job"
            " AND ((p.state = 'open' AND q.lease_until > now())"
            "  OR (p.state = 'answered' AND q.estado IN ('pending', 'processing'))) LIMIT 1"
        ),
        {"key": key, "job": job.id},
    ).one_or_none()
