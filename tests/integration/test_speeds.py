"""How many articles a worker takes in hand, at each of the speeds that staff choose."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.settings.change import change
from tests.integration.counter import queue_of
from tests.shop import run_sql
from worker import SPARE_HANDS, Worker


class NoHands(ThreadPoolExecutor):
    """Articles are taken and lie there."""

    def submit(self, *_: object, **__: object) -> None:  # type: ignore[override]
        return None


@pytest.fixture
def worker(app: WorkerApp) -> Iterator[Worker]:
    queue_of(app.engine, 20)
    worker = Worker(app)
    yield worker
    worker.wakeup.close()
    worker.shop.studio.close()


def taken(worker: Worker) -> int:
    with NoHands(1) as hands:
        worker._claim_for(hands, most=16)
        worker._claim_for(hands, most=16)
    return len(worker.in_hand)


@pytest.mark.parametrize(("speed", "at_once"), [("tranquila", 1), ("rapida", 4), ("maxima", 6 + SPARE_HANDS)])
def test_each_speed_takes_so_many_at_once(worker: Worker, admin: Actor, speed: str, at_once: int) -> None:
    change(worker.engine, admin, "speed", speed)
    change(worker.engine, admin, "in_flight", 6)
    assert taken(worker) == at_once
    assert worker.goes_on == (speed != "tranquila"), "only the calm one rests between two articles"


def test_at_full_speed_workers_share_what_may_be_in_flight(worker: Worker, engine: Engine, admin: Actor) -> None:
    change(engine, admin, "speed", "maxima")
    change(engine, admin, "in_flight", 9)
    run_sql(
        engine,
        "INSERT INTO revelado.workers (id, host, pid, editor, model) SELECT gen_random_uuid(), 'otra', n, 'gemini', 'm'"
        " FROM generate_series(1, 3) n",
    )
    assert taken(worker) == 3 + SPARE_HANDS


def test_the_calm_speed_rests_before_the_next_article(worker: Worker) -> None:
    worker.not_before = float("inf")
    assert taken(worker) == 0
