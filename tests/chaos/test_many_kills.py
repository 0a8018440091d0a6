"""Workers killed at random moments, several at a time: others go on with their jobs (at full size within 20 seconds)."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass

import pytest

from core.queue import counts
from tests.chaos import checks
from tests.chaos.fleet import Fleet
from tests.chaos.plant import Plant, eventually
from tests.chaos.recovery import recoveries, sentence
from tests.chaos.storm import BASE
from tests.chaos.wares import Wares, ask_for, small_photo
from tests.shop import article

log = logging.getLogger(__name__)

SEED = 2026
#: Seconds from a kill to the rescue and to the job's next run. The next run is held to it at full size only: in the suite the
#: survivors share two cores with other tests, and how soon one of them is free says more about the machine than the queue.
PROMISE = 20.0


@dataclass(frozen=True)
class Size:
    jobs: int
    kills: int
    workers: int
    survivors: int  #: left at work by every blow: with all of them dead nobody could go on with anything
    pause: tuple[float, float]  #: seconds between blows
    seconds: float  #: at most, for all the kills
    patience: float  #: seconds from the last blow until all is done
    is_timed: bool


SMALL = Size(jobs=80, kills=20, workers=4, survivors=2, pause=(0.3, 2.0), seconds=150, patience=60, is_timed=False)
LARGE = Size(jobs=1000, kills=200, workers=6, survivors=3, pause=(0.5, 4.0), seconds=1500, patience=600, is_timed=True)


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.long)], ids=["small", "large"])
def test_whatever_dies_runs_again_and_no_late_word_counts(size: Size, plant: Plant) -> None:
    chance = random.Random(SEED)
    plant.tune(delay_seconds=0, images_per_minute=2000, daily_budget=500, monthly_budget=500)
    for service, usual in BASE.items():
        getattr(plant.emulators, service).add_faults(*usual)
    shown: dict[int, str] = {}
    jobs = _add(plant, shown, size.jobs)
    fleet = Fleet(plant, size.workers)
    fleet.tend()
    eventually(lambda: len(fleet.held()) == size.workers, 60)

    fleet.freeze(chance.choice(fleet.held()).pid)
    began = time.monotonic()
    while fleet.kills < size.kills:
        assert time.monotonic() < began + size.seconds, f"only {fleet.kills} kills in time"
        time.sleep(chance.uniform(*size.pause))  # the moment of death is what is tested
        fleet.tend()
        if _left(plant) < 4 * size.workers:
            jobs |= _add(plant, shown, 20)
        busy = sorted({row.pid for row in fleet.held()})
        most = min(len(busy) - size.survivors, size.kills - fleet.kills)
        if most > 0:
            fleet.kill(*chance.sample(busy, chance.randint(1, most)))
        if fleet.frozen and time.monotonic() > began + PROMISE + 1:
            fleet.thaw()
    eventually(lambda: _left(plant) == 0, size.patience)
    if fleet.frozen:
        fleet.thaw()
    assert set(fleet.stop()) == {0}

    waits = recoveries(plant.engine, fleet.deaths)
    log.warning("%d kills took %d jobs; %s", fleet.kills, len(fleet.deaths), sentence(waits))
    wrong = {
        "lost": checks.lost_jobs(plant.engine, jobs),
        "accepted twice": checks.accepted_twice(plant.engine),
        "bought twice": checks.bought_twice(plant.engine),
        "unpaid bills": checks.unpaid_bills(plant.engine, plant.emulators),
        "miscounted": checks.miscounted(plant.engine),
        "neither old nor new": checks.neither_old_nor_new(plant.engine, Wares(shown, frozenset())),
        "exits": [f"a worker ended with {code}" for code in fleet.ended],
    }
    assert not any(wrong.values()), {name: found for name, found in wrong.items() if found}
    assert len(fleet.deaths) >= size.kills / 2, "the dead must have held something"
    assert len(waits) == len(fleet.deaths), "whatever died ran again, or had died once too often"
    assert max(wait.rescued for wait in waits) <= PROMISE
    assert not size.is_timed or max(wait.again for wait in waits) <= PROMISE


def _add(plant: Plant, shown: dict[int, str], count: int) -> set[int]:
    """New articles, each with a photo of its own, and their jobs' ids."""
    new = {}
    for n in range(len(shown), len(shown) + count):
        url = plant.emulators.photos.add_photo(f"{n}.jpg", small_photo(n))
        new[article(plant.engine, f"Tornillo {n:05} x", url)] = url
    shown |= new
    return {added.queue_id for added in ask_for(plant.engine, list(new)).added}


def _left(plant: Plant) -> int:
    with plant.engine.connect() as connection:
        n = counts.read(connection)
    return n.pendientes + n.procesando
