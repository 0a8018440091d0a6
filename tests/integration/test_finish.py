"""How runs end: many in one statement, with the next claim in the same one, and by the worker's death."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.errors import LostClaim
from core.queue import claim, counts, finish, retry
from core.queue.claimer import Claimer
from core.queue.finish import Failure
from core.queue.jobs import Job
from tests.integration.counter import held_jobs, queue_of, take, tune
from tests.shop import job, one, rows, run_sql

WORKER = uuid.uuid4()
FAILURE = Failure("gemini_overloaded", "El servicio está sobrecargado.", "Traceback…", {"status": 503})


def end(engine: Engine, jobs: list[Job], outcome: finish.Outcome, **more: object) -> set[int]:
    with engine.begin() as connection:
        return finish.end_many(connection, jobs, outcome, **more)  # type: ignore[arg-type]


def dies(engine: Engine) -> list[tuple[int, str]]:
    """All workers, and others notice."""
    run_sql(
        engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 s' WHERE estado = 'processing'"
    )
    with engine.begin() as connection:
        return claim.rescue(connection, lease=0.001)


def test_many_runs_end_in_one_statement(engine: Engine) -> None:
    jobs = held_jobs(engine, 30)
    assert end(engine, jobs, "completed", seconds={"buy": 1.5}) == {held.id for held in jobs}
    attempts = rows(engine, "SELECT outcome, seconds FROM revelado.attempts")
    assert [(row.outcome, row.seconds) for row in attempts] == [("completed", {"buy": 1.5})] * 30
    with engine.connect() as connection:
        assert counts.read(connection) == counts.Counts(completados=30)


def test_those_that_another_worker_holds_are_left_out(engine: Engine) -> None:
    jobs = held_jobs(engine, 4)
    dies(engine)
    rightful = take(engine, 2)
    assert end(engine, jobs, "failed", failure=FAILURE) == set()
    assert end(engine, [*jobs, *rightful], "completed") == {held.id for held in rightful}


def test_no_run_ends_twice(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    end(engine, [held], "completed")
    with engine.begin() as connection, pytest.raises(LostClaim):
        finish.end(connection, held, "failed", failure=FAILURE)
    assert job(engine, held.id).estado == "completed"


def test_an_error_is_kept_with_its_code_words_and_stack(engine: Engine) -> None:
    [held] = held_jobs(engine, 1)
    end(engine, [held], "failed", failure=FAILURE)
    for row in (job(engine, held.id), one(engine, "SELECT * FROM revelado.attempts")):
        assert (row.error_code, row.error_params, row.error_stack) == (FAILURE.code, {"status": 503}, FAILURE.stack)


def test_ending_and_taking_the_next_is_one_step(engine: Engine) -> None:
    jobs = held_jobs(engine, 3)
    queue_of(engine, 5)
    with engine.begin() as connection:
        ended, claimed = finish.end_and_claim(connection, jobs, "completed", WORKER, 4)
    assert ended == {held.id for held in jobs}
    assert [(held.claim_token, held.intentos) for held in claimed] == [(1, 1)] * 4
    assert not ended & {held.id for held in claimed}


def test_ending_with_nothing_left_to_take_ends_all_the_same(engine: Engine) -> None:
    jobs = held_jobs(engine, 2)
    with engine.begin() as connection:
        assert finish.end_and_claim(connection, jobs, "completed", WORKER, 4) == ({held.id for held in jobs}, [])


def test_what_is_given_back_is_not_taken_again_by_the_same_statement(engine: Engine) -> None:
    jobs = held_jobs(engine, 2)
    with engine.begin() as connection:
        assert finish.end_and_claim(connection, jobs, "released", WORKER, 4) == ({held.id for held in jobs}, [])
    assert {held.claim_token for held in take(engine, 5)} == {3}


def test_a_lost_run_still_takes_the_next_ones(engine: Engine) -> None:
    jobs = held_jobs(engine, 1)
    dies(engine)
    with engine.begin() as connection:
        ended, claimed = finish.end_and_claim(connection, jobs, "completed", WORKER, 1)
    assert ended == set() and len(claimed) == 1


def test_a_paused_queue_is_ended_with_and_not_claimed_from(engine: Engine) -> None:
    jobs = held_jobs(engine, 1)
    queue_of(engine, 1)
    run_sql(engine, "UPDATE revelado.queue_control SET paused = true")
    with engine.begin() as connection:
        assert finish.end_and_claim(connection, jobs, "completed", WORKER, 1) == ({jobs[0].id}, [])


def test_nor_is_a_probe_taken_beside_another(engine: Engine) -> None:
    jobs = held_jobs(engine, 1)
    queue_of(engine, 2)
    run_sql(engine, "UPDATE revelado.queue_control SET probing = 'gemini'")
    with engine.begin() as connection:
        assert finish.end_and_claim(connection, jobs, "completed", WORKER, 1)[1] == []


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_three_crashes_end_a_job_however_many_attempts_it_has(engine: Engine, operator: Actor) -> None:
    tune(engine, max_intentos=10)
    [job_id] = queue_of(engine, 1)
    for expected in ("pending", "pending", "failed"):
        take(engine)
        assert dies(engine) == [(job_id, expected)]
    failed = job(engine, job_id)
    assert (failed.error_code, failed.intentos, failed.crashes) == ("worker_died", 3, 3)
    outcomes = [row.outcome for row in rows(engine, "SELECT outcome FROM revelado.attempts ORDER BY id")]
    assert outcomes == ["rescued"] * 3
    retry.retry_one(engine, operator, job_id)
    assert job(engine, job_id).crashes == 0, "a person gives it three more"


def test_a_crash_in_the_last_attempt_ends_it(engine: Engine) -> None:
    tune(engine, max_intentos=1)
    [job_id] = queue_of(engine, 1)
    take(engine)
    assert dies(engine) == [(job_id, "failed")]


def test_crashes_between_other_ends_add_up(engine: Engine) -> None:
    tune(engine, max_intentos=10)
    [job_id] = queue_of(engine, 1)
    for expected in ("pending", "pending", "failed"):
        end(engine, take(engine), "released")
        take(engine)
        assert dies(engine) == [(job_id, expected)]


def test_a_thousand_dead_jobs_are_rescued_in_steps(engine: Engine) -> None:
    held_jobs(engine, 250)
    assert [len(dies(engine)) for _ in range(4)] == [100, 100, 50, 0]
    with engine.connect() as connection:
        assert counts.read(connection) == counts.Counts(pendientes=250)


# ── claiming behind the last place ──────────────────────────────────────────────────────────────────────────────────


def test_a_worker_told_of_a_move_claims_from_the_front(engine: Engine) -> None:
    first = queue_of(engine, 4)
    claimer = Claimer(WORKER)
    with engine.begin() as connection:
        assert [held.id for held in claimer.claim(connection, 2)] == first[:2]
    run_sql(engine, "UPDATE image_processing_queue SET prioridad = 9 WHERE id = :id", id=first[3])
    claimer.look_from_front()
    with engine.begin() as connection:
        assert [held.id for held in claimer.claim(connection, 2)] == [first[3], first[2]]


def test_a_worker_told_nothing_finds_what_lies_before_when_its_place_is_empty(engine: Engine) -> None:
    first = queue_of(engine, 3)
    claimer = Claimer(WORKER)
    with engine.begin() as connection:
        held = claimer.claim(connection, 3)
    end(engine, held, "released")
    with engine.begin() as connection:
        assert [again.id for again in claimer.claim(connection, 3)] == first


def test_a_worker_looks_from_the_front_every_few_seconds(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = queue_of(engine, 4)
    claimer, clock = Claimer(WORKER), [100.0]
    monkeypatch.setattr("core.queue.claimer.time.monotonic", lambda: clock[0])
    with engine.begin() as connection:
        claimer.claim(connection, 1)
    run_sql(engine, "UPDATE image_processing_queue SET prioridad = 9 WHERE id = :id", id=first[3])
    with engine.begin() as connection:
        assert [held.id for held in claimer.claim(connection, 1)] == [first[1]]
    clock[0] += 2.1
    with engine.begin() as connection:
        assert [held.id for held in claimer.claim(connection, 1)] == [first[3]]
