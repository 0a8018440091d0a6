"""How the queue's statements are carried out at 50,000 rows: which index, how many pages, never the whole table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from core.queue import claim, counts, failures, finish, history, stats
from core.queue.claim import Position
from core.queue.enqueue_sql import ENQUEUE, ENQUEUE_FEW
from core.queue.history_filter import HistoryFilter
from core.queue.jobs import Job
from tests.integration.explain import QUEUE, explained, plan_in, plan_of, statements_of
from tests.integration.one_database import one_database
from tests.shop import rows, run_sql

WORKER = uuid.UUID(int=1)
COMPLETED, PENDING, SNOOZED, PROCESSING, ECONOMY = 45_000, 4_000, 1_000, 200, 500

#: One batch for each hundred articles of the history, and the last one for all that is not finished.
_SEED = f"""
    INSERT INTO categorias (nombre) VALUES ('Tornillería');
    INSERT INTO articulos (nombre, imagen_url, categoria_id)
        SELECT 'Artículo ' || n, 'http://shop/' || n || '.jpg', 1 FROM generate_series(1, 51000) n;
    INSERT INTO revelado.batches (origin, user_name) SELECT 'panel', 'Beto' FROM generate_series(1, 500);
    INSERT INTO {QUEUE} (articulo_id, articulo_nombre, imagen_url_original, estado, intentos, claim_token, turn, batch_id,
            created_at, started_at, completed_at)
        SELECT n, 'Artículo ' || n, 'http://shop/' || n || '.jpg', CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'completed' END,
            1, 1, n, n / 100 + 1, at - interval '1 minute', at - interval '30 s', at
        FROM generate_series(1, {COMPLETED}) n, LATERAL (SELECT now() - make_interval(secs => 60 * ({COMPLETED} - n))) t(at);
    INSERT INTO {QUEUE} (articulo_id, articulo_nombre, imagen_url_original, estado, turn, batch_id, run_after, lane)
        SELECT {COMPLETED} + n, 'Artículo', 'http://shop/a.jpg', 'pending', {COMPLETED} + n, 500,
            CASE WHEN n > {PENDING + ECONOMY} THEN now() + interval '1 hour' END,
            CASE WHEN n BETWEEN {PENDING} + 1 AND {PENDING + ECONOMY} THEN 'economy' ELSE 'normal' END
        FROM generate_series(1, {PENDING + ECONOMY + SNOOZED}) n;
    INSERT INTO {QUEUE} (articulo_id, articulo_nombre, imagen_url_original, estado, intentos, claim_token, turn, batch_id,
            started_at, lease_until, worker_id)
        SELECT 50500 + n, 'Artículo', 'http://shop/a.jpg', 'processing', 1, 1, n, 500, now(), now() + interval '1 hour',
            '{WORKER}' FROM generate_series(1, {PROCESSING}) n;
    INSERT INTO revelado.attempts (job_id, articulo_id, claim_token, number, started_at, finished_at, outcome)
        SELECT id, articulo_id, 1, 1, started_at, completed_at, CASE WHEN completed_at IS NOT NULL THEN estado END
        FROM {QUEUE} WHERE claim_token = 1;
    INSERT INTO revelado.purchases (job_id, articulo_id, generation, claim_token, state, editor, model, prompt_version,
            prompt, source_sha256, estimate, cost, opened_at, closed_at)
        SELECT id, articulo_id, 1, 1, 'used', 'gemini', 'm', 'v1', 'p', '\\x00', 0.04, 0.04, started_at, completed_at
        FROM {QUEUE} WHERE estado = 'completed';
    INSERT INTO revelado.pictures (articulo_id, kind, url, job_id, source_url, host, published_at)
        SELECT articulo_id, 'result', 'http://cdn/' || id, id, imagen_url_original, 'cloudinary', completed_at
        FROM {QUEUE} WHERE estado = 'completed';
