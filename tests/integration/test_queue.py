"""Enqueue, claim, finish, retry, rescue, clean, pause: on real PostgreSQL."""

from __future__ import annotations

import threading
import uuid

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.errors import Conflict, InvalidInput, LostClaim, NotAllowed, NotFound
from core.queue import claim, clean, finish, pause, retry, stats
from core.queue.enqueue import enqueue
from core.queue.finish import Failure
from core.queue.jobs import Job
from tests.shop import article, articles, job, one, rows, run_sql

WORKER = uuid.uuid4()
FAILURE = Failure("gemini_overloaded", "El servicio está sobrecargado.", "Traceback…")


def take(engine: Engine, limit: int = 1, worker: uuid.UUID = WORKER, lease: float = claim.LEASE) -> list[Job]:
    with engine.begin() as connection:
        return claim.claim(connection, worker, limit, lease)


def finish_as(
    engine: Engine, held: Job, outcome: finish.Outcome, failure: Failure | None = None, wait: float = 0
) -> None:
    with engine.begin() as connection:
        finish.end(connection, held, outcome, failure=failure, wait=wait)


def rescue(engine: Engine) -> list[tuple[int, str]]:
    with engine.begin() as connection:
        return claim.rescue(connection, lease=0.001)


# ── enqueue ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_skipped_article_comes_back_with_its_reason(engine: Engine, operator: Actor) -> None:
    good = article(engine)
    bare = article(engine, imagen_url=None)
    off = article(engine, activo=False)
    enqueue(engine, operator, [good], origin="panel")
    fresh = article(engine)
    result = enqueue(engine, operator, [good, bare, off, 999_999, fresh, 2**40, -1], origin="panel")
    assert [a.articulo_id for a in result.added] == [fresh]
    assert {(s.articulo_id, s.reason) for s in result.skipped} == {
        (good, "already_queued"),
        (bare, "no_picture"),
        (off, "inactive"),
        (999_999, "unknown"),
        (2**40, "unknown"),
        (-1, "unknown"),
    }


def test_an_article_named_twice_is_queued_once(engine: Engine, operator: Actor) -> None:
    one_article = article(engine)
    result = enqueue(engine, operator, [one_article, one_article], origin="panel")
    assert len(result.added) == 1 and not result.skipped


def test_the_same_request_twice_is_one_batch(engine: Engine, operator: Actor) -> None:
    ids, request_id = articles(engine, 3), uuid.uuid4()
    first = enqueue(engine, operator, ids, origin="panel", request_id=request_id)
    again = enqueue(engine, operator, ids, origin="panel", request_id=request_id)
    assert again.batch_id == first.batch_id and again.added == first.added
    assert one(engine, "SELECT count(*) AS n FROM image_processing_queue").n == 3


def test_fifty_clicks_at_once_queue_each_article_once(engine: Engine, operator: Actor) -> None:
    ids = articles(engine, 5)
    threads = [threading.Thread(target=lambda: enqueue(engine, operator, ids, origin="panel")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one(engine, "SELECT count(*) AS n FROM image_processing_queue").n == 5


def test_a_viewer_may_not_enqueue(engine: Engine, viewer: Actor) -> None:
    with pytest.raises(NotAllowed):
        enqueue(engine, viewer, [article(engine)], origin="panel")


def test_nothing_chosen_and_odd_priorities_are_refused_by_name(engine: Engine, operator: Actor) -> None:
    with pytest.raises(InvalidInput, match="articuloIds"):
        enqueue(engine, operator, [], origin="api")
    with pytest.raises(InvalidInput, match="prioridad"):
        enqueue(engine, operator, [1], origin="api", prioridad=5000)


def test_a_second_run_starts_from_the_picture_that_we_did_not_make(engine: Engine, operator: Actor) -> None:
    edited = article(engine, imagen_url="http://host/result.jpg")
    run_sql(
        engine,
        "INSERT INTO revelado.pictures (articulo_id, kind, url, source_url, host)"
        " VALUES (:a, 'result', 'http://host/result.jpg', 'http://shop/original.jpg', 'cloudinary')",
        a=edited,
    )
    [added] = enqueue(engine, operator, [edited], origin="panel").added
    assert job(engine, added.queue_id).imagen_url_original == "http://shop/original.jpg"


# ── claim ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_higher_priority_goes_first_and_batches_take_turns(engine: Engine, operator: Actor) -> None:
    crowd = articles(engine, 6)
    enqueue(engine, operator, crowd, origin="panel")
    few = articles(engine, 2)
    enqueue(engine, operator, few, origin="panel")
    urgent = article(engine)
    enqueue(engine, operator, [urgent], origin="panel", prioridad=5)
    order = [held.articulo_id for held in take(engine, 9)]
    assert order[0] == urgent
    assert set(few) <= set(order[1:6])


def test_workers_never_share_a_job(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, articles(engine, 40), origin="panel")
    taken: list[int] = []

    def work() -> None:
        worker = uuid.uuid4()
        while jobs := take(engine, 3, worker):
            taken.extend(held.id for held in jobs)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken)) and len(taken) == 40


