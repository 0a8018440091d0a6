"""Taking jobs, keeping them, and giving back those of workers that died."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from core.queue.jobs import Job, from_row

#: Seconds. A lease is renewed three times before it could run out.
LEASE = 15
HEARTBEAT = 5

_CLAIM = text("""
    WITH best AS (
        SELECT id FROM public.image_processing_queue
        WHERE estado = 'pending' AND run_after IS NULL AND NOT EXISTS (SELECT FROM revelado.queue_control WHERE paused)
        ORDER BY prioridad DESC NULLS LAST, turn, id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE public.image_processing_queue q SET estado = 'processing', claim_token = claim_token + 1,
            lease_until = now() + make_interval(secs => :lease), worker_id = :worker, stage = 'fetch',
            max_intentos = greatest(coalesce(max_intentos, 3), 1),
            intentos = least(coalesce(intentos, 0) + 1, greatest(coalesce(max_intentos, 3), 1)),
            started_at = now(), completed_at = NULL, updated_at = now()
        FROM best WHERE q.id = best.id RETURNING q.*
    ), recorded AS (
        INSERT INTO revelado.attempts (job_id, articulo_id, claim_token, number, worker_id)
        SELECT id, articulo_id, claim_token, intentos, worker_id FROM claimed
    )
    SELECT * FROM claimed ORDER BY prioridad DESC NULLS LAST, turn, id
""")

_RENEW = text("""
    UPDATE public.image_processing_queue SET lease_until = now() + make_interval(secs => :lease)
    WHERE id = ANY(:ids) AND worker_id = :worker AND lease_until IS NOT NULL RETURNING id, claim_token
""")

#: A crash counts as an attempt, or a picture that kills its worker would be bought for ever. A row that the earlier
#: backend left in `processing` (no lease) gets at least one run of ours. A restart of the database expires no lease by
#: itself: for one lease after it, workers that were cut off may still come back.
_RESCUE = text("""
    WITH dead AS (
        SELECT id FROM public.image_processing_queue
        WHERE estado = 'processing' AND (lease_until IS NULL
            OR (lease_until < now() AND pg_postmaster_start_time() < now() - make_interval(secs => :lease)))
        ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
    ), rescued AS (
        UPDATE public.image_processing_queue q SET claim_token = claim_token + 1, lease_until = NULL, worker_id = NULL,
            stage = NULL, updated_at = now(),
            estado = CASE WHEN spent THEN 'failed' ELSE 'pending' END,
            completed_at = CASE WHEN spent THEN now() END,
            error_code = CASE WHEN spent THEN 'worker_died' END,
            error_message = CASE WHEN spent THEN :message ELSE error_message END,
            intentos = CASE WHEN lease_until IS NULL
                THEN greatest(least(coalesce(intentos, 0), coalesce(max_intentos, 3) - 1), 0) ELSE intentos END
        FROM (SELECT id, (lease_until IS NOT NULL AND coalesce(intentos, 0) >= coalesce(max_intentos, 3)) AS spent
              FROM public.image_processing_queue JOIN dead USING (id)) judged
        WHERE q.id = judged.id RETURNING q.id, q.claim_token, q.estado
    ), closed AS (
        UPDATE revelado.attempts t SET outcome = 'rescued', finished_at = now(), error_code = 'worker_died'
        FROM rescued WHERE t.job_id = rescued.id AND t.outcome IS NULL
    )
    SELECT id, estado FROM rescued
""")

WORKER_DIED = (
    "El trabajador se detuvo a mitad de este trabajo en todos los intentos. Puede reintentarlo; si se repite, avise al"
    " administrador."
)


def claim(connection: Connection, worker: UUID, limit: int = 1, lease: float = LEASE) -> list[Job]:
    """The best ready jobs, at most `limit`; none while the queue is paused."""
    rows = connection.execute(_CLAIM, {"worker": worker, "limit": limit, "lease": lease})
    return [from_row(row) for row in rows]


def held_by(connection: Connection, worker: UUID) -> list[Job]:
    """The jobs this worker holds, as the database sees it: a claim whose COMMIT was answered to nobody among them."""
    rows = connection.execute(
        text(
            "SELECT * FROM public.image_processing_queue WHERE estado = 'processing' AND worker_id = :worker"
            " AND lease_until IS NOT NULL ORDER BY id FOR UPDATE"
        ),
        {"worker": worker},
    )
    return [from_row(row) for row in rows]


def renew(connection: Connection, worker: UUID, job_ids: Sequence[int], lease: float = LEASE) -> dict[int, int]:
    """Renews the leases still held by this worker; gives their {job id: claim token}."""
    rows = connection.execute(_RENEW, {"worker": worker, "ids": list(job_ids), "lease": lease})
    return {row.id: row.claim_token for row in rows}


def rescue(connection: Connection, lease: float = LEASE) -> list[tuple[int, str]]:
    """Gives back the jobs of dead workers: [(job id, new estado)]."""
    rows = connection.execute(_RESCUE, {"lease": lease, "message": WORKER_DIED})
    return [(row.id, row.estado) for row in rows]


def wake_snoozed(connection: Connection) -> int:
    """Makes jobs whose hour has come ready again. Kept apart from the claim, whose index they are not in."""
    woken = connection.execute(
        text(
            "UPDATE public.image_processing_queue SET run_after = NULL, updated_at = now() WHERE id IN ("
            " SELECT id FROM public.image_processing_queue WHERE estado = 'pending' AND run_after <= now()"
            " ORDER BY run_after LIMIT 1000 FOR UPDATE SKIP LOCKED)"
        )
    )
    return woken.rowcount