"""


@pytest.fixture(scope="module")
def engine(server_url: str, template: str) -> Iterator[Engine]:
    with one_database(server_url, template) as engine:
        run_sql(engine, _SEED)
        counts.fold(engine)
        vacuum(engine)
        yield engine


def vacuum(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def held(engine: Engine, count: int) -> list[Job]:
    found = rows(engine, f"SELECT id, articulo_id FROM {QUEUE} WHERE estado = 'processing' ORDER BY id LIMIT {count}")
    return [Job(row.id, row.articulo_id, "", "", "", 1, 3, "", 1) for row in found]


# ── workers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("limit", "pages"), [(1, 60), (10, 400)])
def test_a_claim_is_one_scan_of_its_lanes_index(engine: Engine, limit: int, pages: int) -> None:
    plan = plan_in(engine, lambda c: claim.claim(c, WORKER, limit))
    assert plan.statements == 1
    assert "queue_claim" in plan.indexes and QUEUE not in plan.scanned
    assert plan.filtered == 0 and plan.pages <= pages


def test_a_claim_behind_a_place_starts_there(engine: Engine) -> None:
    after = Position(0, COMPLETED + 3000, COMPLETED + 3000)
    plan = plan_in(engine, lambda c: claim.claim(c, WORKER, 10, after=after))
    assert plan.statements == 1
    assert "queue_claim" in plan.indexes and QUEUE not in plan.scanned
    assert plan.filtered == 0 and plan.pages <= 400


def test_the_economy_lane_has_its_own_index(engine: Engine) -> None:
    plan = plan_in(engine, lambda c: claim.claim(c, WORKER, 100, lane="economy"))
    assert "queue_claim_economy" in plan.indexes and QUEUE not in plan.scanned
    assert plan.filtered == 0 and plan.statements == 1


def test_a_claim_of_an_empty_lane_reads_next_to_nothing(engine: Engine) -> None:
    after = Position(0, 10**9, 10**9)
    assert plan_in(engine, lambda c: claim.claim(c, WORKER, 10, after=after)).pages <= 10


@pytest.mark.parametrize(("count", "pages"), [(1, 60), (100, 4000)])
def test_ending_is_by_primary_key(engine: Engine, count: int, pages: int) -> None:
    jobs = held(engine, count)
    plan = plan_in(engine, lambda c: finish.end_many(c, jobs, "completed"))
    assert plan.statements == 1
    assert {"image_processing_queue_pkey", "attempts_by_job"} <= plan.indexes
    assert not {QUEUE, "attempts"} & plan.scanned and plan.pages <= pages


def test_ending_and_claiming_is_one_statement_on_the_same_indexes(engine: Engine) -> None:
    jobs = held(engine, 10)
    plan = plan_in(engine, lambda c: finish.end_and_claim(c, jobs, "completed", WORKER, 10))
    assert plan.statements == 1
    assert {"image_processing_queue_pkey", "attempts_by_job", "queue_claim"} <= plan.indexes
    assert not {QUEUE, "attempts"} & plan.scanned and plan.pages <= 800


def test_a_heartbeat_touches_only_what_is_held(engine: Engine) -> None:
    ids = [found.id for found in held(engine, 10)]
    plan = plan_in(engine, lambda c: (claim.renew(c, WORKER, ids), claim.rescue(c), claim.wake_snoozed(c)))
    assert QUEUE not in plan.scanned and plan.pages <= 100


def test_dead_rows_that_nobody_may_take_away_do_not_slow_a_claim_behind_its_place(
    server_url: str, template: str
) -> None:
    with one_database(server_url, template) as engine, engine.connect() as old:
        run_sql(
            engine,
            f"INSERT INTO {QUEUE} (articulo_id, articulo_descripcion, estado, turn)"
            " SELECT n, repeat('x', 500), 'pending', n FROM generate_series(1, 3000) n",
        )
        vacuum(engine)
        fresh = plan_in(engine, lambda c: claim.claim(c, WORKER, 10))
        old.execution_options(isolation_level="REPEATABLE READ")
        old.execute(text("SELECT txid_current()"))
        for _ in range(10):
            with engine.begin() as connection:
                jobs = claim.claim(connection, WORKER, 100)
                finish.end_many(connection, jobs, "completed")
        after = Position(jobs[-1].prioridad, jobs[-1].turn, jobs[-1].id)
        from_front = plan_in(engine, lambda c: claim.claim(c, WORKER, 10))
        behind = plan_in(engine, lambda c: claim.claim(c, WORKER, 10, after=after))
        assert behind.pages <= fresh.pages * 1.2
        assert from_front.pages > fresh.pages * 1.2, "or the old transaction keeps nothing"


# ── screens ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("where", "before", "index"),
    [
        (HistoryFilter(), None, "image_processing_queue_pkey"),
        (HistoryFilter(), 1000, "image_processing_queue_pkey"),
        (HistoryFilter(estado="failed"), None, "queue_history"),
        (HistoryFilter(estado="failed"), 5000, "queue_history"),
        (HistoryFilter(estado="completed"), 20_000, "queue_history"),
        (HistoryFilter(batch_id=17), None, "image_processing_queue_pkey"),
    ],
    ids=["first", "deep", "failed", "failed-deep", "completed-deep", "batch"],
)
def test_a_page_of_the_history_costs_the_same_at_any_depth(
    engine: Engine, where: HistoryFilter, before: int | None, index: str
) -> None:
    plan = plan_of(engine, lambda: history.page(engine, where, before))
    assert plan.statements == 1
    assert index in plan.indexes and not {QUEUE, "purchases", "pictures", "articulos"} & plan.scanned
    assert plan.filtered <= 60 and plan.pages <= 800


def test_few_jobs_of_a_category_or_of_one_code_are_found_through_their_articles(engine: Engine) -> None:
    run_sql(engine, "INSERT INTO categorias (id, nombre) VALUES (77, 'Rara') ON CONFLICT DO NOTHING")
    run_sql(engine, "UPDATE articulos SET categoria_id = 77, codigo = 'TH-' || id WHERE id % 5000 = 7")
    run_sql(engine, "ANALYZE articulos")
    for where in (HistoryFilter(categoria_id=77), HistoryFilter(search="th-5007")):
        found = history.page(engine, where).rows
        assert {row.articulo_id for row in found} == ({7, *range(5007, 51000, 5000)} if where.categoria_id else {5007})
        assert history.count(engine, where) == len(found)
        plan = plan_of(engine, lambda: history.page(engine, where))  # noqa: B023 - called at once
        assert "idx_queue_articulo_id" in plan.indexes and not {QUEUE, "articulos"} & plan.scanned
        assert plan.pages <= 400


def test_the_jobs_of_who_queued_few_are_found_through_their_batches(engine: Engine) -> None:
    run_sql(engine, "UPDATE revelado.batches SET user_name = 'Rara' WHERE id IN (3, 450)")
    run_sql(engine, "ANALYZE revelado.batches")
    found = history.page(engine, HistoryFilter(person="Rara"), None, 500).rows
    assert {row.batch_id for row in found} == {3, 450} and len(found) == 200
    plan = plan_of(engine, lambda: history.page(engine, HistoryFilter(person="Rara"), None, 500))
    assert "image_processing_queue_pkey" in plan.indexes and QUEUE not in plan.scanned
    assert plan.filtered <= 1000


def test_counting_reads_no_job(engine: Engine) -> None:
    with engine.connect() as connection:
        counted = counts.read(connection)
        plan = plan_of(engine, lambda: counts.read(connection))
        connection.rollback()
        of_batch = plan_of(engine, lambda: counts.read(connection, 500))
    assert counted.total == COMPLETED + PENDING + SNOOZED + PROCESSING + ECONOMY
    assert plan.pages <= 20 and of_batch.pages <= 20
    assert not any(name.startswith("queue_") or name.startswith("idx_") for name in plan.indexes)


def test_the_whole_page_of_progress_is_one_statement(engine: Engine) -> None:
    with statements_of(engine) as seen:
        stats.overview(engine, "America/Bogota")
    assert len([said for said, _ in seen if not said.startswith(("SET ", "PREPARE "))]) == 1
    plan = explained(engine, seen)
    assert QUEUE not in plan.scanned and "purchases" not in plan.scanned
    assert plan.pages <= 600


def test_enqueuing_looks_at_the_front_by_an_index(engine: Engine) -> None:
    ids = [row.id for row in rows(engine, "SELECT id FROM articulos WHERE id > 50800 ORDER BY id LIMIT 50")]
    asked = {
        "ids": ids, "asked": len(ids), "prioridad": 0, "max_intentos": 3, "batch_id": 500, "lane": "normal", "fresh": False,
        "trial": False, "recipe": None, "note": None, "pilot": 0,
    }  # fmt: skip
    plan = plan_in(engine, lambda c: c.execute(ENQUEUE, asked))
    assert "queue_claim" in plan.indexes and QUEUE not in plan.scanned
    assert plan.filtered == 0 and plan.pages <= 3000


@pytest.mark.parametrize(("lane", "index"), [("normal", "queue_claim"), ("economy", "queue_claim_economy")])
def test_the_plan_for_enqueuing_a_few_looks_at_the_front_by_an_index(engine: Engine, lane: str, index: str) -> None:
    ids = [row.id for row in rows(engine, "SELECT id FROM articulos WHERE id > 50860 ORDER BY id LIMIT 2")]
    asked = {
        "ids": f"{{{ids[0]},{ids[1]}}}", "asked": 2, "prioridad": 0, "max_intentos": 3, "batch_id": 500, "lane": lane,
        "fresh": False, "trial": False, "recipe": None, "note": None, "pilot": 0,
    }  # fmt: skip
    plan = plan_in(engine, lambda c: ENQUEUE_FEW[lane].all(c, asked))
    assert index in plan.indexes and QUEUE not in plan.scanned
    assert plan.filtered == 0 and plan.pages <= 300


def test_failures_by_cause_read_the_failed_alone(engine: Engine) -> None:
    plan = plan_of(engine, lambda: failures.groups(engine))
    assert plan.statements == 1
    assert "queue_failures" in plan.indexes and QUEUE not in plan.scanned
    assert plan.pages <= 6000  # 900 that failed, each looked up once among its article's jobs
