"""`python -m benchmarks.scale`: the queue at a million finished jobs, beside its nearly empty twin, in Markdown.

Everything is measured through the product's own functions, on one durable server, in one run. The three databases
(big, big with snoozed jobs on top, twin) take turns at each claim, so that a drift of the machine favours none.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.contenders.server import durable_server
from benchmarks.scaling import claims, pages
from benchmarks.scaling.database import Database, database
from benchmarks.scaling.figures import Figure, as_json, markdown
from benchmarks.scaling.seed import SPARE, Size, seed, snooze_on_top

TWIN = Size(finished=0, pending=1_000)
STARTS = 100
LIVES = 200


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    size = Size(options.finished, options.pending)
    figures: list[Figure] = []
    facts: dict[str, str] = {}
    with durable_server() as server, database(server.url, "twin") as twin, database(server.url, "big") as big:
        facts["server"] = (
            f"PostgreSQL {server.version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
        )
        _say("seeding")
        began = time.monotonic()
        seed(twin, TWIN)
        seed(big, size)
        facts["seeded"] = f"{size.finished:,} finished, {size.pending:,} pending in {time.monotonic() - began:.0f} s"
        with database(server.url, "snoozed", copy_of=big) as snoozed:
            snooze_on_top(snoozed, size)
            facts["big"], facts["snoozed"] = big.describe(), snoozed.describe()
            for figure in claims.beside_twin(twin, big, snoozed, options.rounds):
                _keep(figures, figure)
        for figure in _of_one(big, size, options.pinned or min(30_000, size.pending // 2)):
            _keep(figures, figure)
        facts["big at the end"] = big.describe()
        facts["load at the end"] = f"{os.getloadavg()[0]:.1f}"
    print(markdown(facts, figures))
    if options.json:
        options.json.write_text(as_json(facts, figures))
    return 0 if all(figure.reached is not False for figure in figures) else 1


def _of_one(big: Database, size: Size, pinned: int) -> Iterator[Figure]:
    yield from pages.numbers(big)
    yield from pages.pages(big, size)
    yield claims.enqueue_to_start(big, range(size.articles - SPARE + 1, size.articles - SPARE + 1 + STARTS))
    yield from claims.whole_life(big, LIVES)
    yield from claims.while_pinned(big, pinned)
    big.maintain()
    yield from pages.cleaning(big, size)


def _keep(figures: list[Figure], figure: Figure) -> None:
    figures.append(figure)
    _say(f"{figure.what}: {figure.measured}")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="The queue at a million rows.")
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--pending", type=int, default=100_000)
    parser.add_argument("--pinned", type=int, default=0, help="jobs claimed under a long transaction (30,000)")
    parser.add_argument("--rounds", type=int, default=300, help="claims timed in each database")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every sample, for keeping")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
