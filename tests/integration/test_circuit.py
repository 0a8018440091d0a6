"""A service that is away stops the queue, is tried with one article at a time, and costs no article an attempt."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.providers.gemini_errors import Overloaded, RateLimited
from core.queue import finish, pause, services
from core.queue.jobs import Job
from tests.integration.counter import at_once, fails, held_jobs, queue_of, take, time_passes
from tests.shop import job, one, rows, run_sql


def answers(engine: Engine, held: Job) -> None:
    """The service works for this job, which ends well."""
    with engine.begin() as connection:
        services.succeeded(connection, "gemini")
        finish.end(connection, held, "completed")


def open_circuit(engine: Engine) -> list[Job]:
    jobs = held_jobs(engine, 5)
    for held in jobs:
        fails(engine, held, Overloaded())
    return jobs


def standing(engine: Engine) -> pause.Pause | None:
    with engine.connect() as connection:
        return pause.current(connection)


def seconds_paused(engine: Engine) -> float:
    return float(
        one(
            engine, "SELECT extract(epoch FROM paused_until - paused_at) AS seconds FROM revelado.queue_control"
        ).seconds
    )


def test_five_failures_in_a_row_over_any_jobs_open_the_circuit(engine: Engine) -> None:
    jobs = held_jobs(engine, 5)
    for held in jobs[:4]:
        assert fails(engine, held, Overloaded()) == "snoozed"
    assert standing(engine) is None
    fails(engine, jobs[4], Overloaded())
    found = standing(engine)
    assert found and found.reason_code == "circuit" and "Google Gemini" in found.reason
    assert seconds_paused(engine) == pytest.approx(services.SHORTEST)
    assert take(engine) == []


def test_an_answer_in_between_starts_the_count_again(engine: Engine) -> None:
    jobs = held_jobs(engine, 9)
    for held in (*jobs[:4], *jobs[5:]):
        fails(engine, held, Overloaded())
        if held == jobs[3]:
            answers(engine, jobs[4])
    assert standing(engine) is None


def test_after_the_pause_one_job_probes_for_all(engine: Engine) -> None:
    open_circuit(engine)
    queue_of(engine, 10)
    time_passes(engine, services.SHORTEST)
    claimed = [held for jobs in at_once(lambda _: take(engine, 5), threads=8) for held in jobs]
    assert len(claimed) == 1
    assert take(engine) == [], "not while the probe is out"
    answers(engine, claimed[0])
    assert len(take(engine, 20)) == 14


def test_a_probe_that_ends_for_another_reason_lets_the_next_one_go(engine: Engine) -> None:
    open_circuit(engine)
    queue_of(engine, 2)
    time_passes(engine, services.SHORTEST)
    [probe] = take(engine, 5)
    with engine.begin() as connection:
        finish.end(connection, probe, "failed", failure=finish.Failure("no_picture_source", "Sin foto."))
    assert len(take(engine, 5)) == 1


def test_a_dead_probe_does_not_hold_the_queue_for_ever(engine: Engine) -> None:
    open_circuit(engine)
    time_passes(engine, services.SHORTEST)
    [probe] = take(engine)
    run_sql(engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 s' WHERE id = :i", i=probe.id)
    assert len(take(engine, 5)) == 1


def test_each_probe_that_fails_doubles_the_pause_up_to_its_cap(engine: Engine) -> None:
    open_circuit(engine)
    seen = [seconds_paused(engine)]
    for _ in range(6):
        time_passes(engine, services.LONGEST)
        [probe] = take(engine, 5)
        fails(engine, probe, Overloaded())
        seen.append(seconds_paused(engine))
    assert seen == pytest.approx([30, 60, 120, 240, 480, 600, 600])


def test_failures_of_calls_still_in_flight_do_not_extend_the_pause(engine: Engine) -> None:
    jobs = held_jobs(engine, 12)
    for held in jobs:
        fails(engine, held, Overloaded())
    assert seconds_paused(engine) == pytest.approx(services.SHORTEST)
    assert one(engine, "SELECT openings FROM revelado.services").openings == 1


def test_sixteen_failures_at_once_open_it_once(engine: Engine) -> None:
    jobs = held_jobs(engine, 16)
    at_once(lambda number: fails(engine, jobs[number], Overloaded()))
    row = one(engine, "SELECT failures_in_row, openings FROM revelado.services")
    assert (row.failures_in_row, row.openings) == (16, 1)
    assert {r.intentos for r in rows(engine, "SELECT intentos FROM image_processing_queue")} == {0}


def test_an_answer_ends_the_probing_at_the_first_success(engine: Engine) -> None:
    open_circuit(engine)
    time_passes(engine, services.SHORTEST)
    [probe] = take(engine, 5)
    answers(engine, probe)
    row = one(
        engine, "SELECT failures_in_row, openings, (SELECT probing FROM revelado.queue_control) FROM revelado.services"
    )
    assert tuple(row) == (0, 0, None)


def test_a_pause_by_a_person_outlives_the_circuit(engine: Engine, operator: Actor) -> None:
    jobs = held_jobs(engine, 6)
    pause.pause(engine, operator, "inventario")
    for held in jobs:
        fails(engine, held, Overloaded())
    found = standing(engine)
    assert found and found.reason_code == "by_person" and found.paused_until is None


def test_an_hour_of_outage_burns_no_attempt_of_any_job(engine: Engine) -> None:
    ids = queue_of(engine, 12)
    runs, clock = 0, 0.0
    while clock < 3600:
        for held in take(engine, 4):
            fails(engine, held, Overloaded())
            runs += 1
        time_passes(engine, 20)
        clock += 20
    assert runs >= 10, "it was tried now and then"
    assert {(r.estado, r.intentos) for r in rows(engine, "SELECT * FROM image_processing_queue")} == {("pending", 0)}
    while left := [held_id for held_id in ids if job(engine, held_id).estado != "completed"]:
        time_passes(engine, 700)
        claimed = take(engine, 12)
        assert claimed, left
        for held in claimed:
            answers(engine, held)
    assert {job(engine, job_id).intentos for job_id in ids} == {1}


def test_one_failure_after_the_outage_still_counts_only_if_somebody_was_answered(engine: Engine) -> None:
    unlucky, other = held_jobs(engine, 2)
    assert fails(engine, unlucky, Overloaded()) == "snoozed"
    answers(engine, other)
    time_passes(engine, 60)
    [again] = take(engine)
    assert again.id == unlucky.id
    assert fails(engine, again, Overloaded()) == "retry"
    assert job(engine, unlucky.id).intentos == 1


def test_a_poison_job_on_a_healthy_service_ends_failed(engine: Engine) -> None:
    [poison] = queue_of(engine, 1)
    runs = 0
    while job(engine, poison).estado != "failed":
        others = queue_of(engine, 1)
        for held in take(engine, 2):
            if held.id == poison:
                fails(engine, held, Overloaded())
                runs += 1
            else:
                answers(engine, held)
        assert runs <= 4 and others
        time_passes(engine, 1000)
    failed = job(engine, poison)
    assert (failed.intentos, failed.error_code) == (3, "gemini_overloaded")
    assert standing(engine) is None


def test_a_service_that_never_answers_one_job_is_not_tried_for_ever(engine: Engine) -> None:
    [only] = queue_of(engine, 1)
    for _ in range(500):
        if job(engine, only).estado == "failed":
            break
        for held in take(engine):
            fails(engine, held, Overloaded())
        time_passes(engine, 1800)
    assert job(engine, only).estado == "failed"


def test_a_429_is_an_answer_and_opens_no_circuit(engine: Engine) -> None:
    for held in held_jobs(engine, 6):
        assert fails(engine, held, RateLimited(30.0, wait=30)) == "snoozed"
        assert job(engine, held.id).intentos == 0
    found = standing(engine)
    assert found and found.reason_code == "gemini_busy"
    assert rows(engine, "SELECT * FROM revelado.services") == []
