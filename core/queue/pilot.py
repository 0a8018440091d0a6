"""A pilot: the first few articles of a batch are made and looked at before the rest is paid for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.errors import Conflict
from core.queue import manage
from core.queue.jobs import of_batch

#: Articles made first, and how many a batch must have for it to be worth the wait.
MADE_FIRST, WORTH_IT = 5, 20

#: What was held gets its turn now, as if it came now: with its turn of hours ago it would be in front of everybody.
_RELEASE = text("""
    WITH ended AS (
        UPDATE revelado.batches SET pilot = 'released', pilot_ended_at = now(), pilot_ended_by = :by
        WHERE id = :batch AND pilot = 'waiting' RETURNING id, first_id, last_id
    ), held AS (
        SELECT q.id, q.prioridad, q.lane, row_number() OVER (ORDER BY q.turn, q.id) AS place
        FROM public.image_processing_queue q JOIN ended ON ended.id = q.batch_id
        WHERE q.id BETWEEN ended.first_id AND ended.last_id AND q.estado = 'pending' AND q.run_after = 'infinity'
    ), freed AS (
        UPDATE public.image_processing_queue q SET run_after = NULL, updated_at = now(),
            turn = held.place + coalesce((SELECT f.turn FROM public.image_processing_queue f
                WHERE f.estado = 'pending' AND f.run_after IS NULL AND f.lane = held.lane
                AND f.prioridad = held.prioridad ORDER BY f.prioridad DESC NULLS LAST, f.turn, f.id LIMIT 1), 0)
        FROM held WHERE q.id = held.id RETURNING q.id
    )
    SELECT (SELECT count(*) FROM ended) AS ended, (SELECT count(*) FROM freed) AS jobs,
        (SELECT count(pg_notify('revelado_queue', '')) FROM (SELECT) once)
""")


@dataclass(frozen=True)
class Pilot:
    """How far the first few of a batch are. `held`: articles that wait for the yes."""

    batch_id: int
    made: int
    failed: int
    left: int
    held: int

    @property
    def is_done(self) -> bool:
        return self.left == 0


def read(engine: Engine, batch_id: int) -> Pilot:
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT count(*) FILTER (WHERE estado = 'completed') AS made, count(*) FILTER (WHERE estado = 'failed') AS"
                " failed, count(*) FILTER (WHERE estado = 'pending' AND run_after = 'infinity') AS held,"
                " count(*) FILTER (WHERE estado = 'processing' OR estado = 'pending' AND run_after IS DISTINCT FROM"
                f" 'infinity') AS open FROM public.image_processing_queue q WHERE {of_batch()}"
            ),
            {"batch": batch_id},
        ).one()
    return Pilot(batch_id, row.made, row.failed, row.open, row.held)


def release(engine: Engine, actor: Actor, batch_id: int) -> int:
    """A person's yes: the rest of the batch may be made; how many. Raises NotAllowed, Conflict."""
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        row = connection.execute(_RELEASE, {"batch": batch_id, "by": actor.name}).one()
        if not row.ended:
            raise Conflict(why="Ya se decidió sobre este piloto.")
        audit.record(connection, actor, "pilot", batch=batch_id, released=int(row.jobs))
    return int(row.jobs)


def cancel(engine: Engine, actor: Actor, batch_id: int) -> int:
    """A person's no: what waits leaves the queue, what was made stays; how many left. Raises NotAllowed, Conflict."""
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        ended = connection.execute(
            text(
                "UPDATE revelado.batches SET pilot = 'cancelled', pilot_ended_at = now(), pilot_ended_by = :by"
                " WHERE id = :batch AND pilot = 'waiting'"
            ),
            {"batch": batch_id, "by": actor.name},
        )
        if ended.rowcount == 0:
            raise Conflict(why="Ya se decidió sobre este piloto.")
        # In the same transaction, so that a yes and a no at the same moment can't both win.
        gone = manage.cancel_in(connection, actor, batch_id=batch_id)
        audit.record(connection, actor, "pilot", batch=batch_id, cancelled=gone)
        return gone
