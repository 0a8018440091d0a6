"""The economy lane's way home: batches are looked at, and each picture or error goes back to its job."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection

from core.db.engine import durably, is_not_our_fault
from core.errors import Ambiguous, JobError, LostClaim
from core.pipeline import purchases, submissions
from core.pipeline.economy_errors import EconomyExpired, EconomyFailed, EconomyItemMissing, EconomyLost
from core.pipeline.economy_tools import Tools, delete_file
from core.pipeline.ending import end_with_error
from core.pipeline.submissions import Item, Submission
from core.providers.ports import BatchResult, BatchState, RawAnswer
from core.queue import limits
from core.queue.jobs import Job, hold

log = logging.getLogger("revelado.worker")

#: How what did not come is booked: (state of the purchase, why). A batch that expired or was cancelled does not charge
#: for what it did not do; one that failed does not say.
Rest = tuple[Literal["free", "doubtful"], JobError]


def look(tools: Tools, submission: Submission) -> None:
    """One look. At its end all items are settled; until then the next look is put off."""
    try:
        state = tools.batches.look(submission.remote_name or "")
        if state.state != "waiting":
            _collect(tools, submission, state)
            return
        if submission.age > tools.pace.stuck and not submission.cancelled:
            log.warning("🌙 [Económica] El lote %s no termina; se cancela", submission.remote_name)
            tools.batches.cancel(submission.remote_name or "")
            tools.shop.durably(lambda c: submissions.postpone(c, submission, tools.pace.first_look, cancelled=True))
            return
    except JobError as error:
        log.warning("🌙 [Económica] No se pudo mirar el lote %s: %s", submission.remote_name, error.text)
    if submission.age > tools.pace.lost:
        _finish(tools, submission, ("doubtful", EconomyLost()))
        return
    wait = min(max(submission.age, tools.pace.first_look), tools.pace.longest_look)
    tools.shop.durably(lambda c: submissions.postpone(c, submission, wait))


def _collect(tools: Tools, submission: Submission, state: BatchState) -> None:
    """Safe to repeat: what is settled already is no open item any more. Raises what the download raises."""
    came = 0
    if state.results:
        items = {str(i.purchase_id): i for i in tools.shop.durably(lambda c: submissions.open_items(c, submission))}
        for result in tools.batches.results(state.results):
            item = items.pop(result.key, None)
            if item is not None:
                came += _settle(tools, item, result)
    log.info("🌙 [Económica] Llegaron %d de %d imagen(es) a mitad de precio", came, submission.items)
    rests: dict[str, Rest] = {
        "expired": ("free", EconomyExpired()),
        "cancelled": ("free", EconomyExpired()),
        "failed": ("doubtful", EconomyFailed()),
    }
    _finish(tools, submission, rests.get(state.state, ("doubtful", EconomyItemMissing())))
    for file_name in (submission.file_name, state.results):
        if file_name:
            delete_file(tools, file_name)


def _settle(tools: Tools, item: Item, result: BatchResult) -> int:
    """How many pictures came: 1 or 0."""
    answer, error = result.answer, result.error
    if answer is not None:
        try:
            tools.shop.editor.read(answer)
        except JobError as useless:
            error = useless
        else:
            _keep(tools, item, answer)
            return 1
    assert error is not None
    _fail(tools, item, answer, error)
    return 0


def _keep(tools: Tools, item: Item, answer: RawAnswer) -> None:
    def keep(connection: Connection) -> None:
        purchases.store_answer(connection, item.purchase_id, answer)
        job = _job_of(connection, item)
        if job:
            submissions.to_normal_lane(connection, job)
            submissions.wake(connection)

    durably(tools.shop.engine, keep, tools.shop.must_leave, passing=is_not_our_fault)


def _fail(tools: Tools, item: Item, answer: RawAnswer | None, error: JobError) -> None:
    """As if a single call had ended like this. An answer without a picture may have cost something all the same."""

    def fail(connection: Connection) -> None:
        if answer is None:
            limits.lock(connection)
            purchases.close(connection, item.purchase_id, "doubtful" if isinstance(error, Ambiguous) else "free")
        else:
            cost, usage = error.params.get("cost"), error.params.get("usage")
            purchases.store_answer(connection, item.purchase_id, answer)
            purchases.settle(
                connection,
                item.purchase_id,
                cost if isinstance(cost, Decimal) else Decimal(0),
                usage if isinstance(usage, dict) else {},
            )
            purchases.discard(connection, item.purchase_id)
        job = _job_of(connection, item)
        if job:
            end_with_error(connection, job, error, {})
            submissions.wake(connection)

    tools.shop.durably(fail)
    if item.job:
        log.warning("🌙 [Económica] Artículo %d: %s", item.job.articulo_id, error.text)


def _finish(tools: Tools, submission: Submission, rest: Rest) -> None:
    booked, why = rest

    def end(connection: Connection) -> int:
        limits.lock(connection)
        missing = submissions.open_items(connection, submission)
        for item in missing:
            purchases.close(connection, item.purchase_id, booked)
            job = _job_of(connection, item)
            if job:
                end_with_error(connection, job, why, {})
        whole = not missing or isinstance(why, EconomyItemMissing)
        submissions.end(connection, submission, None if whole else why)
        submissions.wake(connection)
        return len(missing)

    missing = tools.shop.durably(end)
    if missing:
        log.warning("🌙 [Económica] %d foto(s) sin imagen: %s", missing, why.text)


def _job_of(connection: Connection, item: Item) -> Job | None:
    """Locked; None when it is not in this submission's hands any more."""
    if item.job is None:
        return None
    try:
        hold(connection, item.job)
    except LostClaim:
        return None
    return item.job
