"""What staff wait for: counts, the overview, a page of the history, a clean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from benchmarks.scaling.database import Database
from benchmarks.scaling.figures import Figure, milliseconds, p95_within, repeat, spread
from benchmarks.scaling.hands import Hands
from benchmarks.scaling.seed import (
    BIG_CATEGORY,
    CLEANED_DAYS,
    COMMON_CATEGORY,
    RARE_CATEGORY,
    Size,
)
from core.access.actors import SYSTEM
from core.queue import counts, history, stats
from core.queue.clean import clean
from core.queue.counts import Counts
from core.queue.history_filter import HistoryFilter

TIMES = 100


def numbers(database: Database) -> Iterator[Figure]:
    """While jobs are claimed and finished: the deltas not folded yet are part of the price."""
    hand, reads, looks = Hands(database), list[float](), list[float]()
    for _ in range(2 * TIMES):
        for _ in range(3):
            hand.finish(hand.claim())
        with database.engine.connect() as connection:
            reads.append(milliseconds(lambda: counts.read(connection)))
        looks.append(milliseconds(lambda: stats.overview(database.engine, "America/Lima")))
    yield p95_within("exact counts", 2.0, reads)
    yield p95_within("the whole overview", 5.0, looks)
    yield counts_agree(database)


def counts_agree(database: Database) -> Figure:
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        said, differing = counts.read(connection), counts.audit(connection)
        rows: dict[str, int] = dict(
            connection.execute(text("SELECT estado, count(*) FROM image_processing_queue GROUP BY 1")).tuples().all()
        )
    counted = Counts(*(rows.get(state, 0) for state in ("pending", "processing", "completed", "failed")))
    same = said == counted and not differing
    return Figure(
        "counts beside GROUP BY, whole and batch by batch", "equal", "equal" if same else f"{said} {counted}", same
    )


def pages(database: Database, size: Size) -> Iterator[Figure]:
    middle, deep = size.finished // 2, size.finished // 20
    old = datetime.now(UTC) - timedelta(days=180)
    kinds = {
        "first": (HistoryFilter(), None),
        "in the middle": (HistoryFilter(), middle),
        "deep": (HistoryFilter(), deep),
        "completed, first": (HistoryFilter("completed"), None),
        "failed, first": (HistoryFilter("failed"), None),
        "failed, deep": (HistoryFilter("failed"), deep),
        "processing, none": (HistoryFilter("processing"), None),
        "a batch": (HistoryFilter(batch_id=max(1, size.finished // 2000)), None),
        "a batch, failed": (HistoryFilter("failed", batch_id=max(1, size.finished // 2000)), None),
        "category with 30 %": (HistoryFilter(categoria_id=BIG_CATEGORY), None),
        "category with 2 %": (HistoryFilter(categoria_id=COMMON_CATEGORY), None),
        "category with 2 %, deep": (HistoryFilter(categoria_id=COMMON_CATEGORY), deep),
        "category with 2 %, failed": (HistoryFilter("failed", categoria_id=COMMON_CATEGORY), None),
        "category with 0.01 %": (HistoryFilter(categoria_id=RARE_CATEGORY), None),
        "until half a year ago": (HistoryFilter(until=old), None),
        "one day, long ago": (HistoryFilter(since=old - timedelta(days=1), until=old), None),
        "search, common word": (HistoryFilter(search="hexagonal"), None),
        "search, one code": (HistoryFilter(search=f"TH-{size.pending + 7}"), None),
    }
    for name, (where, before) in kinds.items():
        one = milliseconds(lambda: history.page(database.engine, where, before))
        samples = repeat(lambda: history.page(database.engine, where, before), TIMES if one < 100 else 3)
        yield p95_within(f"history page: {name}", 5.0, samples)
    total = milliseconds(lambda: history.count(database.engine, HistoryFilter(categoria_id=COMMON_CATEGORY)))
    yield Figure("history: how many of a category", "–", f"{total:.0f} ms")


def cleaning(database: Database, size: Size) -> Iterator[Figure]:
    removed, took = list[int](), list[float]()
    for days in CLEANED_DAYS:
        took.append(milliseconds(lambda: removed.append(_clean(database, days - 1))))
        database.did(1000)
    assert removed == [size.cleaned] * len(CLEANED_DAYS), removed
    found = spread(took)
    yield Figure(f"clean {size.cleaned:,} rows", "p50 ≤ 150 ms", str(found), found.p50 <= 150, took)
    nothing = repeat(lambda: _clean(database, 500), 5)
    yield Figure("clean with nothing to do", "p50 ≤ 5 ms", str(spread(nothing)), spread(nothing).p50 <= 5, nothing)
    yield counts_agree(database)


def _clean(database: Database, days: int) -> int:
    return clean(database.engine, SYSTEM, days)
