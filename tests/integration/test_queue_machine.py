"""Any order of what people and workers may do to the queue, against the model of `queue_model`."""

from __future__ import annotations

import math
import uuid
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.queue import claim, clean, counts, finish, manage, pause, retry
from core.queue.history_filter import HistoryFilter
from tests.integration.one_database import one_database
from tests.integration.queue_hands import ADMIN, ARTICLES, WORKERS, End, Hands, pick
from tests.shop import articles

#: Which of the candidates: taken modulo their number.
some = st.integers(0, 50)
limits = st.integers(1, 4)
workers = st.sampled_from(WORKERS)
priorities = st.sampled_from([0, 0, 0, 5, -3])


ends = st.sampled_from(
    [
        End("completed"),
        End("failed"),
        End("retry"),
        End("retry", 3600),
        End("released"),
        End("snoozed", 3600),
        End("snoozed", 600, trouble="goes_on"),
        End("retry", 15, trouble="anew"),
    ]
)


class Machine(Hands):
    # ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        which=st.lists(some, min_size=1, max_size=6),
        prioridad=priorities,
        economy=st.sampled_from([False, False, True]),
    )
    def enqueue(self, which: list[int], prioridad: int, economy: bool) -> None:
        self._enqueue([self.articles[n % ARTICLES] for n in which], prioridad, "economy" if economy else "normal")

    @precondition(lambda self: self.model.where("pending"))
    @rule(which=st.lists(some, min_size=1, max_size=3), by_batch=st.booleans(), prioridad=priorities)
    def reprioritise(self, which: list[int], by_batch: bool, prioridad: int) -> None:
        chosen = self._chosen(which, by_batch)
        moved = manage.reprioritise(self.engine, ADMIN, prioridad, **chosen)
        assert moved == self.model.reprioritise(prioridad, self._waiting(chosen))

    @precondition(lambda self: self.model.where("pending"))
    @rule(which=st.lists(some, min_size=1, max_size=3), by_batch=st.booleans())
    def move_to_front(self, which: list[int], by_batch: bool) -> None:
        chosen = self._chosen(which, by_batch)
        assert manage.move_to_front(self.engine, ADMIN, **chosen) == self.model.move_to_front(self._waiting(chosen))

    @precondition(lambda self: self.model.where("pending"))
    @rule(which=st.lists(some, min_size=1, max_size=2), by_batch=st.booleans())
    def cancel(self, which: list[int], by_batch: bool) -> None:
        chosen = self._chosen(which, by_batch)
        assert manage.cancel(self.engine, ADMIN, **chosen) == self.model.cancel(self._waiting(chosen))

    @precondition(lambda self: self.model.where("processing"))
    @rule(n=some)
    def what_a_worker_has_in_hand_is_left_alone(self, n: int) -> None:
        held = [pick(self.model.where("processing"), n).id]
        assert manage.cancel(self.engine, ADMIN, job_ids=held) == 0
        assert manage.reprioritise(self.engine, ADMIN, 9, job_ids=held) == 0
        assert manage.move_to_front(self.engine, ADMIN, job_ids=held) == 0

    @precondition(lambda self: self.model.rows)
    @rule(which=st.lists(some, min_size=1, max_size=3))
    def retry_any(self, which: list[int]) -> None:
        ids = [pick(list(self.model.rows.values()), n).id for n in which]
        assert set(retry.retry(self.engine, ADMIN, ids)) == self.model.retry(ids)

    @precondition(lambda self: self.model.where("failed"))
    @rule()
    def retry_all_that_failed_and_still_stand_so(self) -> None:
        again = self.model.retry(self.model.standing())
        assert retry.retry_matching(self.engine, ADMIN, HistoryFilter(), seen=len(again)) == len(again)

    @rule(worker=workers)
    def a_pause_gives_out_nothing(self, worker: uuid.UUID) -> None:
        pause.pause(self.engine, ADMIN, "inventario")
        held = [self._claim_of(row) for row in self.model.where("processing")][:1]
        with self.engine.begin() as connection:
            assert claim.claim(connection, worker, 9) == self.claimers[worker].claim(connection, 9) == []
            assert finish.end_and_claim(connection, held, "completed", worker, 9) == ({job.id for job in held}, [])
        for job in held:
            self.model.end(job.id, "completed")
        pause.resume(self.engine, ADMIN)

    @precondition(lambda self: self.model.where("completed") or self.model.where("failed"))
    @rule(n=some)
    def a_week_passes_for_a_finished_job_and_it_is_cleaned(self, n: int) -> None:
        row = pick([*self.model.where("completed"), *self.model.where("failed")], n)
        self._set(row, "completed_at = now() - interval '8 days'")
        row.old = True
        assert clean.count_old(self.engine, 7) == 1
        assert clean.clean(self.engine, ADMIN, 7) == self.model.clean()

    # ── workers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(worker=workers, limit=limits, economy=st.sampled_from([False, False, False, True]))
    def claim(self, worker: uuid.UUID, limit: int, economy: bool) -> None:
        self._claim(worker, limit, "economy" if economy else "normal")

    @rule(worker=workers, limit=limits, told=st.booleans())
    def claim_behind_the_last_place(self, worker: uuid.UUID, limit: int, told: bool) -> None:
        claimer = self.claimers[worker]
        if told:
            claimer.look_from_front()
            self.places.pop(worker, None)
        claimer._sweep_at = math.inf  # never time for a look from the front, so that the model knows what is claimed
        with self.engine.begin() as connection:
            jobs = claimer.claim(connection, limit)
        place = self.places.get(worker)
        expected = self.model.next_jobs(limit, after=place) if place is not None else []
        left = [row for row in self.model.next_jobs(10_000) if row not in expected]
        expected += left[: limit - len(expected)]
        if expected:
            self.places[worker] = replace(expected[-1])
        self._claimed(jobs, expected, worker)

    @precondition(lambda self: self.model.where("processing"))
    @rule(n=some, end=ends)
    def end_one(self, n: int, end: End) -> None:
        self._end([self._claim_of(pick(self.model.where("processing"), n))], end)

    @precondition(lambda self: self._stale())
    @rule(n=some, end=ends)
    def a_late_worker_ends_what_another_one_holds(self, n: int, end: End) -> None:
        self._end([pick(self._stale(), n)], end)

    @precondition(lambda self: self._finished())
    @rule(n=some, end=ends)
    def a_worker_ends_what_it_has_ended(self, n: int, end: End) -> None:
        self._end([pick(self._finished(), n)], end)

    @precondition(lambda self: self.claims)
    @rule(which=st.lists(some, min_size=1, max_size=4), end=ends)
    def end_many_some_of_them_lost(self, which: list[int], end: End) -> None:
        self._end(list({(job.id, job.claim_token): job for job in (pick(self.claims, n) for n in which)}.values()), end)

    @precondition(lambda self: self.claims)
    @rule(
        which=st.lists(some, max_size=3),
        outcome=st.sampled_from(["completed", "released"]),
        worker=workers,
        limit=limits,
    )
    def end_and_claim(self, which: list[int], outcome: finish.Outcome, worker: uuid.UUID, limit: int) -> None:
        jobs = list({(job.id, job.claim_token): job for job in (pick(self.claims, n) for n in which)}.values())
        ours = {job.id for job in jobs if self.model.holds(job.id, job.claim_token)}
        expected = self.model.next_jobs(limit)
        with self.engine.begin() as connection:
            ended, claimed = finish.end_and_claim(connection, jobs, outcome, worker, limit)
        assert ended == ours
        for job_id in ours:
            self.model.end(job_id, outcome)
        self._claimed(claimed, expected, worker)

    @rule(which=st.lists(some, max_size=3), worker=workers)
    def renew(self, which: list[int], worker: uuid.UUID) -> None:
        ids = [pick(self.claims, n).id for n in which if self.claims]
        with self.engine.begin() as connection:
            renewed = claim.renew(connection, worker, ids)
        held = [row for row in self.model.where("processing") if row.id in ids and row.worker == str(worker)]
        assert renewed == {row.id: row.token for row in held}
        for row in held:
            row.expired = False

    @precondition(lambda self: self.model.where("processing"))
    @rule(n=some)
    def a_lease_runs_out(self, n: int) -> None:
        self._expire(pick(self.model.where("processing"), n))

    @rule(n=some)
    def a_worker_dies_and_is_noticed(self, n: int) -> None:
        if held := self.model.where("processing"):
            self._expire(pick(held, n))
        self._rescue()
        counts.fold(self.engine)

    @precondition(lambda self: self.model.where("processing"))
    @rule(n=some, end=ends, worker=workers)
    def a_worker_is_only_late(self, n: int, end: End, worker: uuid.UUID) -> None:
        """It comes back when its job was given to another one."""
        late = self._claim_of(pick(self.model.where("processing"), n))
        self._expire(self.model.rows[late.id])
        self._rescue()
        self._claim(worker, 4, "normal")
        self._end([late], end)

    @precondition(lambda self: any(row.snoozed for row in self.model.rows.values()))
    @rule(n=some)
    def the_hour_of_a_snoozed_job_comes(self, n: int) -> None:
        row = pick([row for row in self.model.rows.values() if row.snoozed], n)
        self._set(row, "run_after = now()")
        with self.engine.begin() as connection:
            assert claim.wake_snoozed(connection) == 1
        row.snoozed = False


def run(server_url: str, template: str, examples: int, steps: int) -> None:
    with one_database(server_url, template) as shared:

        class OnThisDatabase(Machine):
            engine = shared
            articles = articles(shared, ARTICLES)

        run_state_machine_as_test(
            OnThisDatabase,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.timeout(300)
def test_the_queue_does_what_the_model_does(server_url: str, template: str) -> None:
    run(server_url, template, examples=40, steps=35)


@pytest.mark.long
def test_the_queue_does_what_the_model_does_at_length(server_url: str, template: str) -> None:
    run(server_url, template, examples=1000, steps=60)
