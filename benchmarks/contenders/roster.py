"""Who is compared: how each is set up, run and checked. The scripts beside this file run in each contender's own venv."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import venvs

HERE = Path(__file__).parent
SECONDS = 300


@dataclass(frozen=True)
class Contender:
    """`pins` go into its venv, none for ours. `states` counts its rows: (state, count) for each expected state."""

    name: str
    pins: tuple[str, ...]
    oldest_python: tuple[int, int]
    operations: tuple[str, ...]
    states: str
    enqueued: frozenset[str]
    drained: frozenset[str]
    note: str

    def run(self, python: Path, dsn: str, operation: str, jobs: int, batch: int) -> dict[str, float]:
        """What its script printed. Raises RunFailed when it broke, hung, or did not call every job exactly once."""
        command = [python, HERE / f"use_{self.name}.py", dsn, operation, str(jobs), str(batch)]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise RunFailed(f"{self.name} {operation}: not done after {SECONDS} s") from error
        if ran.returncode != 0:
            raise RunFailed(f"{self.name} {operation}: {ran.stderr.strip()[-2000:]}")
        result: dict[str, float] = json.loads(ran.stdout) if ran.stdout.strip() else {}
        if "effects" in result and not result["effects"] == result["distinct"] == jobs:
            raise RunFailed(
                f"{self.name} {operation}: {result['effects']} calls, {result['distinct']} jobs, not {jobs}"
            )
        return result


class RunFailed(Exception):
    """A figure of this run would mean nothing."""


OURS = Contender(
    name="revelado",
    pins=(),
    oldest_python=(3, 11),
    operations=("enqueue", "enqueue-once", "drain"),
    states="""
        SELECT estado, count(*) FROM public.image_processing_queue GROUP BY 1
        UNION ALL SELECT 'attempt ' || coalesce(outcome, 'open'), count(*) FROM revelado.attempts GROUP BY 1
        UNION ALL SELECT 'counted ' || name, sum(n) FROM (
            SELECT batch_id, pending, completed FROM revelado.counts
            UNION ALL SELECT batch_id, pending, completed FROM revelado.count_deltas) d,
            LATERAL (VALUES ('pending', pending), ('completed', completed)) v (name, n)
            GROUP BY name HAVING sum(n) > 0""",
    enqueued=frozenset({"pending", "counted pending"}),
    drained=frozenset({"completed", "attempt completed", "counted completed"}),
    note="psycopg2, one statement per batch: `finish.end_and_claim`, batches on two connections, as a worker's lanes are;"
    " fencing token, lease, attempt rows, exact counts",
)

PGQUEUER = Contender(
    name="pgqueuer",
    pins=("pgqueuer[asyncpg]==1.6.0", "asyncpg==0.32.0", "uvloop==0.23.0"),
    oldest_python=(3, 11),
    operations=("enqueue", "enqueue-once", "drain"),
    states="""
        SELECT 'queue ' || status::text, count(*) FROM pgqueuer GROUP BY 1
        UNION ALL SELECT 'log ' || status::text, count(*) FROM pgqueuer_log GROUP BY 1""",
    enqueued=frozenset({"queue queued", "log queued"}),
    drained=frozenset({"log queued", "log picked", "log successful"}),
    note="asyncpg, uvloop, one consumer, `batch_size` = batch, durable tables, its autovacuum settings; it claims on"
    " before what ended is stored, also one by one",
)

PROCRASTINATE = Contender(
    name="procrastinate",
    pins=("procrastinate==3.10.0", "psycopg[binary]==3.3.9", "psycopg-pool==3.3.3"),
    oldest_python=(3, 11),
    operations=("enqueue", "drain"),
    states="SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1",
    enqueued=frozenset({"todo"}),
    drained=frozenset({"succeeded"}),
    note="psycopg 3 (C), `concurrency` = batch, since it has no batches",
)

OBAN = Contender(
    name="oban",
    pins=("oban==0.7.0", "psycopg[binary]==3.3.9", "psycopg-pool==3.3.3", "uvloop==0.23.0"),
    oldest_python=(3, 12),
    operations=("enqueue", "drain"),
    states="SELECT state::text, count(*) FROM oban_jobs GROUP BY 1",
    enqueued=frozenset({"available"}),
    drained=frozenset({"completed"}),
    note="psycopg 3 (C), uvloop, queue limit = batch",
)

ALL = (PROCRASTINATE, PGQUEUER, OBAN, OURS)


def python_of(contender: Contender) -> Path:
    """Its interpreter, set up on first use. Raises venvs.NoPython when none here is new enough."""
    if not contender.pins:
        return Path(sys.executable)
    return venvs.ensure(contender.name, contender.pins, contender.oldest_python)
