"""What was measured, beside its goal, in Markdown and JSON."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """`reached` is None where no goal was set and the figure only explains another."""

    what: str
    goal: str
    measured: str
    reached: bool | None = None
    samples: Sequence[float] = ()


@dataclass(frozen=True)
class Spread:
    """Milliseconds."""

    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:.2f} / {self.p95:.2f} ms"


def spread(samples: Sequence[float]) -> Spread:
    return Spread(statistics.median(samples), statistics.quantiles(samples, n=20, method="inclusive")[-1])


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def repeat(work: Callable[[], object], times: int) -> list[float]:
    work()  # the first one fills caches
    return [milliseconds(work) for _ in range(times)]


def p95_within(what: str, goal: float, samples: Sequence[float]) -> Figure:
    found = spread(samples)
    return Figure(what, f"p95 ≤ {goal:g} ms", str(found), found.p95 <= goal, samples)


def ratio_within(what: str, goal: float, samples: Sequence[float], base: Sequence[float]) -> Figure:
    """The ratio is that of the medians: a busy machine moves those least."""
    ours, theirs = spread(samples), spread(base)
    ratio = ours.p50 / theirs.p50
    measured = f"{ratio:.2f}× ({ours} beside {theirs}; of the p95: {ours.p95 / theirs.p95:.2f}×)"
    return Figure(what, f"≤ {goal:g}×", measured, ratio <= goal, samples)


def told(what: str, samples: Sequence[float]) -> Figure:
    return Figure(what, "–", str(spread(samples)), None, samples)


def markdown(facts: Mapping[str, str], figures: Sequence[Figure]) -> str:
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", "Milliseconds are p50 / p95.", "", "| what | goal | measured | reached |", "|---|---|---|---|"]
    said = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {f.what} | {f.goal} | {f.measured} | {said[f.reached]} |" for f in figures]
    return "\n".join(lines)


def as_json(facts: Mapping[str, str], figures: Sequence[Figure]) -> str:
    return json.dumps({"facts": dict(facts), "figures": [asdict(f) for f in figures]}, indent=1, ensure_ascii=False)
