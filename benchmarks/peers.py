"""`python -m benchmarks.peers`: our queue beside other PostgreSQL queues, as ratios of the same round, in Markdown.

Each contender runs in its own process, through its public API, on one server with default durability and a new
database per run. The order alternates between rounds (A B C, C B A), so that a drift of the machine favours nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import report
from benchmarks.contenders.roster import ALL, OURS, Contender, RunFailed, python_of
from benchmarks.contenders.server import Server, count_states, durable_server, vacuum
from benchmarks.contenders.venvs import NoPython
from benchmarks.contenders.workloads import WORKLOADS, Workload


@dataclass(frozen=True)
class Run:
    """`rate` is jobs per second; 0 with `error` for a run that failed its checks."""

    round: int
    workload: str
    contender: str
    jobs: int
    rate: float
    load: float
    error: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    ready: list[tuple[Contender, Path]] = []
    missing: dict[str, str] = {}
    for contender in ALL:
        try:
            ready.append((contender, python_of(contender)))
        except (NoPython, subprocess.CalledProcessError) as error:
            missing[contender.name] = str(error)
    runs: list[Run] = []
    workloads = [w for w in WORKLOADS if (w.name in options.only if options.only else w.goals or options.all)]
    ends = time.monotonic() + 60 * options.minutes
    with durable_server() as server:
        for number in range(options.rounds):
            if time.monotonic() > ends:
                print(f"{number} rounds, then the time was over", file=sys.stderr)
                break
            order = ready if number % 2 == 0 else ready[::-1]
            for workload in workloads:
                jobs = max(options.jobs // workload.share, 10 * workload.batch)
                for contender, python in order:
                    if workload.operation in contender.operations:
                        run = _measure(server, contender, python, workload, jobs, number)
                        runs.append(run)
                        print(
                            f"{number + 1} {workload.name} {contender.name} {run.rate:,.0f}/s {run.error}",
                            file=sys.stderr,
                        )
        facts = {"server": f"PostgreSQL {server.version}", **server.settings, "cores": str(os.cpu_count())}
    print(report.markdown(runs, workloads, [contender for contender, _ in ready], missing, facts))
    if options.json:
        options.json.write_text(report.as_json(runs, missing, facts))
    return 1 if any(run.error for run in runs) else 0


def _measure(server: Server, contender: Contender, python: Path, workload: Workload, jobs: int, number: int) -> Run:
    load = os.getloadavg()[0]
    try:
        with server.database(contender.name) as dsn:
            contender.run(python, dsn, "install", jobs, workload.batch)
            filling = workload.operation if workload.operation != "drain" else "enqueue"
            result = contender.run(python, dsn, filling, jobs, workload.batch)
            _check(contender, dsn, contender.enqueued, jobs)
            if workload.operation == "drain":
                vacuum(dsn)
                result = contender.run(python, dsn, "drain", jobs, workload.batch)
                _check(contender, dsn, contender.drained, jobs)
            return Run(number, workload.name, contender.name, jobs, result["rate"], load)
    except RunFailed as error:
        return Run(number, workload.name, contender.name, jobs, 0.0, load, str(error))


def _check(contender: Contender, dsn: str, states: frozenset[str], jobs: int) -> None:
    """Raises RunFailed unless exactly these states hold all jobs and there are no others."""
    found = count_states(dsn, contender.states)
    if found != dict.fromkeys(states, jobs):
        raise RunFailed(f"{contender.name}: rows by state are {json.dumps(found)}, not {jobs} of {sorted(states)}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=f"Compares {OURS.name} with its peers."
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=10_000, help="of the bulk enqueue; the others take a part of it")
    parser.add_argument("--minutes", type=float, default=8, help="after these no further round begins")
    parser.add_argument("--all", action="store_true", help="also the workloads without a goal")
    parser.add_argument("--only", action="append", choices=[w.name for w in WORKLOADS], help="may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every run, for keeping")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
