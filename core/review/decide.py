"""A person's verdict on a picture that awaits one: one transaction each, and each can be taken back (taking_back.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Engine, text

from core.access.actors import Actor, Role
from core.catalog import superseded
from core.catalog.articles import SkipReason
from core.errors import Conflict, InvalidInput, NotFound, Words
from core.queue import manage
from core.queue.enqueue import enqueue
from core.recipes.prompts import MAX_NOTE
from core.review import refusals
from core.review.looked import Looked, look, reviewer
from core.review.record import Action, Change, record
from core.review.shop_window import Swap, show
from core.review.taking_back import take_back

__all__ = ["approve", "approve_good", "keep_original", "redo", "reject", "take_back"]

_JUDGE = text("""
    UPDATE revelado.pictures SET review = :review, judged_at = now(), judged_by = :name, reviewer_id = NULL,
        reviewer_until = NULL
    WHERE id = ANY(:ids) AND review = 'awaiting' AND deleted_at IS NULL
    AND (reviewer_id IS NULL OR reviewer_id = :me OR reviewer_until < now()) RETURNING id
""")

_WHY_NOT_QUEUED: dict[SkipReason, str] = {
    "unknown": "El artículo ya no existe.",
    "inactive": "El artículo está inactivo: actívelo en el catálogo y vuelva a pedirlo.",
    "no_picture": "El artículo ya no tiene foto: cárguela en Catálogo y vuelva a pedirlo.",
    "already_queued": "El artículo ya está en la cola: espere a que llegue su imagen nueva y júzguela.",
}


def approve(engine: Engine, actor: Actor, picture_id: int) -> int:
    """Publishes it; what the shop shows already is only confirmed. The decision's id.

    Raises NotAllowed, NotFound, Conflict: Taken, AlreadyDecided, ArticleMoved.
    """
    return _decide(engine, actor, "approve", picture_id, _published)


def reject(engine: Engine, actor: Actor, picture_id: int, reason: str) -> int:
    """When the shop shows it, the article gets back what it showed before. Raises as `approve` does, and InvalidInput."""
    return _decide(engine, actor, "reject", picture_id, _given_back, reason=_one_line("motivo", reason))


def keep_original(engine: Engine, actor: Actor, picture_id: int) -> int:
    """Rejects it; when the shop shows it, the article gets back the photo it was made from. Raises as `approve` does."""
    return _decide(engine, actor, "keep_original", picture_id, _original)


def redo(engine: Engine, actor: Actor, picture_id: int, *, recipe_version_id: int | None = None, note: str = "") -> int:
    """Rejects it and has another made: by another recipe, with a note to its prompt. Raises as `reject` does.

    The job comes first, in a transaction of its own: lost between the two, there is a job too many and the picture still
    awaits a verdict; the other way round there would be a rejected picture, and the new one that was asked for would never
    come. A worker may take the job before the verdict has changed the shop: what it expects there is put right with it.
    """
    actor.require(Role.OPERATOR)
    note = _one_line("nota", note)
    with engine.begin() as connection:
        case = _case(connection, actor, picture_id)
        _given_back(case)
        _known_recipe(connection, recipe_version_id)
    queued = enqueue(
        engine,
        actor,
        [case.articulo_id],
        origin="panel",
        label="Rehacer desde revisión",
        fresh=True,
        recipe_version_id=recipe_version_id,
        note=note,
    )
    if not queued.added:
        raise Conflict(why=_WHY_NOT_QUEUED[queued.skipped[0].reason])
    job_id = queued.added[0].queue_id
    try:
        return _decide(engine, actor, "redo", picture_id, _given_back, reason=note, job_id=job_id)
    except Conflict:
        manage.cancel(engine, actor, job_ids=[job_id])
        raise


def approve_good(
    engine: Engine, actor: Actor, batch_id: int, picture_ids: Sequence[int]
) -> tuple[list[int], list[tuple[int, str]]]:
    """Those of the batch that the inspection calls good, in one transaction: (approved, those left and why).

    `picture_ids` is what a person has seen; others of the batch are left alone. Raises NotAllowed.
    """
    actor.require(Role.OPERATOR)
    left: list[tuple[int, str]] = []
    changes: list[Change] = []
    with engine.begin() as connection:
        for case in look(connection, actor, picture_ids):
            try:
                if case.batch_id != batch_id or case.verdict != "good":
                    raise refusals.NotGood
                refusals.refuse(case)
                changes.append(Change(case, _published(case)))
            except Conflict as error:
                left.append((case.id, error.text))
        _settle(connection, actor, "approve", changes, batch_id=batch_id)
    return [change.case.id for change in changes], left


def _decide(
    engine: Engine,
    actor: Actor,
    action: Action,
    picture_id: int,
    becomes: Callable[[Looked], Swap | None],
    *,
    reason: str = "",
    job_id: int | None = None,
) -> int:
    actor.require(Role.OPERATOR)
    with engine.begin() as connection:
        if job_id is not None:
            # Before the article, as the pipeline locks them.
            connection.execute(
                text("SELECT FROM public.image_processing_queue WHERE id = :id FOR UPDATE"), {"id": job_id}
            )
        case = _case(connection, actor, picture_id)
        change = Change(case, becomes(case))
        [decision_id] = _settle(connection, actor, action, [change], reason=reason, job_id=job_id)
        if job_id is not None:
            _tell(connection, job_id, change.swap)
    return decision_id


def _case(connection: Connection, actor: Actor, picture_id: int) -> Looked:
    found = look(connection, actor, [picture_id])
    if not found:
        raise NotFound(what="esa imagen")
    refusals.refuse(found[0])
    return found[0]


def _settle(
    connection: Connection,
    actor: Actor,
    action: Action,
    changes: Sequence[Change],
    *,
    reason: str = "",
    batch_id: int | None = None,
    job_id: int | None = None,
) -> list[int]:
    ids = [change.case.id for change in changes]
    review = "approved" if action == "approve" else "rejected"
    judged = connection.scalars(_JUDGE, {"ids": ids, "review": review, "name": actor.name, "me": reviewer(actor)})
    if len(judged.all()) < len(ids):
        raise refusals.AlreadyDecided
    swaps = [change.swap for change in changes if change.swap]
    if len(show(connection, swaps)) < len(swaps):
        raise refusals.ArticleMoved
    if action != "approve":
        # Those that were shown are promised to go with what the shop changed.
        superseded.schedule(connection, [change.case.id for change in changes if change.swap is None])
    return record(connection, actor, action, changes, reason=reason, batch_id=batch_id, job_id=job_id)


def _published(case: Looked) -> Swap | None:
    if case.shown:
        return None
    if case.current != case.replaces_url:
        raise refusals.ArticleMoved
    return Swap(case.articulo_id, case.current, case.url)


def _given_back(case: Looked) -> Swap | None:
    return refusals.back_to(case, case.previous) if case.shown else None


def _original(case: Looked) -> Swap | None:
    return refusals.back_to(case, case.original) if case.shown else None


def _tell(connection: Connection, job_id: int, swap: Swap | None) -> None:
    if swap is not None:
        connection.execute(
            text(
                "UPDATE revelado.checkpoints SET expected_url = :after WHERE job_id = :job"
                " AND expected_url IS NOT DISTINCT FROM :before"
            ),
            {"job": job_id, "before": swap.before, "after": swap.after},
        )
    # A worker that woke while the job was locked here passed it over.
    connection.execute(text("SELECT pg_notify('revelado_queue', '')"))


def _known_recipe(connection: Connection, version_id: int | None) -> None:
    known = version_id is None or connection.scalar(
        text("SELECT EXISTS (SELECT FROM revelado.recipe_versions WHERE id = :id AND number IS NOT NULL)"),
        {"id": version_id},
    )
    if not known:
        raise NotFound(what="esa receta")


def _one_line(field: str, words: str) -> str:
    words = " ".join(words.replace("\0", " ").split())
    if len(words) > MAX_NOTE:
        raise InvalidInput(field=field, why=Words("use como mucho {most} caracteres.", most=MAX_NOTE))
    return words
