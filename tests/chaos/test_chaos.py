"""Four real workers in a storm. Its seed is printed; CHAOS_SEED brings the same mishaps again."""

from __future__ import annotations

import logging
import os
import random
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.chaos import checks
from tests.chaos.fleet import LANE_STAGES, STAGES
from tests.chaos.recovery import recoveries, sentence
from tests.chaos.scene import BUDGET, Scene, Size, scene
from tests.emulators.fixtures import Emulators
from tests.shop import rows

log = logging.getLogger(__name__)

FEW = {
    "kill": 5, "freeze": 1, "terminate": 3, "restart_fast": 1, "restart_immediate": 1, "gemini_overloaded": 1,
    "gemini_refuses": 1, "cloudinary_fails": 1, "photos_away": 1, "photos_fail": 1, "billed_but_cut": 1,
    "useless_answer": 1, "rate_limited": 1, "kill_lane": 1, "batch_unanswered": 1, "batch_item_lost": 1, "batch_away": 1,
}  # fmt: skip
MANY = {kind: times * 8 for kind, times in FEW.items()} | {
    "rate_limited": 1, "kill": 64, "kill_lane": 24, "terminate": 40,
}  # fmt: skip
SMALL = Size(120, FEW, STAGES, pace=(0.2, 0.8), patience=180, hurry=2.0, longest=240)
LARGE = Size(2000, MANY, (*STAGES, *LANE_STAGES), pace=(1.0, 4.0), patience=900, hurry=60.0, longest=1800)


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.long)], ids=["small", "large"])
def test_no_storm_loses_a_job_a_picture_or_a_cent(size: Size, emulators: Emulators, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
    log.warning("CHAOS_SEED=%d", seed)
    with scene(size, seed, emulators, tmp_path) as shop:
        started = time.monotonic()
        shop.weather()
        stormy = time.monotonic() - started
        shop.settle()
        shop.witness.look_at_all()
        log.warning(_summary(shop, stormy, time.monotonic() - started))
        wrong = {name: found for name, found in _verdict(shop).items() if found}
        assert not wrong
        missed = [kind for kind in size.mishaps if not shop.storm.happened[kind]]
        missed += [stage for stage in size.stages if not shop.storm.happened[f"kill at {stage}"]]
        assert shop.in_lane() and shop.shared(), "no batch came home, or no picture did for two"
        assert not missed, f"what never struck proves nothing: {missed}"


def _verdict(shop: Scene) -> dict[str, list[str]]:
    engine, emulators = shop.plant.engine, shop.plant.emulators
    return {
        "lost": checks.lost_jobs(engine, shop.jobs),
        "failed for an outage": checks.failed_for_an_outage(engine),
        "accepted twice": checks.accepted_twice(engine),
        "bought twice": checks.bought_twice(engine),
        "unpaid bills": checks.unpaid_bills(engine, emulators),
        "overspent": checks.overspent(engine, Decimal(round(shop.size.articles * BUDGET))),
        "miscounted": checks.miscounted(engine),
        "deleted too soon": checks.deleted_too_soon(engine, emulators, shop.wares, shop.due),
        "neither old nor new": checks.neither_old_nor_new(engine, shop.wares),
        "dead links": shop.witness.dead,
        # 2: refused to start while the database was away.
        "exits": [f"a worker ended with {code}" for code in shop.fleet.ended if code != 2],
    }


def _summary(shop: Scene, stormy: float, total: float) -> str:
    n = shop.counted()
    why = rows(
        shop.plant.engine,
        "SELECT error_code, count(*) AS n FROM image_processing_queue WHERE estado = 'failed' GROUP BY 1",
    )
    waits = recoveries(shop.plant.engine, shop.fleet.deaths)
    return (
        f"{len(shop.jobs)} jobs of {shop.size.articles} articles: {n.completados} completed, {n.fallidos} failed"
        f" {[tuple(row) for row in why]};"
        f" {shop.plant.bought()} pictures billed, {shop.in_lane()} used that came in batches, {shop.shared()} shared,"
        f" {shop.witness.looked} links looked at, {len(shop.due)} deletions due;"
        f" storm {stormy:.0f} s, all done after {total:.0f} s\n{sentence(waits)} ({len(waits)})\n{dict(shop.storm.happened)}"
    )
