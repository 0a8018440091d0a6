"""The ledger of what was, or may have been, paid. A row is committed before its call leaves.

open → answered (the raw answer is stored) → used | useless (it held no picture); open → free (the provider says it was
not charged); open → doubtful (no answer came, and it may have been charged), which a late answer still turns answered.
`reused`: nothing was bought, the picture existed. A trigger adds every row and change to `spend`, which the budget reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from core.db.text import to_json
from core.errors import Permanent
from core.pipeline import blobs
from core.pipeline.checkpoints import Checkpoint
from core.providers.ports import BATCH_SHARE, EditRequest, RawAnswer
from core.queue import limits
from core.queue.jobs import Job, Stage, hold

#: Answers without a usable picture per generation: the first try and one with the strict prompt.
MAX_USELESS = 2


class DoubtfulPurchase(Permanent):
    code = "doubtful_purchase"
    message = (
        "La respuesta de Google no llegó y la foto pudo haberse cobrado. No se compra otra vez sola: si está de acuerdo,"
        " use Reintentar."
    )


class NoUsablePicture(Permanent):
    code = "no_usable_picture"
    message = "Gemini respondió {times} veces sin una imagen que sirva. Pruebe más tarde o con otra foto del artículo."


@dataclass(frozen=True)
class Held:
    """An answer that was paid and not used yet."""

    purchase_id: int
    answer: RawAnswer
    editor: str
    model: str


@dataclass(frozen=True)
class Tries:
    useless: int
    doubtful: int


def held_answer(connection: Connection, job: Job, checkpoint: Checkpoint, cache_key: bytes) -> Held | None:
    """The job's own; or that of another job which ended before it could use it, of this article or of the same key.

    Call behind `limits.lock`: two jobs that want the same must not both miss what one of them is taking over.
    """
    hold(connection, job)
    return _own_answer(connection, checkpoint) or (
        _own_answer(connection, checkpoint) if _take_over(connection, job, checkpoint, cache_key) else None
    )


def _take_over(connection: Connection, job: Job, checkpoint: Checkpoint, cache_key: bytes) -> bool:
    taken = connection.execute(
        text("""
            WITH unused AS (
                SELECT p.id, p.job_id FROM revelado.purchases p
                LEFT JOIN public.image_processing_queue q ON q.id = p.job_id
                WHERE p.state = 'answered'
                AND (p.articulo_id = :articulo AND p.source_sha256 = :source OR p.cache_key = :key)
                AND (CASE WHEN p.job_id = :job THEN p.generation <> :generation
                    ELSE coalesce(q.estado, '') NOT IN ('pending', 'processing') END)
                ORDER BY p.id DESC LIMIT 1 FOR UPDATE OF p SKIP LOCKED
            ), forgotten AS (
                DELETE FROM revelado.checkpoints c USING unused WHERE c.job_id = unused.job_id AND c.job_id <> :job)
            UPDATE revelado.purchases p SET job_id = :job, generation = :generation FROM unused WHERE p.id = unused.id
        """),
        {
            "articulo": job.articulo_id,
            "source": checkpoint.source_sha256,
            "key": cache_key,
            "job": job.id,
            "generation": checkpoint.generation,
        },
    )
    return taken.rowcount == 1


def _own_answer(connection: Connection, checkpoint: Checkpoint) -> Held | None:
    row: Any = connection.execute(
        text(
            "SELECT id, editor, model, answer_sha256, submission_id FROM revelado.purchases"
            " WHERE job_id = :job AND generation = :generation"
            " AND state = 'answered' ORDER BY id LIMIT 1"
        ),
        {"job": checkpoint.job_id, "generation": checkpoint.generation},
    ).one_or_none()
    if row is None:
        return None
    body, media_type = blobs.get(connection, bytes(row.answer_sha256))
    share = BATCH_SHARE if row.submission_id is not None else Decimal(1)
    return Held(row.id, RawAnswer(body, media_type, share, row.model), row.editor, row.model)


def close_stale(connection: Connection, job: Job) -> None:
    """An intent left open by a run that died may have been charged: it turns doubtful; free, if its editor costs nothing.

    Raises LostClaim.
    """
    hold(connection, job)
    connection.execute(
        text(
            "UPDATE revelado.purchases SET state = CASE WHEN editor = 'local' THEN 'free' ELSE 'doubtful' END,"
            " closed_at = now() WHERE job_id = :job AND claim_token <> :token AND state = 'open'"
        ),
        {"job": job.id, "token": job.claim_token},
    )


def tries(connection: Connection, checkpoint: Checkpoint) -> Tries:
    row: Any = connection.execute(
        text(
            "SELECT count(*) FILTER (WHERE state = 'useless') AS useless,"
            " count(*) FILTER (WHERE state = 'doubtful') AS doubtful"
            " FROM revelado.purchases WHERE job_id = :job AND generation = :generation"
        ),
        {"job": checkpoint.job_id, "generation": checkpoint.generation},
    ).one()
    return Tries(row.useless, row.doubtful)


def open_intent(
    connection: Connection,
    job: Job,
    checkpoint: Checkpoint,
    request: EditRequest,
    *,
    editor: str,
    prompt_version: str,
    estimate: Decimal,
    rebuys: int,
    timezone: str,
    cache_key: bytes,
    saving: Decimal = Decimal(0),
    submission_id: int | None = None,
) -> int:
    """Records "about to buy" and reserves its price, behind the gate; commit before calling.

    `estimate` and `saving` (against the list's price) in US$; `timezone` is the shop's; `submission_id` marks a purchase
    of the economy lane. Call behind `limits.lock`, after `close_stale`.
    Raises LostClaim, DoubtfulPurchase, NoUsablePicture, and what `limits.pass_gate` raises.
    """
    hold(connection, job, Stage.BUY)
    ours: int | None = connection.scalar(
        text("SELECT id FROM revelado.purchases WHERE job_id = :job AND claim_token = :token AND state = 'open'"),
        {"job": job.id, "token": job.claim_token},
    )
    if ours is not None:
        return ours  # the connection was lost during the COMMIT that recorded it: the call has not left yet
    so_far = tries(connection, checkpoint)
    if so_far.doubtful > rebuys:
        raise DoubtfulPurchase
    if so_far.useless >= MAX_USELESS:
        raise NoUsablePicture(times=so_far.useless)
    if editor != "local":
        limits.pass_gate(connection, estimate, timezone, paced=submission_id is None)
    purchase_id: int = connection.execute(
        text(
            "INSERT INTO revelado.purchases (job_id, articulo_id, generation, claim_token, editor, model, prompt_version,"
            " prompt, source_sha256, estimate, cache_key, saving, submission_id, batch_id, opened_at) VALUES (:job,"
            " :articulo, :generation, :token, :editor, :model, :prompt_version, :prompt, :source, :estimate, :key, :saving,"
            " :submission, (SELECT batch_id FROM public.image_processing_queue WHERE id = :job), clock_timestamp())"
            " RETURNING id"
        ),
        {
            "job": job.id,
            "articulo": job.articulo_id,
            "generation": checkpoint.generation,
            "token": job.claim_token,
            "editor": editor,
            "model": request.model,
            "prompt_version": prompt_version,
            "prompt": request.prompt,
            "source": checkpoint.source_sha256,
            "estimate": estimate,
            "key": cache_key,
            "saving": saving,
            "submission": submission_id,
        },
    ).scalar_one()
    return purchase_id


def store_answer(connection: Connection, purchase_id: int, answer: RawAnswer) -> None:
    """Not fenced on purpose: a late worker's paid answer is kept for the rightful run.

    Behind the gate's lock, so that whoever intends to buy the same either sees it or was first.
    """
    digest = blobs.put(connection, answer.body, answer.media_type)
    limits.lock(connection)
    connection.execute(
        text(
            "UPDATE revelado.purchases SET state = 'answered', answer_sha256 = :digest, closed_at = clock_timestamp()"
            " WHERE id = :id AND state IN ('open', 'doubtful')"
        ),
        {"id": purchase_id, "digest": digest},
    )


def close(connection: Connection, purchase_id: int, state: str) -> None:
    """`free` or `doubtful`: the call ended without an answer."""
    connection.execute(
        text("UPDATE revelado.purchases SET state = :state, closed_at = now() WHERE id = :id AND state = 'open'"),
        {"id": purchase_id, "state": state},
    )


def settle(connection: Connection, purchase_id: int, cost: Decimal, usage: dict[str, Any]) -> None:
    """Replaces the reservation by what the answer says it cost."""
    connection.execute(
        text(
            "UPDATE revelado.purchases SET cost = :cost, usage = CAST(:usage AS jsonb),"
            # Half price: what was saved is what was paid.
            " saving = CASE WHEN submission_id IS NULL THEN saving ELSE :cost END WHERE id = :id"
        ),
        {"id": purchase_id, "cost": cost, "usage": to_json(usage)},
    )


def discard(connection: Connection, purchase_id: int) -> None:
    connection.execute(
        text(
            "UPDATE revelado.purchases SET state = 'useless', answer_sha256 = NULL WHERE id = :id AND state = 'answered'"
        ),
        {"id": purchase_id},
    )


def use_all(connection: Connection, job: Job) -> Decimal | None:
    """Marks the job's answers used and gives what the job cost in all."""
    connection.execute(
        text(
            "UPDATE revelado.purchases SET state = 'used', answer_sha256 = NULL WHERE job_id = :job AND state = 'answered'"
        ),
        {"job": job.id},
    )
    total: Decimal | None = connection.scalar(
        text("SELECT sum(coalesce(cost, estimate)) FROM revelado.purchases WHERE job_id = :job AND state <> 'free'"),
        {"job": job.id},
    )
    return total
