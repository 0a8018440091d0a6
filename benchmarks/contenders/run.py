"""What every contender's script shares: its arguments, its side effects and the JSON it prints. Standard library only."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Order:
    """One run: `install`, `enqueue` or `drain`, over `jobs` jobs taken `batch` at a time."""

    dsn: str
    operation: str
    jobs: int
    batch: int


@dataclass
class Effects:
    """The handler of every contender: notes which article it was called for, and when the first and last call came."""

    seen: list[int] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0

    def add(self, article: int) -> None:
        self.last = time.perf_counter()
        if not self.seen:
            self.first = self.last
        self.seen.append(article)


def read_order() -> Order:
    dsn, operation, jobs, batch = sys.argv[1:]
    return Order(dsn, operation, int(jobs), int(batch))


def articles(jobs: int) -> list[dict[str, object]]:
    """The payload: what our own queue snapshots of an article."""
    return [{"id": n, "nombre": f"Artículo {n}", "imagen_url": f"http://x/{n}"} for n in range(1, jobs + 1)]


def print_enqueued(seconds: float, jobs: int) -> None:
    print(json.dumps({"seconds": seconds, "rate": jobs / seconds}))


def print_drained(effects: Effects, order: Order, total: float, unmeasured: int = 0) -> None:
    """The rate is that of the steady state, from first to last call: starting and stopping a worker isn't in it.

    Between those two lie all claims but the first and all acknowledgements but the last, hence one batch less, or
    `unmeasured` jobs: a batch of each that claims by itself.
    """
    seconds = effects.last - effects.first
    print(
        json.dumps(
            {
                "seconds": seconds,
                "total": total,
                "rate": (order.jobs - (unmeasured or order.batch)) / seconds if seconds else 0.0,
                "effects": len(effects.seen),
                "distinct": len(set(effects.seen)),
            }
        )
    )
