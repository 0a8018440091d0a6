"""Taking jobs, keeping them, and giving back those of workers that died."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from core.db.prepared import Prepared
from core.queue.jobs import COLUMNS, Job, from_values

#: Seconds. A lease is renewed three times before it could run out.
LEASE = 15
HEARTBEAT = 5
MOST_CRASHES = 3


@dataclass(frozen=True)
class Position:
    """A place in the order of the claim."""

    prioridad: int
    turn: int
    after_id: int


RETURNED = ", ".join(f"q.{column}" for column in COLUMNS)
SELECTED = ", ".join(f"c.{column}" for column in COLUMNS)

#: The claimed rows, their new tokens, and one attempt each: the tail of every statement that claims. An attempt starts by
#: the clock: now() is the start of the transaction, which may lie before the end of the attempt that gave the job back.
CLAIMED = f"""
    claimed AS (
        UPDATE public.image_processing_queue q SET estado = 'processing', claim_token = claim_token + 1,
            lease_until = now() + make_interval(secs => :lease), worker_id = :worker, stage = 'fetch',
            max_intentos = greatest(coalesce(max_intentos, 3), 1),
            intentos = least(coalesce(intentos, 0) + 1, greatest(coalesce(max_intentos, 3), 1)),
            started_at = now(), completed_at = NULL, updated_at = now()
        WHERE q.id = ANY(ARRAY(SELECT id FROM best)) RETURNING {RETURNED}, q.worker_id
    ), recorded AS (
        INSERT INTO revelado.attempts (job_id, articulo_id, claim_token, number, worker_id, started_at)
        SELECT id, articulo_id, claim_token, intentos, worker_id, clock_timestamp() FROM claimed
    )
"""

#: Nothing is handed out while the queue is paused, nor, but for one probe, while a service is still suspect.
OPEN = "NOT EXISTS (SELECT FROM revelado.queue_control WHERE paused OR probing IS NOT NULL)"


def best(lane: str, condition: str) -> str:
    """The ready jobs of a lane, in order; a scan of that lane's claim index."""
    return f"""
    best AS (
        SELECT id FROM public.image_processing_queue
        WHERE estado = 'pending' AND run_after IS NULL AND lane = '{lane}' AND {condition}
        ORDER BY prioridad DESC NULLS LAST, turn, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )"""


_IN_ORDER = f"SELECT {SELECTED} FROM claimed c ORDER BY c.prioridad DESC NULLS LAST, c.turn, c.id"
_CLAIM = {
    lane: Prepared(f"claim_{lane}", f"WITH {best(lane, OPEN)}, {CLAIMED} {_IN_ORDER}") for lane in ("normal", "economy")
}
_CLAIM_PROBE = Prepared("claim_probe", f"WITH {best('normal', 'true')}, {CLAIMED} {_IN_ORDER}")

#: Behind the place where this worker claimed last. While a long transaction elsewhere keeps dead rows from being taken
#: away, a scan from the front of the index would walk over all that was claimed since.
AFTER = "prioridad = :prioridad AND (turn, id) > (:turn, :after_id)"
_CLAIM_AFTER = Prepared("claim_after", f"WITH {best('normal', f'{OPEN} AND {AFTER}')}, {CLAIMED} {_IN_ORDER}")

_RENEW = text("""
    UPDATE public.image_processing_queue SET lease_until = now() + make_interval(secs => :lease)
    WHERE id = ANY(:ids) AND worker_id = :worker AND lease_until IS NOT NULL RETURNING id, claim_token
""")