def test_a_paused_queue_gives_nothing_until_resumed(engine: Engine, operator: Actor, viewer: Actor) -> None:
    enqueue(engine, operator, [article(engine)], origin="panel")
    pause.pause(engine, operator, "inventario")
    assert take(engine) == []
    with pytest.raises(NotAllowed):
        pause.resume(engine, viewer)
    pause.resume(engine, operator)
    assert len(take(engine)) == 1


def test_a_pause_with_an_hour_ends_by_itself(engine: Engine) -> None:
    with engine.begin() as connection:
        pause.pause_for(connection, "sistema", "gemini_busy", "Google pidió esperar.", {}, 30)
        assert not pause.resume_when_due(connection)
        assert pause.current(connection)
    run_sql(engine, "UPDATE revelado.queue_control SET paused_until = now() - interval '1 second'")
    with engine.begin() as connection:
        assert pause.resume_when_due(connection)
        assert pause.current(connection) is None


def test_a_short_pause_does_not_cut_a_longer_one(engine: Engine) -> None:
    with engine.begin() as connection:
        pause.pause_for(connection, "Ana", "by_person", "inventario", {}, None)
        pause.pause_for(connection, "sistema", "gemini_busy", "…", {}, 5)
        standing = pause.current(connection)
    assert standing and standing.reason_code == "by_person" and standing.paused_until is None


# ── ends ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_late_worker_changes_nothing(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, [article(engine)], origin="panel")
    [stale] = take(engine, lease=0.001)
    wait_for_expiry(engine, stale.id)
    assert rescue(engine) == [(stale.id, "pending")]
    [rightful] = take(engine)
    with pytest.raises(LostClaim):
        finish_as(engine, stale, "failed", FAILURE)
    assert job(engine, stale.id).estado == "processing"
    finish_as(engine, rightful, "completed")
    assert job(engine, stale.id).estado == "completed"


def test_a_retry_waits_and_is_not_in_the_way(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, articles(engine, 2), origin="panel")
    [first] = take(engine)
    finish_as(engine, first, "retry", FAILURE, wait=3600)
    [second] = take(engine)
    assert second.id != first.id
    assert take(engine) == []
    run_sql(engine, "UPDATE image_processing_queue SET run_after = now() WHERE id = :id", id=first.id)
    with engine.begin() as connection:
        assert claim.wake_snoozed(connection) == 1
    [again] = take(engine)
    assert (again.id, again.intentos) == (first.id, 2)


def test_giving_back_and_snoozing_count_no_attempt(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, [article(engine)], origin="panel")
    for outcome in ("released", "snoozed"):
        [held] = take(engine)
        assert held.intentos == 1
        finish_as(engine, held, outcome)  # type: ignore[arg-type]
    assert job(engine, held.id).intentos == 0
    outcomes = [r.outcome for r in rows(engine, "SELECT outcome FROM revelado.attempts ORDER BY id")]
    assert outcomes == ["released", "snoozed"]


def test_the_third_crash_fails_the_job_with_its_reason(engine: Engine, operator: Actor) -> None:
    [added] = enqueue(engine, operator, [article(engine)], origin="panel").added
    for expected in ("pending", "pending", "failed"):
        take(engine, lease=0.001)
        wait_for_expiry(engine, added.queue_id)
        assert rescue(engine) == [(added.queue_id, expected)]
    failed = job(engine, added.queue_id)
    assert failed.error_code == "worker_died" and "trabajador" in failed.error_message


def test_a_restart_of_the_database_expires_no_lease(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, [article(engine)], origin="panel")
    [held] = take(engine, lease=0.001)
    wait_for_expiry(engine, held.id)
    with engine.begin() as connection:
        assert claim.rescue(connection, lease=10_000_000) == []


def test_only_the_holder_renews_a_lease(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, [article(engine)], origin="panel")
    [held] = take(engine)
    with engine.begin() as connection:
        assert claim.renew(connection, uuid.uuid4(), [held.id]) == {}
        assert claim.renew(connection, WORKER, [held.id]) == {held.id: held.claim_token}


