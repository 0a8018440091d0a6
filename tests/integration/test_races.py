"""Two connections at one job: the first has written and is not committed when the second comes, for every pair.

Whatever the two are, the job ends as after one of the two orders, or the second found nothing to do; the counters are
exact, nothing deadlocks, and nobody else holds the job.
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from core.access.actors import Actor, Role
from core.errors import LostClaim
from core.queue import claim, clean, counts, finish, manage, retry
from core.queue.enqueue import enqueue
from core.queue.finish import Failure
from core.queue.jobs import Job
from tests.integration.one_database import empty_queue, one_database
from tests.shop import article

ADMIN = Actor(None, "Alicia", Role.ADMIN)
HOLDER, FIRST, SECOND = (uuid.UUID(int=n) for n in (1, 2, 3))
FAILURE = Failure("gemini_overloaded", "El servicio está sobrecargado.")
JOB = 1_000_000
TOKEN = 7

#: How the job stands when the two come: all that its columns may say.
STATES = {
    "ready": "'pending', NULL, NULL, NULL, NULL, 0",
    "due": "'pending', now() - interval '1 minute', NULL, NULL, NULL, 1",
    "held": f"'processing', NULL, now() + interval '15 seconds', '{HOLDER}', NULL, 1",
    "expired": f"'processing', NULL, now() - interval '1 second', '{HOLDER}', NULL, 1",
    "completed": "'completed', NULL, NULL, NULL, now() - interval '8 days', 1",
    "failed": "'failed', NULL, NULL, NULL, now() - interval '8 days', 1",
}


@dataclass(frozen=True)
class Case:
    """`engine` gives transactions; `worker` is who claims."""

    engine: Engine
    worker: uuid.UUID
    articulo_id: int

    @property
    def held(self) -> Job:
        return Job(JOB, self.articulo_id, "Artículo", "", "", 1, 3, "http://shop/a.jpg", TOKEN)


def _claim(case: Case) -> None:
    with case.engine.begin() as connection:
        claim.claim(connection, case.worker, 5)


def _end_and_claim(case: Case) -> None:
    with case.engine.begin() as connection:
        finish.end_and_claim(connection, [case.held], "completed", case.worker, 5)


def _renew(case: Case) -> None:
    with case.engine.begin() as connection:
        claim.renew(connection, HOLDER, [JOB])


def _rescue(case: Case) -> None:
    with case.engine.begin() as connection:
        claim.rescue(connection, lease=0.001)


def _end(outcome: finish.Outcome, wait: float = 0.0) -> Callable[[Case], None]:
    def end(case: Case) -> None:
        failure = None if outcome == "completed" else FAILURE
        with case.engine.begin() as connection:
            try:
                finish.end(connection, case.held, outcome, failure=failure, wait=wait)
            except LostClaim:
                return

    return end


def _wake(case: Case) -> None:
    with case.engine.begin() as connection:
        claim.wake_snoozed(connection)


TRANSITIONS: dict[str, Callable[[Case], object]] = {
    "claim": _claim,
    "end_and_claim": _end_and_claim,
    "renew": _renew,
    "rescue": _rescue,
    "complete": _end("completed"),
    "fail": _end("failed"),
    "try_later": _end("retry", 60),
    "release": _end("released"),
    "snooze": _end("snoozed", 60),
    "wake": _wake,
    "cancel": lambda case: manage.cancel(case.engine, ADMIN, job_ids=[JOB]),
    "reprioritise": lambda case: manage.reprioritise(case.engine, ADMIN, 5, job_ids=[JOB]),
    "to_front": lambda case: manage.move_to_front(case.engine, ADMIN, job_ids=[JOB]),
    "retry": lambda case: retry.retry(case.engine, ADMIN, [JOB]),
    "clean": lambda case: clean.clean(case.engine, ADMIN, 7),
    "enqueue": lambda case: enqueue(case.engine, ADMIN, [case.articulo_id], origin="panel"),
}

#: What the two left behind. Ids, times and `turn` aside, which of one job tell nothing.
_SEEN = text("""
    SELECT coalesce((SELECT jsonb_agg(jsonb_build_array(id = :job, estado, intentos, claim_token, crashes, prioridad,
            worker_id, run_after IS NOT NULL, lease_until IS NOT NULL, lease_until > now(), error_code) ORDER BY id)
        FROM image_processing_queue), '[]') AS jobs,
        coalesce((SELECT jsonb_agg(jsonb_build_array(job_id = :job, claim_token, outcome) ORDER BY id)
        FROM revelado.attempts), '[]') AS attempts,
        coalesce((SELECT jsonb_agg(jsonb_build_array(job_id, claim_token)) FROM revelado.cancelled_jobs), '[]') AS cancelled
