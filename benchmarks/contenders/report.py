"""The runs as a Markdown report: median ratios with ranges, absolute figures only beside them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.contenders.roster import OURS, Contender
from benchmarks.contenders.workloads import Workload

if TYPE_CHECKING:
    from benchmarks.peers import Run


def markdown(
    runs: Sequence[Run],
    workloads: Sequence[Workload],
    contenders: Sequence[Contender],
    missing: Mapping[str, str],
    facts: Mapping[str, str],
) -> str:
    loads = [run.load for run in runs]
    lines = [
        f"{', '.join(f'{name} {value}' for name, value in facts.items())}; load {min(loads):.1f}–{max(loads):.1f}",
        "",
        "| workload | against | ours / theirs, median (range) | rounds | goal | ours | theirs |",
        "|---|---|---|---|---|---|---|",
    ]
    for workload in workloads:
        for contender in contenders:
            if contender is not OURS and workload.operation in contender.operations:
                lines.append(_row(runs, workload, contender))
    lines += ["", *(f"- {contender.name}: {contender.note}" for contender in contenders)]
    lines += [f"- {name}: left out, {why}" for name, why in missing.items()]
    lines += [f"- ❌ round {run.round + 1}, {run.workload}: {run.error}" for run in runs if run.error]
    return "\n".join(lines)


def as_json(runs: Sequence[Run], missing: Mapping[str, str], facts: Mapping[str, str]) -> str:
    return json.dumps({"facts": facts, "missing": missing, "runs": [asdict(run) for run in runs]}, indent=1)


def _row(runs: Sequence[Run], workload: Workload, contender: Contender) -> str:
    ours = _rates(runs, workload, OURS)
    theirs = _rates(runs, workload, contender)
    ratios = [ours[number] / theirs[number] for number in ours.keys() & theirs.keys()]
    cells = [f"{workload.title} ({_jobs(runs, workload):,} jobs)", contender.name]
    if not ratios:
        return f"| {' | '.join(cells)} | no valid pair | 0 | | | |"
    median = statistics.median(ratios)
    goal = workload.goals.get(contender.name)
    reached = "–" if goal is None else f"≥ {goal:g}× {'reached' if median >= goal else '**not reached**'}"
    cells += [f"**{median:.2f}×** ({min(ratios):.2f}–{max(ratios):.2f})", str(len(ratios)), reached]
    cells += [f"{statistics.median(rates.values()):,.0f}/s" for rates in (ours, theirs)]
    return f"| {' | '.join(cells)} |"


def _rates(runs: Sequence[Run], workload: Workload, contender: Contender) -> dict[int, float]:
    return {
        run.round: run.rate
        for run in runs
        if run.workload == workload.name and run.contender == contender.name and not run.error
    }


def _jobs(runs: Sequence[Run], workload: Workload) -> int:
    return next(run.jobs for run in runs if run.workload == workload.name)
