"""What must hold after any storm, told from the tables, the emulators' billing ledger and the CDN.

Each check gives what is wrong, as sentences; none is good.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from core.queue import counts
from tests.chaos.wares import Wares
from tests.emulators.fixtures import Emulators
from tests.shop import one, rows

#: Paid calls a job may make: the first, one again after a doubtful one, one with the strict prompt.
CALLS_A_JOB = 3


def lost_jobs(engine: Engine, asked_for: set[int]) -> list[str]:
    found = {row.id: row for row in rows(engine, "SELECT * FROM image_processing_queue")}
    wrong = [f"job {id_} is gone" for id_ in asked_for - found.keys()]
    wrong += [f"job {id_} was never asked for" for id_ in found.keys() - asked_for]
    for job in found.values():
        if job.estado not in ("completed", "failed"):
            wrong.append(f"job {job.id} is {job.estado}")
        if job.estado == "failed" and not (job.error_code and job.error_message):
            wrong.append(f"job {job.id} failed without a reason")
        if job.lease_until or job.worker_id:
            wrong.append(f"job {job.id} has ended and is still held")
    return wrong


def failed_for_an_outage(engine: Engine) -> list[str]:
    """Only a death in the middle of it, or a purchase that nobody knows about, may end a job as failed."""
    return _each(
        engine,
        "SELECT 'job ' || q.id || ' failed: ' || q.error_code FROM image_processing_queue q WHERE estado = 'failed'"
        " AND NOT EXISTS (SELECT FROM revelado.attempts a WHERE a.job_id = q.id AND a.outcome = 'rescued')"
        " AND NOT EXISTS (SELECT FROM revelado.purchases p WHERE p.job_id = q.id AND p.state = 'doubtful')",
    )


def accepted_twice(engine: Engine) -> list[str]:
    """One end a claim, one final end a job, no two claims at once, one picture published."""
    return [
        *_each(engine, "SELECT 'job ' || job_id || ' has an open attempt' FROM revelado.attempts WHERE outcome IS NULL"),
        *_each(
            engine,
            "SELECT 'job ' || q.id || ' is ' || estado || ': ' || coalesce(string_agg(a.outcome, ' ' ORDER BY a.id), '-')"
            " FROM image_processing_queue q LEFT JOIN revelado.attempts a ON a.job_id = q.id GROUP BY q.id, estado"
            " HAVING count(*) FILTER (WHERE a.outcome = 'completed') <> (estado = 'completed')::int"
            " OR count(*) FILTER (WHERE a.outcome = 'failed') > (estado = 'failed')::int",
        ),
        *_each(
            engine,
            "SELECT 'job ' || job_id || ' was claimed twice at once' FROM (SELECT job_id, started_at,"
            " lag(finished_at) OVER (PARTITION BY job_id ORDER BY claim_token) AS before FROM revelado.attempts) a"
            " WHERE before > started_at",
        ),
        *_each(
            engine,
            "SELECT 'job ' || q.id || ' is completed, its picture was not published' FROM image_processing_queue q"
            " WHERE estado = 'completed' AND NOT EXISTS (SELECT FROM revelado.pictures p WHERE p.published_at IS NOT NULL"
            " AND p.articulo_id = q.articulo_id AND p.url = q.imagen_url_procesada)",
        ),
        *_each(
            engine,
            "SELECT 'job ' || job_id || ' published ' || count(*) FROM revelado.pictures WHERE published_at IS NOT NULL"
            " AND job_id IS NOT NULL GROUP BY job_id HAVING count(*) > 1",
        ),
    ]  # fmt: skip


def bought_twice(engine: Engine) -> list[str]:
    """Paid for although the answer to the very same question was held already, for whatever article."""
    return _each(
        engine,
        "SELECT format('purchase %s of job %s, %s s after it was %s by job %s, repeats %s', b.id, b.job_id,"
        " extract(epoch FROM b.opened_at - a.closed_at)::int, a.state, a.job_id, a.id)"
        " FROM revelado.purchases a JOIN revelado.purchases b ON b.cache_key = a.cache_key"
        " JOIN image_processing_queue q ON q.id = b.job_id"
        " WHERE a.state IN ('answered', 'used') AND b.opened_at > a.closed_at AND b.state NOT IN ('free', 'reused')"
        " AND (a.job_id = b.job_id OR NOT q.fresh)"
        # A picture that was replaced and deleted after its grace is not held any more.
        " AND NOT EXISTS (SELECT FROM revelado.pictures p WHERE p.job_id = a.job_id AND p.kind = 'result'"
        "  AND p.deleted_at < b.opened_at)",
    )


def unpaid_bills(engine: Engine, emulators: Emulators) -> list[str]:
    """What Google billed against what was written down before: per article, and in all."""
    billed: dict[str, list[Decimal]] = defaultdict(list)
    for bill in emulators.gemini.ledger():
        billed[re.findall(r"Tornillo \d+ x", bill["prompt"])[0]].append(Decimal(bill["cost_usd"]))
    wrong = []
    for row in rows(
        engine,
        "SELECT a.nombre, count(DISTINCT q.id) AS jobs, count(p.id) FILTER (WHERE p.state NOT IN ('free', 'reused')) AS paid,"
        " coalesce(sum(revelado.charged(p)), 0) AS charged FROM articulos a"
        " JOIN image_processing_queue q ON q.articulo_id = a.id LEFT JOIN revelado.purchases p ON p.job_id = q.id"
        " GROUP BY a.nombre",
    ):
        bills = billed.pop(row.nombre, [])
        if len(bills) > CALLS_A_JOB * row.jobs:
            wrong.append(f"{row.nombre}: {len(bills)} paid calls for {row.jobs} jobs")
        if len(bills) > row.paid or sum(bills) > row.charged:
            wrong.append(
                f"{row.nombre}: billed {len(bills)} times, US$ {sum(bills)}; {row.paid}, {row.charged} written"
            )
    return wrong + [f"{name} was billed and never asked for" for name in billed]


def overspent(engine: Engine, budget: Decimal) -> list[str]:
    charged = one(engine, "SELECT coalesce(sum(revelado.charged(p)), 0) AS usd FROM revelado.purchases p").usd
    walled = one(engine, "SELECT coalesce(sum(amount), 0) AS usd FROM revelado.spend").usd
    return [
        *([f"charged {charged}, over the budget of {budget}"] if charged > budget else []),
        *([f"the wall counts {walled}, the purchases {charged}"] if walled != charged else []),
        *_each(
            engine,
            "SELECT 'purchase ' || p.id || ' is open' FROM revelado.purchases p"
            " JOIN image_processing_queue q ON q.id = p.job_id WHERE p.state = 'open' AND q.estado <> 'failed'",
        ),
        *_each(
            engine,
            "SELECT 'purchase ' || p.id || ' is held by a job that is done' FROM revelado.purchases p"
            " JOIN image_processing_queue q ON q.id = p.job_id WHERE p.state = 'answered' AND q.estado = 'completed'"
            # One that came after the rescuer's picture was published is kept for the article's next job.
            " AND p.closed_at <= q.completed_at",
        ),
    ]


def miscounted(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return counts.audit(connection)


def deleted_too_soon(engine: Engine, emulators: Emulators, wares: Wares, due: set[str]) -> list[str]:
    """`due`: public ids of replaced pictures whose grace is over; nothing else may be deleted."""
    asked = emulators.cloudinary.requests("destroy") + emulators.cloudinary.requests("delete_resources")
    there = {asset["public_id"] for asset in emulators.cloudinary.assets()}
    made = {row.public_id for row in rows(engine, "SELECT public_id FROM revelado.pictures WHERE kind = 'result'")}
    return [
        *(f"the original {name} is gone" for name in wares.originals - there),
        *(f"{name} is gone before its time" for name in made - there - due),
        *([f"{len(asked)} deletions asked for, none due"] if asked and not due else []),
        *(["nothing fell due: that proves nothing"] if not due else []),
    ]


def neither_old_nor_new(engine: Engine, wares: Wares) -> list[str]:
    """Every article shows what it showed before, or what its last completed job made of it."""
    made: dict[int, Any] = {
        row.articulo_id: row.imagen_url_procesada
        for row in rows(engine, "SELECT * FROM image_processing_queue WHERE estado = 'completed' ORDER BY id")
    }
    return [
        f"article {row.id} shows {row.imagen_url}"
        for row in rows(engine, "SELECT id, imagen_url FROM articulos")
        if row.imagen_url != made.get(row.id, wares.shown[row.id])
    ]


def _each(engine: Engine, query: str) -> list[str]:
    return [row[0] for row in rows(engine, query)]
