"""The economy lane's way out: jobs are gathered, their purchases recorded, and one batch ordered. Never twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.errors import Ambiguous, JobError, LostClaim, PausesQueue, Permanent, ServiceTrouble
from core.money import prices
from core.pipeline import blobs, buy, cache, purchases, submissions
from core.pipeline.checkpoints import Checkpoint
from core.pipeline.economy_errors import EconomyRefused, EconomyUnsent
from core.pipeline.economy_tools import Tools, delete_file, is_closed, release
from core.pipeline.ending import end_with_error, explain, pause_for
from core.pipeline.run import ArticleRun
from core.pipeline.submissions import MOST, Order, Submission
from core.pipeline.workshop import HandBack
from core.providers.ports import BatchItem, EditRequest
from core.queue import claim, limits
from core.queue.finish import Failure
from core.queue.jobs import Job
from core.settings.values import load_tuning

log = logging.getLogger("revelado.worker")

#: Seconds before looking again whether another job's picture can be used: it may be in a batch itself.
TWIN_WAIT = 600.0


class _Enough(Exception):
    """Nothing more may be bought now. `at_cap`: what was gathered has its money reserved, and is sent as it is."""

    def __init__(self, *, at_cap: bool) -> None:
        self.at_cap = at_cap


def gather(tools: Tools, submission: Submission | None) -> None:
    """Adds jobs for a few seconds at most; once there are no more, orders the batch."""
    shop = tools.shop
    until = time.monotonic() + tools.pace.gather
    submission = submission or shop.durably(lambda c: submissions.begin(c, tools.batches.model))
    items, at_cap = submission.items, False
    while not at_cap and items < MOST and submission.model == tools.batches.model:
        if shop.stopping() or time.monotonic() > until:
            return  # goes on with the next step, of any worker
        job = next(iter(shop.durably(lambda c: claim.claim(c, tools.worker, 1, lane="economy"))), None)
        if job is None:
            break
        try:
            items += _add(tools, submission, job)
        except _Enough as end:
            if not end.at_cap:
                return
            at_cap = True
    if not items:
        shop.durably(lambda c: submissions.drop_empty(c, submission))
    elif _may_go(tools, at_cap=at_cap):
        _send(tools, submission, at_cap=at_cap)


def _may_go(tools: Tools, *, at_cap: bool) -> bool:
    """Not while the queue is paused, unless for a cap: these pictures are within it."""
    return not tools.shop.stopping() and (at_cap or not tools.shop.durably(is_closed))


def _add(tools: Tools, submission: Submission, job: Job) -> int:
    """How many items this added: 1 or 0. Raises _Enough."""
    shop, run = tools.shop, ArticleRun(tools.shop, job)
    tools.heartbeat.hold(job.id)
    try:
        checkpoint, photo = run.fetch()
        if photo is None:
            shop.durably(lambda c: submissions.to_normal_lane(c, job))
            return 0
        return int(_order(tools, submission, job, checkpoint, photo.jpeg))
    except LostClaim:
        return 0
    except cache.BeingMade:
        release(tools, job, wait=TWIN_WAIT)
        return 0
    except (HandBack, limits.Paused, limits.Wait) as why:
        release(tools, job)
        raise _Enough(at_cap=False) from why
    except DBAPIError:
        raise  # its lease runs out, and it is rescued
    except Exception as error:
        with suppress(LostClaim):
            shop.durably(partial(end_with_error, job=job, error=error, seconds=run.seconds))
        log.warning("🌙 [Económica] Artículo %d: %s", job.articulo_id, explain(error))
        if isinstance(error, PausesQueue):
            raise _Enough(at_cap=True) from error
        return 0
    finally:
        tools.heartbeat.drop(job.id)


def _order(tools: Tools, submission: Submission, job: Job, checkpoint: Checkpoint, jpeg: bytes) -> bool:
    """Records the purchase and gives the job to the submission; False when it needs none."""
    shop = tools.shop
    wish = buy.order(shop, job, checkpoint)
    if wish.editor.name != "gemini" or wish.wanted.model != submission.model:
        # Nothing to buy, or nothing this batch could hold.
        shop.durably(lambda c: submissions.to_normal_lane(c, job))
        return False
    half = prices.economy(submission.model)

    def record(connection: Connection) -> bool:
        limits.lock(connection)
        if purchases.held_answer(connection, job, checkpoint, wish.wanted.key) or cache.reuse(
            connection, job, checkpoint, wish.wanted, wish.price
        ):
            submissions.to_normal_lane(connection, job)
            return False
        purchases.open_intent(
            connection,
            job,
            checkpoint,
            buy.request_for(wish, jpeg),
            editor=wish.editor.name,
            prompt_version=wish.prompt.version,
            estimate=prices.half(wish.reserve),
            saving=wish.price - half,
            rebuys=load_tuning(connection).doubtful_rebuys,
            timezone=shop.timezone,
            cache_key=wish.wanted.key,
            submission_id=submission.id,
        )
        submissions.add(connection, submission, job)
        return True

    return shop.durably(record)


# ── the order itself ────────────────────────────────────────────────────────────────────────────────────────────────


def _send(tools: Tools, submission: Submission, *, at_cap: bool) -> None:
    """Hands the file over, writes down its name, and only then orders the batch."""
    shop, batches = tools.shop, tools.batches
    orders = shop.durably(lambda c: submissions.orders(c, submission))
    submission = replace(submission, items=len(orders))
    log.info("🌙 [Económica] %d foto(s) reunidas; se envían a Google a mitad de precio", len(orders))
    try:
        file_name = batches.upload(_items(tools, orders), submission.display_name)
    except JobError as error:
        _give_up(tools, submission, error)
        return
    lease = tools.pace.lease
    # The file may have taken minutes: a stop or a pause since then counts. Without its name, anybody sends it again.
    if not _may_go(tools, at_cap=at_cap) or not shop.durably(
        lambda c: submissions.close_file(c, submission, file_name, len(orders), lease)
    ):
        delete_file(tools, file_name)
        return
    try:
        remote_name = batches.create(file_name, submission.display_name, submission.model)
    except (Ambiguous, ServiceTrouble) as error:
        # It may be there all the same. Its name tells, a little later.
        log.warning("🌙 [Económica] %s Se busca si el lote existe antes de enviarlo otra vez", error.text)
        shop.durably(lambda c: submissions.postpone(c, submission, tools.pace.settle))
        return
    except JobError as error:
        delete_file(tools, file_name)
        _give_up(tools, submission, error)
        return
    _ordered(tools, submission, remote_name)


def _items(tools: Tools, orders: list[Order]) -> Iterator[BatchItem]:
    shop = tools.shop
    for order in orders:
        stored = shop.durably(partial(blobs.get, digest=order.source_sha256))[0]
        jpeg = shop.studio.prepare(stored).jpeg
        yield BatchItem(str(order.purchase_id), EditRequest(jpeg, "image/jpeg", order.prompt, order.model))


def _ordered(tools: Tools, submission: Submission, remote_name: str) -> None:
    stored = tools.shop.durably(lambda c: submissions.submitted(c, submission, remote_name, tools.pace.first_look))
    if stored:
        log.info("🌙 [Económica] Lote enviado a Google con %d foto(s) (%s)", submission.items, remote_name)
    else:
        log.error("🌙 [Económica] El lote %s apareció tarde: se cancela en Google", remote_name)
        tools.batches.cancel(remote_name)


def recover(tools: Tools, submission: Submission) -> None:
    """Somebody closed the file and was not heard of since: is the batch there?"""
    try:
        remote_name = tools.batches.find(submission.display_name)
    except JobError as error:
        log.warning("🌙 [Económica] No se pudo preguntar por el lote %s: %s", submission.display_name, error.text)
        tools.shop.durably(lambda c: submissions.postpone(c, submission, tools.pace.settle))
        return
    if remote_name is not None:
        log.info("🌙 [Económica] El lote %s ya estaba en Google; se sigue con él", submission.display_name)
        _ordered(tools, submission, remote_name)
        return
    # Without its file, a batch that turns up late after all has nothing to work on.
    delete_file(tools, submission.file_name or "")
    _give_up(tools, submission, EconomyUnsent())


def _give_up(tools: Tools, submission: Submission, error: JobError) -> None:
    """Nothing was ordered. Its jobs go back, or fail when Google would refuse them again."""

    def end(connection: Connection) -> int:
        limits.lock(connection)
        items = submissions.open_items(connection, submission)
        for item in items:
            purchases.close(connection, item.purchase_id, "free")
        jobs = [item.job for item in items if item.job]
        if isinstance(error, Permanent):
            refused = EconomyRefused(detail=str(error.params.get("detail", ""))[:100] or error.code)
            submissions.give_back(connection, jobs, "failed", failure=Failure(refused.code, refused.text))
        else:
            if isinstance(error, PausesQueue):
                pause_for(connection, error, {name: value for name, value in error.params.items() if name != "usage"})
            wait = 0.0 if isinstance(error, PausesQueue) else tools.pace.settle
            submissions.give_back(connection, jobs, "released", wait=wait)
        submissions.end(connection, submission, error)
        return len(jobs)

    count = tools.shop.durably(end)
    log.warning("🌙 [Económica] El lote no se hizo (%d foto(s), US$ 0): %s", count, error.text)
