"""What staff change about jobs that wait: priority, place, whether they are done; and whose turn it is."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.errors import InvalidInput, NotAllowed
from core.queue import counts, finish, manage, retry
from core.queue.enqueue import Enqueued, enqueue
from core.queue.wakeup import Wakeup
from tests.integration.counter import take
from tests.shop import articles, job, rows, run_sql


def batch(engine: Engine, actor: Actor, count: int, prioridad: int = 0) -> Enqueued:
    return enqueue(engine, actor, articles(engine, count), origin="panel", prioridad=prioridad)


def ids_of(batch: Enqueued) -> list[int]:
    return [added.queue_id for added in batch.added]


def crowd(engine: Engine, actor: Actor, count: int) -> list[int]:
    """The jobs of one batch of that many articles; once a test."""
    run_sql(
        engine,
        "INSERT INTO articulos (nombre, imagen_url) SELECT 'Muchos', 'http://shop/' || n FROM generate_series(1, :n) n",
        n=count,
    )
    ids = [row.id for row in rows(engine, "SELECT id FROM articulos WHERE nombre = 'Muchos' ORDER BY id")]
    return ids_of(enqueue(engine, actor, ids, origin="panel"))


def order(engine: Engine, limit: int = 100) -> list[int]:
    return [held.id for held in take(engine, limit)]


def test_five_articles_do_not_wait_for_somebodys_five_thousand(engine: Engine, operator: Actor) -> None:
    crowd(engine, operator, 5000)
    few = ids_of(batch(engine, operator, 5))
    assert set(few) <= set(order(engine, 11))


def test_nor_when_most_of_the_five_thousand_are_done(engine: Engine, operator: Actor) -> None:
    crowd(engine, operator, 5000)
    for _ in range(4):
        done = take(engine, 1000)
        with engine.begin() as connection:
            finish.end_many(connection, done, "completed")
    few = ids_of(batch(engine, operator, 5))
    first = order(engine, 11)
    assert set(few) <= set(first) and first[0] not in few


def test_three_batches_take_turns(engine: Engine, operator: Actor) -> None:
    batches = [ids_of(batch(engine, operator, 4)) for _ in range(3)]
    first, *seen = order(engine)
    assert first == batches[0][0]
    for turn in range(3):
        three = set(seen[turn * 3 : turn * 3 + 3])
        assert all(len(three & set(jobs)) == 1 for jobs in batches)


def test_a_raised_batch_goes_before_all_others(engine: Engine, operator: Actor) -> None:
    first, second = batch(engine, operator, 3), batch(engine, operator, 3)
    assert manage.reprioritise(engine, operator, 5, batch_id=second.batch_id) == 3
    assert order(engine) == [*ids_of(second), *ids_of(first)]


def test_who_is_raised_takes_turns_with_those_already_there(engine: Engine, operator: Actor) -> None:
    urgent = batch(engine, operator, 3, prioridad=5)
    raised = batch(engine, operator, 3)
    manage.reprioritise(engine, operator, 5, batch_id=raised.batch_id)
    seen = order(engine)
    assert seen[0] == ids_of(urgent)[0] and ids_of(raised)[0] in seen[:3]
    assert seen[-1] == ids_of(raised)[-1]


def test_moved_to_the_front_they_keep_their_own_order(engine: Engine, operator: Actor) -> None:
    urgent = batch(engine, operator, 2, prioridad=9)
    common = batch(engine, operator, 4)
    moved = [ids_of(common)[3], ids_of(common)[1]]
    assert manage.move_to_front(engine, operator, job_ids=moved) == 2
    assert order(engine) == [
        ids_of(common)[1],
        ids_of(common)[3],
        *ids_of(urgent),
        ids_of(common)[0],
        ids_of(common)[2],
    ]


def test_moved_again_and_again_the_last_one_moved_is_first(engine: Engine, operator: Actor) -> None:
    jobs = ids_of(batch(engine, operator, 4))
    for job_id in jobs:
        manage.move_to_front(engine, operator, job_ids=[job_id])
    assert order(engine) == jobs[::-1]


def test_a_cancelled_batch_is_gone_from_the_queue_and_kept_on_record(engine: Engine, operator: Actor) -> None:
    kept, gone = batch(engine, operator, 2), batch(engine, operator, 3)
    assert manage.cancel(engine, operator, batch_id=gone.batch_id) == 3
    assert order(engine) == ids_of(kept)
    record = rows(engine, "SELECT * FROM revelado.cancelled_jobs ORDER BY job_id")
    assert [row.job_id for row in record] == ids_of(gone)
    assert {row.cancelled_by for row in record} == {"Beto"}
    assert record[0].job["articulo_nombre"] == record[0].articulo_nombre
    with engine.connect() as connection:
        assert counts.read(connection, gone.batch_id).total == 0
        assert counts.audit(connection) == []


def test_what_is_in_hand_or_finished_is_not_cancelled(engine: Engine, operator: Actor) -> None:
    jobs = batch(engine, operator, 3)
    in_hand, done = take(engine, 2)
    with engine.begin() as connection:
        finish.end(connection, done, "completed")
    assert manage.cancel(engine, operator, batch_id=jobs.batch_id) == 1
    with engine.begin() as connection:
        finish.end(connection, in_hand, "completed")


def test_a_cancelled_article_may_be_queued_again(engine: Engine, operator: Actor) -> None:
    jobs = batch(engine, operator, 1)
    manage.cancel(engine, operator, job_ids=ids_of(jobs))
    assert enqueue(engine, operator, [jobs.added[0].articulo_id], origin="panel").added


def test_who_may_only_look_changes_nothing(engine: Engine, operator: Actor, viewer: Actor) -> None:
    jobs = ids_of(batch(engine, operator, 1))
    for change in (manage.cancel, manage.move_to_front):
        with pytest.raises(NotAllowed):
            change(engine, viewer, job_ids=jobs)
    with pytest.raises(NotAllowed):
        manage.reprioritise(engine, viewer, 3, job_ids=jobs)
    with pytest.raises(InvalidInput):
        manage.reprioritise(engine, operator, 1001, job_ids=jobs)
    assert job(engine, jobs[0]).prioridad == 0


def test_nothing_named_means_nothing_changed(engine: Engine, operator: Actor) -> None:
    batch(engine, operator, 2)
    assert manage.cancel(engine, operator) == manage.move_to_front(engine, operator) == 0
    assert manage.reprioritise(engine, operator, 4) == 0


def test_a_retried_job_of_the_past_does_not_let_a_new_batch_jump_the_line(engine: Engine, operator: Actor) -> None:
    old = ids_of(batch(engine, operator, 1))
    [held] = take(engine)
    with engine.begin() as connection:
        finish.end(connection, held, "failed", failure=finish.Failure("x", "x"))
    waiting = crowd(engine, operator, 300)
    done = take(engine, 200)
    with engine.begin() as connection:
        finish.end_many(connection, done, "completed")
    retry.retry(engine, operator, old)
    newcomers = set(ids_of(batch(engine, operator, 60)))
    first = set(order(engine, 41))
    assert len(newcomers & first) <= 21 and len(set(waiting) & first) >= 19


def test_moving_and_raising_wake_the_workers(engine: Engine, operator: Actor) -> None:
    jobs = ids_of(batch(engine, operator, 2))
    wakeup = Wakeup(engine)
    assert wakeup.wait(0), "listening begins"
    manage.move_to_front(engine, operator, job_ids=jobs)
    assert wakeup.wait(10)
    manage.reprioritise(engine, operator, 7, job_ids=jobs)
    assert wakeup.wait(10)
    wakeup.close()
