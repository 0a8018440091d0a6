"""A person asks for failed jobs to be tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from core.access import audit, harm
from core.access.actors import Actor, Role
from core.errors import Conflict, NotFound, Words
from core.queue import enqueue, failures
from core.queue.history_filter import HistoryFilter
from core.settings.values import load_tuning

#: In turn with what waits now: were it in front with its turn of long ago, the next batch would count from there.
#: Attempts start at 0 again; what was tried stays in `attempts`. A job that failed after its picture was bought keeps
#: its checkpoint, and so its picture; any other starts over with whatever photo the article has now.
_RETRY = text("""
    WITH again AS (
        UPDATE public.image_processing_queue q SET estado = 'pending', intentos = 0, claim_token = claim_token + 1,
            run_after = NULL, started_at = NULL, completed_at = NULL, error_code = NULL, error_params = NULL,
            error_message = NULL, error_stack = NULL, crashes = 0, trouble_since = NULL, lane = 'normal', adopted = false,
            max_intentos = greatest(coalesce(max_intentos, 3), 1), updated_at = now(),
            turn = greatest(q.turn, (SELECT f.turn FROM public.image_processing_queue f WHERE f.estado = 'pending'
                AND f.run_after IS NULL AND f.lane = 'normal' AND f.prioridad = q.prioridad
                ORDER BY f.prioridad DESC NULLS LAST, f.turn, f.id LIMIT 1))
        WHERE id = ANY(:ids) AND estado = 'failed' AND (trial OR NOT EXISTS (
            SELECT FROM public.image_processing_queue live WHERE live.articulo_id = q.articulo_id
            AND live.estado IN ('pending', 'processing') AND NOT live.trial))
        RETURNING id
    ), forgotten AS (
        DELETE FROM revelado.checkpoints c USING again WHERE c.job_id = again.id AND NOT EXISTS (
            SELECT FROM revelado.purchases p WHERE p.job_id = c.job_id AND p.generation = c.generation
            AND p.state = 'answered')
    ), woken AS (SELECT pg_notify('revelado_queue', '') FROM again LIMIT 1)
    SELECT id FROM again, (SELECT count(*) FROM woken) w
""")


def retry(engine: Engine, actor: Actor, job_ids: Sequence[int]) -> list[int]:
    """The ids that are pending again. Jobs that are not failed, or whose article is in the queue, are left alone."""
    actor.require(Role.OPERATOR)
    try:
        with engine.begin() as connection:
            return _retry(connection, actor, job_ids)
    except IntegrityError:
        # Two failed jobs of one article in one request, or an enqueue at the same moment: one by one, each counts.
        retried = []
        for job_id in job_ids:
            try:
                with engine.begin() as connection:
                    retried += _retry(connection, actor, [job_id])
            except IntegrityError:
                continue
        return retried


def retry_causes(
    engine: Engine,
    actor: Actor,
    causes: Sequence[str],
    *,
    seen: int,
    each: Decimal = Decimal(0),
    confirmed: bool = False,
) -> int:
    """All that failed for these reasons and still stand so, by now; how many are pending again.

    `seen`: how many they were when a person said yes; many more are refused with Conflict. `each`: US$ that one is
    expected to cost. Raises NotAllowed; above the limits of harm, as `enqueue`.
    """
    return _retry_standing(
        engine,
        actor,
        lambda connection: {cause: failures.jobs_of_cause(connection, cause) for cause in causes},
        seen,
        each,
        confirmed,
    )


def retry_matching(
    engine: Engine,
    actor: Actor,
    where: HistoryFilter,
    *,
    seen: int,
    each: Decimal = Decimal(0),
    confirmed: bool = False,
) -> int:
    """All that failed, match and still stand so, by now; as `retry_causes`."""
    return _retry_standing(
        engine, actor, lambda connection: {"": failures.jobs_matching(connection, where)}, seen, each, confirmed
    )


def _retry_standing(
    engine: Engine,
    actor: Actor,
    chosen: Callable[[Connection], Mapping[str, Sequence[int]]],
    seen: int,
    each: Decimal,
    confirmed: bool,
) -> int:
    """`chosen`: the jobs by their cause; no cause when they were chosen by something else."""
    actor.require(Role.OPERATOR)

    def checked(connection: Connection) -> Mapping[str, Sequence[int]]:
        found = chosen(connection)
        total = sum(map(len, found.values()))
        harm.check_grown(seen, total)
        harm.check_enqueue(actor, load_tuning(connection), total, each * total, confirmed)
        return found

    try:
        with engine.begin() as connection:
            # Whoever enqueues one of these articles in the same moment waits, or was before us and is seen.
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": enqueue.LOCK})
            again = {cause: _again(connection, ids) for cause, ids in checked(connection).items()}
            # Records last: they stand in one row behind each other, and whoever waited there with rows of ours would
            # wait for us.
            for cause, retried in again.items():
                _record(connection, actor, retried, cause)
            return sum(map(len, again.values()))
    except IntegrityError:  # an older failure of one of these articles was retried in the same moment
        with engine.connect() as connection:
            ids = [job_id for jobs in checked(connection).values() for job_id in jobs]
        return len(retry(engine, actor, ids))


def _retry(connection: Connection, actor: Actor, job_ids: Sequence[int]) -> list[int]:
    retried = _again(connection, job_ids)
    _record(connection, actor, retried)
    return retried


def _again(connection: Connection, job_ids: Sequence[int]) -> list[int]:
    return list(connection.scalars(_RETRY, {"ids": list(job_ids)}))


def _record(connection: Connection, actor: Actor, retried: Sequence[int], cause: str = "") -> None:
    if retried:
        of_cause = {"cause": cause} if cause else {}
        audit.record(connection, actor, "retry", jobs=len(retried), first=retried[:20], **of_cause)


def retry_one(engine: Engine, actor: Actor, job_id: int) -> None:
    """Raises NotFound, or Conflict saying why it can't be retried."""
    if retry(engine, actor, [job_id]):
        return
    with engine.connect() as connection:
        estado = connection.scalar(
            text("SELECT coalesce(estado, '') FROM public.image_processing_queue WHERE id = :id"), {"id": job_id}
        )
    if estado is None:
        raise NotFound(what=Words("el trabajo {id}", id=job_id))
    if estado == "failed":
        raise Conflict(why="Este artículo ya está en la cola. Espere a que termine.")
    raise Conflict(why="Solo se puede reintentar un trabajo fallido.")
