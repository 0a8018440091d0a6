"""The economy lane: pictures that may come tomorrow, at half the price, through Gemini's batches.

Any worker does it beside its articles; a lock in the database sees to it that one does at a time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.pipeline import economy_collect, economy_submit, submissions
from core.pipeline.economy_tools import Pace, Tools, is_closed
from core.pipeline.heartbeat import Heartbeat
from core.pipeline.submissions import MOST
from core.pipeline.workshop import Workshop
from core.providers.ports import BatchEditor
from core.settings.values import load_tuning

log = logging.getLogger("revelado.worker")

#: Any constant.
LOCK = 7_305_581_003
#: Seconds between two looks whether something is due.
LOOK_EVERY = 2.0


class EconomyLane:
    """`batches` is None for an editor that knows no batches: its economy jobs are done like any other, at its price."""

    def __init__(
        self,
        shop: Workshop,
        batches: BatchEditor | None,
        worker: UUID,
        heartbeat: Heartbeat,
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        self._shop = shop
        self._tools = None if batches is None else Tools(shop, batches, worker, heartbeat, pace)
        self._thread: threading.Thread | None = None
        self._look_at = 0.0

    def work_off(self) -> None:
        """Does what is due on a thread of its own, and returns at once. Never raises."""
        if (self._thread and self._thread.is_alive()) or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY
        # In a copy of this context, so that its lines in the log carry the worker's name. A daemon: what a stopping
        # process leaves half done, the next worker finds in the database.
        run = copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="economy", daemon=True)
        self._thread.start()

    def close(self, patience: float) -> None:
        """Waits these seconds for what is being done."""
        if self._thread:
            self._thread.join(patience)

    def step(self) -> bool:
        """One step, which may take as long as sending or fetching a hundred pictures. False when nothing was due."""
        if self._tools is None:
            return self._shop.durably(_to_normal_lane) > 0
        with self._alone() as alone:
            return alone and self._do(self._tools)

    def _run(self) -> None:
        try:
            while not self._shop.stopping() and self.step():
                continue
        except DBAPIError as error:
            log.warning("🌙 [Económica] La base de datos no responde bien (%s)", type(error.orig).__name__)
        except Exception:
            log.exception("🌙 [Económica] Error inesperado; se intenta otra vez")
            self._look_at = time.monotonic() + 60

    def _do(self, tools: Tools) -> bool:
        due = self._shop.durably(submissions.due)
        if due is not None:
            if due.state == "submitted":
                economy_collect.look(tools, due)
            else:
                economy_submit.recover(tools, due)
            return True
        if self._shop.stopping() or self._shop.durably(is_closed):
            return False
        gathering = self._shop.durably(submissions.gathering)
        if gathering is None and not self._shop.durably(_is_worth_it):
            return False
        economy_submit.gather(tools, gathering)
        return True

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        with self._shop.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            alone = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}))
            try:
                yield alone
            finally:
                if alone:
                    with suppress(DBAPIError):  # a connection that is gone holds no lock
                        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})


def seconds_until_due(connection: Connection) -> float | None:
    """Until there is something to do in the economy lane; None: nothing waits there."""
    wait = load_tuning(connection).economy_wait_minutes * 60
    seconds = connection.scalar(
        text(f"""
            SELECT extract(epoch FROM min(due) - clock_timestamp()) FROM (
                SELECT min(poll_after) AS due FROM revelado.submissions
                WHERE finished_at IS NULL AND (state = 'submitted' OR file_name IS NOT NULL)
                UNION ALL SELECT min(due) FROM (
                    SELECT min(poll_after) AS due FROM revelado.submissions
                    WHERE finished_at IS NULL AND state = 'preparing' AND file_name IS NULL
                    UNION ALL
                    SELECT CASE WHEN count(*) = {MOST} THEN now()
                        ELSE min(created_at) + make_interval(secs => :wait) END FROM ({_WAITING}) w
                ) out WHERE NOT EXISTS (SELECT FROM revelado.queue_control WHERE paused OR probing IS NOT NULL)
            ) soon
        """),
        {"wait": wait},
    )
    return None if seconds is None else max(0.0, float(seconds))


_WAITING = f"""SELECT created_at FROM public.image_processing_queue
    WHERE estado = 'pending' AND run_after IS NULL AND lane = 'economy'
    ORDER BY prioridad DESC NULLS LAST, turn, id LIMIT {MOST}"""


def _is_worth_it(connection: Connection) -> bool:
    """A whole batch waits, or the first has waited long enough."""
    return bool(
        connection.scalar(
            text(
                f"SELECT count(*) = {MOST} OR min(created_at) <= now() - make_interval(mins => :minutes)"
                f" FROM ({_WAITING}) waiting"
            ),
            {"minutes": load_tuning(connection).economy_wait_minutes},
        )
    )


def _to_normal_lane(connection: Connection) -> int:
    moved = connection.execute(
        text("UPDATE public.image_processing_queue SET lane = 'normal' WHERE estado = 'pending' AND lane = 'economy'")
    )
    if moved.rowcount:
        submissions.wake(connection)
    return moved.rowcount
