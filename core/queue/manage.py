"""What staff change about jobs that wait: their priority, their place, whether they are done at all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, TextClause, text

from core.access import audit
from core.access.actors import Actor, Role
from core.errors import InvalidInput
from core.queue.enqueue import PRIORITY_RANGE
from core.queue.jobs import of_batch

#: So many of a long list of jobs are named in the audit log.
FIRST = 20

_WAITING = f"""
    waiting AS (
        SELECT id, prioridad, row_number() OVER (ORDER BY prioridad DESC NULLS LAST, turn, id) AS place,
            count(*) OVER () AS many
        FROM (SELECT * FROM public.image_processing_queue q
            WHERE estado = 'pending' AND (id = ANY(CAST(:ids AS integer[])) OR {of_batch()})
            ORDER BY id FOR UPDATE) locked
    )"""


def _turn_in_front(prioridad: str) -> str:
    """The turn of the ready job that would be next within a priority; 0 when none waits."""
    return f"""coalesce((SELECT turn FROM public.image_processing_queue WHERE estado = 'pending' AND run_after IS NULL
        AND lane = 'normal' AND prioridad = {prioridad} ORDER BY prioridad DESC NULLS LAST, turn, id LIMIT 1), 0)"""


#: Workers that remember where they claimed last must look at the front again.
_TOLD = "SELECT count(*) AS jobs, (SELECT count(pg_notify('revelado_queue', '')) FROM (SELECT) once) FROM {}"

#: In the new priority they take turns with what waits there, as if they came now.
_REPRIORITISE = text(f"""
    WITH {_WAITING}, front AS (SELECT {_turn_in_front(":prioridad")} AS turn), moved AS (
        UPDATE public.image_processing_queue q SET prioridad = :prioridad, turn = front.turn + place, updated_at = now()
        FROM waiting, front WHERE q.id = waiting.id AND q.prioridad IS DISTINCT FROM :prioridad RETURNING q.id
    ) {_TOLD.format("moved")}
""")

_TO_FRONT = text(f"""
    WITH {_WAITING}, top AS (
        SELECT greatest((SELECT max(prioridad) FROM waiting), (SELECT prioridad FROM public.image_processing_queue
            WHERE estado = 'pending' AND run_after IS NULL AND lane = 'normal'
            ORDER BY prioridad DESC NULLS LAST, turn, id LIMIT 1)) AS prioridad
    ), front AS (SELECT prioridad, {_turn_in_front("top.prioridad")} AS turn FROM top), moved AS (
        UPDATE public.image_processing_queue q SET prioridad = front.prioridad, turn = front.turn - many + place - 1,
            updated_at = now()
        FROM waiting, front WHERE q.id = waiting.id RETURNING q.id
    ) {_TOLD.format("moved")}
""")

#: What was paid for them and not used stays in the ledger, for whoever asks for the same picture.
_CANCEL = text(f"""
    WITH {_WAITING}, gone AS (
        DELETE FROM public.image_processing_queue q USING waiting WHERE q.id = waiting.id RETURNING q.*
    ), kept AS (
        INSERT INTO revelado.cancelled_jobs
            (job_id, articulo_id, articulo_nombre, batch_id, claim_token, job, cancelled_by)
        SELECT id, articulo_id, articulo_nombre, batch_id, claim_token + 1, to_jsonb(gone), :by FROM gone
    ), forgotten AS (DELETE FROM revelado.checkpoints c USING gone WHERE c.job_id = gone.id)
    SELECT count(*) AS jobs FROM gone
""")


def reprioritise(
    engine: Engine, actor: Actor, prioridad: int, *, job_ids: Sequence[int] = (), batch_id: int | None = None
) -> int:
    """Gives those that wait another priority; how many changed. Raises NotAllowed, InvalidInput."""
    if prioridad not in PRIORITY_RANGE:
        raise InvalidInput(field="prioridad", why="use un número entero entre -1000 y 1000.")
    return _change(engine, actor, _REPRIORITISE, job_ids, batch_id, prioridad=prioridad)


def move_to_front(engine: Engine, actor: Actor, *, job_ids: Sequence[int] = (), batch_id: int | None = None) -> int:
    """Puts those that wait before all others, in the order they had; how many. Raises NotAllowed."""
    return _change(engine, actor, _TO_FRONT, job_ids, batch_id)


def cancel(engine: Engine, actor: Actor, *, job_ids: Sequence[int] = (), batch_id: int | None = None) -> int:
    """Takes those that wait out of the queue; how many. What a worker has in hand is finished. Raises NotAllowed."""
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        gone = cancel_in(connection, actor, job_ids=job_ids, batch_id=batch_id)
        if gone:
            audit.record(connection, actor, "cancel", jobs=gone, batch=batch_id, first=list(job_ids[:FIRST]))
    return gone


def cancel_in(connection: Connection, actor: Actor, *, job_ids: Sequence[int] = (), batch_id: int | None = None) -> int:
    """`cancel` as part of a transaction whose use case has checked the role, and tells the audit log at its end."""
    gone: int = connection.scalar(_CANCEL, {"ids": list(job_ids), "batch": batch_id, "by": actor.name})
    return gone


def _change(
    engine: Engine, actor: Actor, statement: TextClause, job_ids: Sequence[int], batch_id: int | None, **more: object
) -> int:
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        changed: int = connection.scalar(statement, {"ids": list(job_ids), "batch": batch_id, **more})
        if changed:
            audit.record(
                connection, actor, "priority", jobs=changed, batch=batch_id, first=list(job_ids[:FIRST]), **more
            )
    return changed
