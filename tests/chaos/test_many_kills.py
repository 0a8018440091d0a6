"""Workers killed again and again in the middle of real work; `make long`."""

from __future__ import annotations

import random
import time

import pytest
from sqlalchemy import text

from tests.chaos.conftest import Plant, eventually
from tests.emulators import faults

KILLS, ARTICLES, SEED = 20, 40, 2026


@pytest.mark.long
@pytest.mark.timeout(900)
def test_workers_killed_twenty_times_lose_no_job_and_overspend_on_none(plant: Plant) -> None:
    chance = random.Random(SEED)
    plant.queue(ARTICLES)
    plant.emulators.cloudinary.add_faults(faults.slow(0.5, route="upload", times=0))
    workers = [plant.worker(), plant.worker()]
    for _ in range(KILLS):
        time.sleep(chance.uniform(1.0, 4.0))  # the moment of death is what is tested
        victim = chance.randrange(2)
        workers[victim].kill()
        workers[victim].wait()
        workers[victim] = plant.worker()
    eventually(lambda: not set(plant.states()) & {"pending", "processing"}, 600)
    with plant.engine.connect() as connection:
        most = connection.scalar(
            text("SELECT max(n) FROM (SELECT count(*) n FROM revelado.purchases GROUP BY job_id) p")
        )
        dead_links = connection.scalar(text("SELECT count(*) FROM articulos WHERE imagen_url IS NULL"))
    assert len(plant.states()) == ARTICLES and dead_links == 0
    assert set(plant.states()) <= {"completed", "failed"}
    assert plant.states().count("completed") >= ARTICLES - 2, "three deaths on one article may fail it, no more"
    assert most <= 3 and plant.bought() <= ARTICLES + KILLS