""")


class Court:
    """A database, the first's connection, the second's, and an onlooker's."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.articulo_id = article(engine)
        self.second = create_engine(
            engine.url,
            pool_size=1,
            max_overflow=0,
            connect_args={"options": "-c timezone=UTC -c lock_timeout=10s"},
        )
        with self.second.connect() as connection:
            self.pid = connection.scalar(text("SELECT pg_backend_pid()"))
        self.onlooker = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.serial: dict[tuple[str, ...], object] = {}

    def close(self) -> None:
        self.second.dispose()
        self.onlooker.close()

    def begin(self, state: str) -> None:
        empty_queue(self.engine)
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO image_processing_queue (id, articulo_id, articulo_nombre, imagen_url_original, claim_token,"
                    " estado, run_after, lease_until, worker_id, completed_at, intentos)"
                    f" VALUES (:id, :articulo, 'Artículo', 'http://shop/a.jpg', :token, {STATES[state]})"
                ),
                {"id": JOB, "articulo": self.articulo_id, "token": TOKEN},
            )
            if state in ("held", "expired"):
                connection.execute(
                    text("INSERT INTO revelado.attempts (job_id, claim_token, number) VALUES (:id, :token, 1)"),
                    {"id": JOB, "token": TOKEN},
                )

    def after(self, state: str, *names: str) -> object:
        """What one after the other leaves behind."""
        if (state, *names) not in self.serial:
            self.begin(state)
            for name in names:
                self._run(name.split(":")[0], FIRST if name.endswith(":first") else SECOND, self.engine)
            self.serial[state, *names] = self.seen()
        return self.serial[state, *names]

    def race(self, state: str, first: str, second: str, *, commits: bool) -> object:
        self.begin(state)
        with self.engine.connect() as connection:
            self._run(first, FIRST, cast(Engine, Open(connection)))
            errors: list[BaseException] = []
            thread = threading.Thread(target=self._catch, args=(errors, second))
            thread.start()
            while thread.is_alive() and not self._is_blocked():
                thread.join(0.002)
            if commits:
                connection.commit()
            else:
                connection.rollback()
        thread.join(20)
        assert not thread.is_alive() and not errors, errors
        return self.seen()

    def seen(self) -> object:
        assert counts.audit(self.onlooker) == []
        return tuple(map(str, self.onlooker.execute(_SEEN, {"job": JOB}).one()))

    def _catch(self, errors: list[BaseException], name: str) -> None:
        try:
            self._run(name, SECOND, self.second)
        except BaseException as error:
            errors.append(error)

    def _run(self, name: str, worker: uuid.UUID, engine: Engine) -> None:
        TRANSITIONS[name](Case(engine, worker, self.articulo_id))

    def _is_blocked(self) -> bool:
        return bool(self.onlooker.scalar(text("SELECT cardinality(pg_blocking_pids(:pid)) > 0"), {"pid": self.pid}))


class Open:
    """Stands for an engine: what would be transactions of their own stay in one that is left open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._connection.begin_nested():
            yield self._connection


@pytest.fixture(scope="module")
def court(server_url: str, template: str) -> Iterator[Court]:
    with one_database(server_url, template) as engine:
        court = Court(engine)
        yield court
        court.close()


@pytest.mark.parametrize("first", TRANSITIONS)
def test_the_second_of_two_sees_the_first_or_nothing(court: Court, first: str) -> None:
    for state, second in itertools.product(STATES, TRANSITIONS):
        nothing, alone = court.after(state), court.after(state, f"{first}:first")
        if alone == nothing:
            continue  # the first touches nothing here: no race
        other = court.after(state, f"{second}:second")
        orders = [
            court.after(state, f"{first}:first", f"{second}:second"),
            court.after(state, f"{second}:second", f"{first}:first"),
        ]
        where = f"{state}: {first}, then {second}"
        assert court.race(state, first, second, commits=True) in [*orders, alone], where
        assert court.race(state, first, second, commits=False) in [other, nothing], f"{where}, rolled back"