#: A crash counts as an attempt, or a picture that kills its worker would be bought for ever; three crashes end it. A row
#: that the earlier backend left in `processing` (no lease) gets at least one run of ours. A restart of the database
#: expires no lease by itself: for one lease after it, workers that were cut off may still come back.
_RESCUE = text("""
    WITH dead AS (
        SELECT id, lease_until IS NULL AS was_adopted, (lease_until IS NOT NULL
            AND (crashes + 1 >= :most OR coalesce(intentos, 0) >= coalesce(max_intentos, 3))) AS spent
        FROM public.image_processing_queue
        WHERE estado = 'processing' AND (lease_until IS NULL
            OR (lease_until < now() AND pg_postmaster_start_time() < now() - make_interval(secs => :lease)))
        ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
    ), rescued AS (
        UPDATE public.image_processing_queue q SET claim_token = claim_token + 1, lease_until = NULL, worker_id = NULL,
            stage = NULL, updated_at = now(), crashes = crashes + CASE WHEN was_adopted THEN 0 ELSE 1 END,
            estado = CASE WHEN spent THEN 'failed' ELSE 'pending' END,
            completed_at = CASE WHEN spent THEN now() END,
            error_code = CASE WHEN spent THEN 'worker_died' END,
            error_message = CASE WHEN spent THEN :message ELSE error_message END,
            intentos = CASE WHEN was_adopted
                THEN greatest(least(coalesce(intentos, 0), coalesce(max_intentos, 3) - 1), 0) ELSE intentos END
        FROM dead WHERE q.id = dead.id RETURNING q.id, q.estado
    ), closed AS (
        UPDATE revelado.attempts t SET outcome = 'rescued', finished_at = now(), error_code = 'worker_died'
        FROM rescued WHERE t.job_id = rescued.id AND t.outcome IS NULL
    ), doubtful AS (
        -- Nobody will come for what it was about to buy. (The local editor's pictures cost nothing.)
        UPDATE revelado.purchases p SET state = CASE WHEN editor = 'local' THEN 'free' ELSE 'doubtful' END, closed_at = now()
        FROM rescued WHERE p.job_id = rescued.id AND p.state = 'open' AND rescued.estado = 'failed'
    )
    SELECT id, estado FROM rescued
""")

WORKER_DIED = (
    "El trabajador se detuvo a mitad de este trabajo una y otra vez. Puede reintentarlo; si se repite, la foto puede ser"
    " la causa: pruebe con otra y avise al administrador."
)


def claim(
    connection: Connection,
    worker: UUID,
    limit: int = 1,
    lease: float = LEASE,
    *,
    lane: str = "normal",
    after: Position | None = None,
) -> list[Job]:
    """The best ready jobs of the lane, at most `limit`; none while the queue is paused, one while a service is probed.

    `after` looks only behind a place of the index. Who uses it must now and then claim without: a job of a higher
    priority, or one moved to the front, lies before that place.
    """
    asked = {"worker": worker, "limit": limit, "lease": lease}
    if after is not None:
        return _jobs(_CLAIM_AFTER.all(connection, {**asked, **asdict(after)}))
    jobs = _jobs(_CLAIM[lane].all(connection, asked))
    return jobs if jobs or lane != "normal" else _claim_probe(connection, asked)


def _claim_probe(connection: Connection, asked: dict[str, object]) -> list[Job]:
    """One job for the whole queue while it is not known whether a service that failed has come back."""
    probing = connection.scalar(
        text("SELECT true FROM revelado.queue_control WHERE probing IS NOT NULL AND NOT paused FOR UPDATE")
    )
    busy = text(
        "SELECT EXISTS (SELECT FROM public.image_processing_queue WHERE estado = 'processing'"
        " AND lease_until BETWEEN now() AND now() + interval '1 day')"
    )
    if not probing or connection.scalar(busy):
        return []
    return _jobs(_CLAIM_PROBE.all(connection, {**asked, "limit": 1}))


def _jobs(rows: Iterable[Row[Any]]) -> list[Job]:
    return [from_values(row) for row in rows]


def held_by(connection: Connection, worker: UUID) -> list[Job]:
    """The jobs this worker holds, as the database sees it: a claim whose COMMIT was answered to nobody among them."""
    rows = connection.execute(
        text(
            f"SELECT {SELECTED} FROM public.image_processing_queue c WHERE estado = 'processing' AND worker_id = :worker"
            " AND lane = 'normal' AND lease_until IS NOT NULL ORDER BY id FOR UPDATE"
        ),
        {"worker": worker},
    )
    return _jobs(rows)


def renew(connection: Connection, worker: UUID, job_ids: Sequence[int], lease: float = LEASE) -> dict[int, int]:
    """Renews the leases still held by this worker; gives their {job id: claim token}."""
    rows = connection.execute(_RENEW, {"worker": worker, "ids": list(job_ids), "lease": lease})
    return {row.id: row.claim_token for row in rows}


def rescue(connection: Connection, lease: float = LEASE) -> list[tuple[int, str]]:
    """Gives back the jobs of dead workers: [(job id, new estado)]."""
    rows = connection.execute(_RESCUE, {"lease": lease, "most": MOST_CRASHES, "message": WORKER_DIED})
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
