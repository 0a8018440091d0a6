"""The first few of a batch are made; the rest waits for a person's yes, and costs nothing until then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.errors import Conflict, NotAllowed
from core.queue import claim, outlook, pilot
from core.queue.enqueue import enqueue
from tests.shop import articles, one, rows, run_sql


@pytest.fixture
def batch(engine: Engine, operator: Actor) -> int:
    return enqueue(engine, operator, articles(engine, 20), origin="panel", pilot=5).batch_id


def _ready(engine: Engine) -> list[int]:
    found = rows(engine, "SELECT articulo_id FROM image_processing_queue WHERE run_after IS NULL ORDER BY id")
    return [row.articulo_id for row in found]


def test_the_first_few_are_spread_over_the_batch_and_the_rest_is_held(engine: Engine, operator: Actor) -> None:
    ids = articles(engine, 20)
    enqueue(engine, operator, ids, origin="panel", pilot=5)
    ready = _ready(engine)
    assert len(ready) == 5
    assert [ids.index(articulo) // 4 for articulo in ready] == [0, 1, 2, 3, 4]


def test_a_batch_smaller_than_its_pilot_is_made_whole(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, articles(engine, 3), origin="panel", pilot=5)
    assert len(_ready(engine)) == 3


def test_no_worker_gets_what_is_held(engine: Engine, batch: int) -> None:
    with engine.begin() as connection:
        assert len(claim.claim(connection, uuid4(), 20)) == 5
        claim.wake_snoozed(connection)
        assert claim.claim(connection, uuid4(), 20) == []


def test_what_is_held_does_not_keep_a_worker_from_being_done(engine: Engine, batch: int) -> None:
    run_sql(engine, "DELETE FROM image_processing_queue WHERE run_after IS NULL")
    with engine.connect() as connection:
        assert outlook.is_drained(connection)
        assert outlook.seconds_until_due(connection) is None


def test_a_yes_frees_the_rest_in_turn_with_what_came_meanwhile(engine: Engine, operator: Actor, batch: int) -> None:
    run_sql(engine, "UPDATE image_processing_queue SET turn = turn + 1000 WHERE run_after IS NULL")
    assert pilot.release(engine, operator, batch) == 15
    freed = rows(engine, "SELECT turn FROM image_processing_queue WHERE run_after IS NULL ORDER BY turn")
    assert [row.turn for row in freed if row.turn < 1004] == []
    assert len(freed) == 20
    assert one(engine, "SELECT pilot, pilot_ended_by FROM revelado.batches") == ("released", "Beto")


def test_a_no_takes_the_rest_out_of_the_queue(engine: Engine, operator: Actor, batch: int) -> None:
    run_sql(
        engine, "UPDATE image_processing_queue SET estado = 'completed', completed_at = now() WHERE run_after IS NULL"
    )
    assert pilot.cancel(engine, operator, batch) == 15
    assert one(engine, "SELECT count(*) AS n FROM image_processing_queue").n == 5
    assert one(engine, "SELECT count(*) AS n FROM revelado.cancelled_jobs").n == 15


def test_a_yes_and_a_no_at_the_same_moment_are_one_decision(engine: Engine, operator: Actor, batch: int) -> None:
    def decide(decision) -> int | None:
        try:
            return int(decision(engine, operator, batch))
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, [pilot.release, pilot.cancel]))
    assert answers.count(None) == 1


def test_who_may_only_look_decides_nothing(engine: Engine, viewer: Actor, batch: int) -> None:
    for decide in (pilot.release, pilot.cancel):
        with pytest.raises(NotAllowed):
            decide(engine, viewer, batch)


def test_it_is_told_how_far_the_first_few_are(engine: Engine, batch: int) -> None:
    run_sql(
        engine,
        "UPDATE image_processing_queue SET estado = 'completed', completed_at = now() WHERE id IN"
        " (SELECT id FROM image_processing_queue WHERE run_after IS NULL ORDER BY id LIMIT 2)",
    )
    now = pilot.read(engine, batch)
    assert (now.made, now.failed, now.left, now.held, now.is_done) == (2, 0, 3, 15, False)


def test_an_article_may_be_in_a_trial_beside_its_place_in_the_queue(engine: Engine, operator: Actor) -> None:
    ids = articles(engine, 2)
    enqueue(engine, operator, ids, origin="panel")
    tried = enqueue(engine, operator, ids, origin="panel", trial=True)
    assert len(tried.added) == 2
    again = enqueue(engine, operator, ids, origin="panel")
    assert [skip.reason for skip in again.skipped] == ["already_queued"] * 2


def test_a_trial_does_not_keep_its_article_from_the_queue(engine: Engine, operator: Actor) -> None:
    ids = articles(engine, 2)
    enqueue(engine, operator, ids, origin="panel", trial=True)
    assert len(enqueue(engine, operator, ids, origin="panel").added) == 2
