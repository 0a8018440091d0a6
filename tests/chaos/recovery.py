"""How long a job that died with its worker lay still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from tests.chaos.fleet import Death
from tests.shop import rows


@dataclass(frozen=True)
class Recovery:
    """Seconds from the kill: to the rescue, and to the job's next claim, or its verdict if this death was one too many."""

    rescued: float
    again: float


def recoveries(engine: Engine, deaths: Sequence[Death]) -> list[Recovery]:
    found = rows(
        engine,
        "SELECT d.at, extract(epoch FROM dead.finished_at) AS rescued, extract(epoch FROM coalesce(next.started_at,"
        "  CASE WHEN q.estado = 'failed' THEN dead.finished_at END)) AS again"
        " FROM unnest(CAST(:jobs AS int[]), CAST(:tokens AS bigint[]), CAST(:ats AS float[])) AS d(job_id, token, at)"
        " JOIN image_processing_queue q ON q.id = d.job_id"
        " JOIN revelado.attempts dead ON dead.job_id = d.job_id AND dead.claim_token = d.token AND dead.outcome = 'rescued'"
        " LEFT JOIN LATERAL (SELECT started_at FROM revelado.attempts a WHERE a.job_id = d.job_id"
        "  AND a.claim_token > d.token ORDER BY a.claim_token LIMIT 1) next ON true",
        jobs=[death.job_id for death in deaths],
        tokens=[death.claim_token for death in deaths],
        ats=[death.at for death in deaths],
    )
    return [Recovery(float(row.rescued) - row.at, float(row.again) - row.at) for row in found if row.again is not None]


def sentence(found: Sequence[Recovery]) -> str:
    return (
        f"kill to rescue: {_spread([r.rescued for r in found])}; to running again: {_spread([r.again for r in found])}"
    )


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds) or [0.0]
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"median {ordered[len(ordered) // 2]:.1f} s, p95 {p95:.1f} s, longest {ordered[-1]:.1f} s"
