"""*Deshacer lote*: every article that shows a picture of a batch gets back what it showed before, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from core.access import harm
from core.access.actors import Actor, Role
from core.errors import NotAllowed, NotFound
from core.queue.jobs import of_batch
from core.review.looked import Looked, look
from core.review.record import Change, record
from core.review.shop_window import Swap, show
from core.settings.values import load_tuning

#: Pictures from before they knew their batch are found by their job.
_MADE = f"""
    SELECT p.id, p.articulo_id, p.url FROM revelado.pictures p
        WHERE p.batch_id = :batch AND p.kind = 'result' AND p.review IS DISTINCT FROM 'trial'
    UNION ALL
    SELECT p.id, p.articulo_id, p.url FROM public.image_processing_queue q JOIN revelado.pictures p ON p.job_id = q.id
        WHERE {of_batch()} AND p.batch_id IS NULL AND p.kind = 'result' AND p.review IS DISTINCT FROM 'trial'
"""

_SHOWN = text(
    f"SELECT count(*) FROM ({_MADE}) made JOIN public.articulos a ON a.id = made.articulo_id AND a.imagen_url = made.url"
)

_GIVEN_BACK = text("""
    SELECT DISTINCT picture_id FROM revelado.decisions WHERE picture_id = ANY(:ids) AND undone_at IS NULL
    AND action IN ('undo_batch', 'reject', 'redo', 'keep_original')
""")

CHANGED_SINCE = "Su foto cambió después."
STILL_HELD = "Espera revisión: la tienda no la muestra."
NOTHING_BEFORE = "No queda una foto anterior."


@dataclass(frozen=True)
class UndoResult:
    restored: int
    left: list[tuple[int, str, str]]  #: (articulo_id, nombre, why it was left alone)


def undo_batch(engine: Engine, actor: Actor, batch_id: int) -> UndoResult:
    """One's own batches; administrators: all, however large. Done once more it changes nothing.

    Raises NotAllowed, NotFound, UndoNeedsAdministrator.
    """
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        if not _may_undo(connection, actor, batch_id):
            raise NotAllowed
        ids = list(connection.scalars(text(_MADE), {"batch": batch_id}))
        cases = look(connection, actor, ids)
        of_batch = {(case.articulo_id, case.url): case for case in cases}
        changes = [
            Change(case, Swap(case.articulo_id, case.url, before))
            for case in cases
            if case.shown and (before := _before(case, of_batch))
        ]
        changed = show(connection, [change.swap for change in changes if change.swap])
        undone = [change for change in changes if change.case.articulo_id in changed]
        harm.check_undo(actor, load_tuning(connection), len(undone))
        record(connection, actor, "undo_batch", undone, batch_id=batch_id)
        left = _left_alone(connection, [case for case in cases if case.articulo_id not in changed])
    return UndoResult(len(undone), left)


def undoable(engine: Engine, actor: Actor, batch_id: int) -> int | None:
    """How many articles show a picture of the batch; None: it is not the actor's to undo. Raises NotFound."""
    with engine.connect() as connection:
        if not _may_undo(connection, actor, batch_id):
            return None
        shown: int = connection.scalar(_SHOWN, {"batch": batch_id})
    return shown


def _may_undo(connection: Connection, actor: Actor, batch_id: int) -> bool:
    batch = connection.execute(
        text("SELECT user_id FROM revelado.batches WHERE id = :id"), {"id": batch_id}
    ).one_or_none()
    if batch is None:
        raise NotFound(what="ese lote")
    own = actor.can(Role.OPERATOR) and actor.id is not None and actor.id == batch.user_id
    return own or actor.can(Role.ADMIN)


def _before(case: Looked, of_batch: Mapping[tuple[int, str], Looked]) -> str | None:
    """What the article showed before any picture of the batch: a job that was retried may have made several."""
    url, passed = case.previous, set[str]()
    while url and (earlier := of_batch.get((case.articulo_id, url))):
        if url in passed:
            return case.original
        passed.add(url)
        url = earlier.previous
    return url


def _left_alone(connection: Connection, cases: Sequence[Looked]) -> list[tuple[int, str, str]]:
    given_back = set(connection.scalars(_GIVEN_BACK, {"ids": [case.id for case in cases]}))
    # Of an article's pictures the newest tells.
    whys = {case.articulo_id: (case.nombre, _why(case, case.id in given_back)) for case in cases}
    return [(articulo_id, nombre, why) for articulo_id, (nombre, why) in whys.items() if why]


def _why(case: Looked, given_back: bool) -> str | None:
    """None: nothing of the batch was in the shop, or it was given back already."""
    if case.shown:
        return NOTHING_BEFORE
    if case.was_published:
        return None if given_back else CHANGED_SINCE
    return STILL_HELD if case.review == "awaiting" else None
