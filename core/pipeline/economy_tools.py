"""What the economy lane works with, and the few steps that its two ways share."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from core.errors import JobError, LostClaim
from core.pipeline.heartbeat import Heartbeat
from core.pipeline.workshop import Workshop
from core.providers.ports import BatchEditor
from core.queue import finish
from core.queue.jobs import Job

log = logging.getLogger("revelado.worker")


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    gather: float = 5  #: of one step
    lease: float = 900  #: longer than any call that orders a batch may last
    settle: float = 120  #: before a batch that was ordered without an answer is looked for
    first_look: float = 60  #: at a batch; then the wait is its age, at most `longest_look`
    longest_look: float = 600
    stuck: float = 26 * 3600  #: Google's goal is a day: after this age a batch is cancelled
    lost: float = 60 * 3600  #: Google itself ends a batch after two days


@dataclass(frozen=True)
class Tools:
    shop: Workshop
    batches: BatchEditor
    worker: UUID
    heartbeat: Heartbeat  #: keeps the lease of the job at hand
    pace: Pace


def is_closed(connection: Connection) -> bool:
    """Nothing is bought while the queue is paused, or a service is still suspect."""
    return bool(
        connection.scalar(
            text("SELECT EXISTS (SELECT FROM revelado.queue_control WHERE paused OR probing IS NOT NULL)")
        )
    )


def release(tools: Tools, job: Job, wait: float = 0.0) -> None:
    def give_back(connection: Connection) -> None:
        try:
            finish.end(connection, job, "released", wait=wait)
        except LostClaim:
            return

    tools.shop.durably(give_back)


def delete_file(tools: Tools, file_name: str) -> None:
    """Google forgets it in two days in any case."""
    try:
        tools.batches.delete_file(file_name)
    except JobError as error:
        log.info("🌙 [Económica] Queda un archivo en Google, que lo borra solo: %s", error.text)