@pytest.mark.parametrize(("attempt", "low", "high"), [(1, 12, 18), (2, 24, 36), (3, 48, 72), (30, 720, 1080)])
def test_the_backoff_grows_with_jitter_up_to_its_cap(attempt: int, low: float, high: float) -> None:
    assert finish.backoff(attempt, -1) == pytest.approx(low)
    assert finish.backoff(attempt, 1) == pytest.approx(high)
    assert low <= finish.backoff(attempt) <= high


# ── a person ────────────────────────────────────────────────────────────────────────────────────────────────────────


def failed_job(engine: Engine, operator: Actor) -> Job:
    enqueue(engine, operator, [article(engine)], origin="panel")
    [held] = take(engine)
    finish_as(engine, held, "failed", FAILURE)
    return held


def test_a_manual_retry_starts_at_zero_and_keeps_the_history(engine: Engine, operator: Actor) -> None:
    held = failed_job(engine, operator)
    retry.retry_one(engine, operator, held.id)
    again = job(engine, held.id)
    assert (again.estado, again.intentos, again.error_message) == ("pending", 0, None)
    assert one(engine, "SELECT count(*) AS n FROM revelado.attempts").n == 1


def test_only_failed_jobs_can_be_retried(engine: Engine, operator: Actor) -> None:
    with pytest.raises(NotFound):
        retry.retry_one(engine, operator, 12345)
    [added] = enqueue(engine, operator, [article(engine)], origin="panel").added
    with pytest.raises(Conflict, match="fallido"):
        retry.retry_one(engine, operator, added.queue_id)


def test_a_job_whose_article_is_queued_again_is_not_retried(engine: Engine, operator: Actor) -> None:
    held = failed_job(engine, operator)
    enqueue(engine, operator, [held.articulo_id], origin="panel")
    with pytest.raises(Conflict, match="cola"):
        retry.retry_one(engine, operator, held.id)


def test_two_failed_jobs_of_one_article_give_one_retry(engine: Engine, operator: Actor) -> None:
    first = failed_job(engine, operator)
    enqueue(engine, operator, [first.articulo_id], origin="panel")
    [second] = take(engine)
    finish_as(engine, second, "failed", FAILURE)
    assert len(retry.retry(engine, operator, [first.id, second.id])) == 1


def test_cleaning_removes_old_finished_jobs_and_nothing_else(engine: Engine, operator: Actor, admin: Actor) -> None:
    old, recent, waiting = failed_job(engine, operator), failed_job(engine, operator), article(engine)
    enqueue(engine, operator, [waiting], origin="panel")
    run_sql(
        engine, "UPDATE image_processing_queue SET completed_at = now() - interval '8 days' WHERE id = :id", id=old.id
    )
    with pytest.raises(NotAllowed):
        clean.clean(engine, operator, 7)
    assert clean.count_old(engine, 7) == 1
    assert clean.clean(engine, admin, 7) == 1
    assert {r.id for r in rows(engine, "SELECT id FROM image_processing_queue")} >= {recent.id}
    assert one(engine, "SELECT count(*) AS n FROM revelado.attempts WHERE job_id = :id", id=old.id).n == 1


def wait_for_expiry(engine: Engine, job_id: int) -> None:
    """Moves the lease into the past, as time would."""
    run_sql(
        engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 second' WHERE id = :id", id=job_id
    )


def test_the_work_under_way_is_that_of_the_batches_with_anything_left(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, articles(engine, 2), origin="panel")
    for held in take(engine, 2):
        finish_as(engine, held, "completed")
    assert stats.overview(engine, "UTC").work == stats.Work(done=2, failed=0, left=0)
    enqueue(engine, operator, articles(engine, 4), origin="panel")
    one_done, one_failed = take(engine, 2)
    finish_as(engine, one_done, "completed")
    finish_as(engine, one_failed, "failed", FAILURE)
    assert stats.overview(engine, "UTC").work == stats.Work(done=1, failed=1, left=2)


def test_time_without_work_is_no_part_of_the_pace(engine: Engine, operator: Actor) -> None:
    """Three articles nine minutes ago, then nothing for long, then one more: five seconds each."""
    enqueue(engine, operator, articles(engine, 16), origin="panel")
    run_sql(
        engine,
        "UPDATE image_processing_queue SET estado = 'completed', started_at = now() - make_interval(secs => ago),"
        " completed_at = now() - make_interval(secs => ago - 5)"
        " FROM (VALUES (1, 545), (2, 538), (3, 531), (4, 6)) AS done (id, ago)"
        " WHERE image_processing_queue.id = done.id",
    )
    found = stats.overview(engine, "UTC")
    assert found.eta_seconds is not None and found.eta_seconds[1] < 200
    assert found.rate is not None and found.rate > 4
