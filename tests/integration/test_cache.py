"""The same photo with the same instructions is bought once, and never shown after it was deleted."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from sqlalchemy import Connection, Engine, text

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.pipeline import cache, checkpoints, outbox, purchases
from core.pipeline.cache import Wanted
from core.providers.ports import RawAnswer
from core.queue import claim, finish, limits, manage
from core.queue.enqueue import enqueue
from core.queue.jobs import Job
from tests.emulators import faults
from tests.emulators.fixtures import Emulators
from tests.integration.counter import PRICE, at_once, close, held_jobs, intend, until_blocked
from tests.integration.workshop import bought, work
from tests.shop import article, category, job, one, photo, rows, run_sql

# ── through the whole pipeline ──────────────────────────────────────────────────────────────────────────────────────


def twins(app: WorkerApp, emulators: Emulators, operator: Actor) -> list[int]:
    """Jobs of two articles with the same name and photo."""
    url = emulators.photos.add_photo("clavo.jpg", photo())
    shelf = category(app.engine)
    ids = [article(app.engine, "Clavo 2 pulgadas", url, categoria_id=shelf) for _ in range(2)]
    return [added.queue_id for added in enqueue(app.engine, operator, ids, origin="panel").added]


def again(app: WorkerApp, operator: Actor, job_id: int, *, fresh: bool = False) -> int:
    articulo = job(app.engine, job_id).articulo_id
    return enqueue(app.engine, operator, [articulo], origin="panel", fresh=fresh).added[0].queue_id


def test_the_same_article_again_is_reused_for_nothing(
    app: WorkerApp, queued: int, emulators: Emulators, operator: Actor
) -> None:
    work(app)
    second = again(app, operator, queued)
    work(app)
    done = job(app.engine, second)
    assert (done.estado, done.imagen_url_procesada) == ("completed", job(app.engine, queued).imagen_url_procesada)
    assert bought(emulators) == 1
    ledger = rows(
        app.engine, "SELECT state, coalesce(cost, estimate) AS usd, saving FROM revelado.purchases ORDER BY id"
    )
    assert [row.state for row in ledger] == ["used", "reused"]
    assert ledger[0].usd > 0 and ledger[1].usd == 0 and ledger[1].saving > 0
    assert one(app.engine, "SELECT sum(calls) AS n FROM revelado.spend").n == 1, "a picture used again is no call"


def test_two_articles_with_one_photo_and_one_name_buy_one_picture(
    app: WorkerApp, emulators: Emulators, operator: Actor
) -> None:
    jobs = twins(app, emulators, operator)
    work(app)
    work(app)
    urls = {job(app.engine, job_id).imagen_url_procesada for job_id in jobs}
    assert len(urls) == 1 and None not in urls
    assert bought(emulators) == 1


def test_two_at_once_make_one_purchase_and_the_second_waits_without_an_attempt(
    app: WorkerApp, emulators: Emulators, operator: Actor
) -> None:
    first, second = twins(app, emulators, operator)
    emulators.gemini.add_faults(faults.held("before", route="generate", times=1))
    running = threading.Thread(target=work, args=(app,))
    running.start()
    emulators.gemini.wait(held=1, timeout=30)
    work(app)
    waiting = job(app.engine, second)
    assert (waiting.estado, waiting.intentos, waiting.error_code) == ("pending", 0, "being_made")
    emulators.gemini.release()
    running.join()
    work(app)
    assert job(app.engine, first).estado == job(app.engine, second).estado == "completed"
    assert bought(emulators) == 1


def test_a_new_generation_is_bought_when_asked_for(
    app: WorkerApp, queued: int, emulators: Emulators, operator: Actor
) -> None:
    work(app)
    second = again(app, operator, queued, fresh=True)
    work(app)
    assert job(app.engine, second).estado == "completed"
    assert bought(emulators) == 2


def test_another_name_is_another_picture(app: WorkerApp, queued: int, emulators: Emulators, operator: Actor) -> None:
    work(app)
    run_sql(app.engine, "UPDATE articulos SET nombre = 'Otro nombre'")
    again(app, operator, queued)
    work(app)
    assert bought(emulators) == 2


def test_a_deleted_picture_is_not_used_again(
    app: WorkerApp, queued: int, emulators: Emulators, operator: Actor
) -> None:
    work(app)
    run_sql(app.engine, "UPDATE revelado.pictures SET deleted_at = now() WHERE kind = 'result'")
    second = again(app, operator, queued)
    work(app)
    assert job(app.engine, second).estado == "completed"
    assert bought(emulators) == 2


# ── two connections ─────────────────────────────────────────────────────────────────────────────────────────────────

WANTED = Wanted("gemini", "gemini-2.5-flash-image", "v1", "prompt", "1", b"\1" * 32)
URL = "http://cdn/made.jpg"


class Cloud:
    """A host that remembers what it was told to delete."""

    name = "cloudinary"

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def delete(self, public_id: str) -> bool:
        self.deleted.append(public_id)
        return True


@pytest.fixture
def picture(engine: Engine) -> int:
    """The id of a superseded picture that no article shows."""
    run_sql(
        engine,
        "INSERT INTO revelado.pictures (articulo_id, kind, url, source_url, host, public_id, cache_key)"
        " VALUES (:a, 'result', :url, 'http://shop/o.jpg', 'cloudinary', 'catalogo/1', :key)",
        a=article(engine),
        url=URL,
        key=WANTED.key,
    )
    return int(one(engine, "SELECT id FROM revelado.pictures").id)


def begun(engine: Engine) -> Job:
    [held] = held_jobs(engine, 1)
    with engine.begin() as connection:
        checkpoints.begin(connection, held)
    return held


def reuse(connection: Connection, held: Job) -> bool:
    limits.lock(connection)
    return cache.reuse(connection, held, checkpoints.load(connection, held), WANTED, PRICE)


def test_a_picture_that_is_about_to_be_used_again_is_not_deleted(engine: Engine, picture: int) -> None:
    held, cloud = begun(engine), Cloud()
    deletion = threading.Thread(target=outbox.deletion(cloud), args=(engine, {"picture_id": picture}))  # type: ignore[arg-type]
    with engine.begin() as connection:
        assert reuse(connection, held)
        deletion.start()
        until_blocked(engine, deletion)
    deletion.join()
    assert cloud.deleted == []
    assert one(engine, "SELECT deleted_at FROM revelado.pictures WHERE id = :id", id=picture).deleted_at is None


def test_a_picture_that_is_being_deleted_is_not_used_again(engine: Engine, picture: int) -> None:
    held, found = begun(engine), list[bool]()

    def try_to_reuse() -> None:
        with engine.begin() as connection:
            found.append(reuse(connection, held))

    late = threading.Thread(target=try_to_reuse)
    with engine.begin() as connection:
        assert outbox._mark_superseded(connection, Cloud(), picture)  # type: ignore[arg-type]
        late.start()
        until_blocked(engine, late)
    late.join()
    assert found == [False]
    assert rows(engine, "SELECT * FROM revelado.purchases WHERE state = 'reused'") == []


def test_of_sixteen_equal_wishes_one_is_bought(engine: Engine) -> None:
    jobs = held_jobs(engine, 16)
    for held in jobs:
        with engine.begin() as connection:
            checkpoints.begin(connection, held)

    def wish(number: int) -> str:
        with engine.begin() as connection:
            try:
                assert not reuse(connection, jobs[number])
            except cache.BeingMade:
                return "waits"
            _open(connection, jobs[number])
            return "buys"

    ends = at_once(wish)
    assert sorted(ends) == ["buys"] + ["waits"] * 15


def _open(connection: Connection, held: Job) -> None:
    connection.execute(
        text(
            "INSERT INTO revelado.purchases (job_id, generation, claim_token, editor, model, prompt_version, prompt,"
            " source_sha256, estimate, cache_key) VALUES (:job, 1, :token, 'gemini', 'm', 'v1', 'p', :source, 0.04, :key)"
        ),
        {"job": held.id, "token": held.claim_token, "source": WANTED.source_sha256, "key": WANTED.key},
    )


def test_who_waits_for_a_dead_worker_buys_after_its_lease(engine: Engine) -> None:
    dead, waiting = begun(engine), begun(engine)
    with engine.begin() as connection:
        _open(connection, dead)
    with engine.connect() as connection, pytest.raises(cache.BeingMade):
        reuse(connection, waiting)
    run_sql(engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 s' WHERE id = :i", i=dead.id)
    with engine.begin() as connection:
        assert not reuse(connection, waiting)


def answered(engine: Engine, held: Job) -> int:
    purchase_id = intend(engine, held)
    with engine.begin() as connection:
        purchases.store_answer(connection, purchase_id, RawAnswer(b'{"paid": true}', "application/json"))
    return purchase_id


def test_the_answer_of_a_cancelled_job_serves_whoever_wants_the_same(engine: Engine, operator: Actor) -> None:
    held, other = begun(engine), begun(engine)
    purchase_id = answered(engine, held)
    with engine.begin() as connection:
        finish.end(connection, held, "released")
    assert manage.cancel(engine, operator, job_ids=[held.id]) == 1
    key = bytes(one(engine, "SELECT cache_key FROM revelado.purchases").cache_key)
    with engine.begin() as connection:
        found = purchases.held_answer(connection, other, checkpoints.load(connection, other), key)
    assert found and found.purchase_id == purchase_id and found.answer.body == b'{"paid": true}'


def test_an_answer_is_taken_over_by_one_job_only(engine: Engine) -> None:
    held, *others = (begun(engine) for _ in range(9))
    answered(engine, held)
    with engine.begin() as connection:
        finish.end(connection, held, "failed", failure=finish.Failure("x", "x"))
    key = bytes(one(engine, "SELECT cache_key FROM revelado.purchases").cache_key)

    def ask(number: int) -> bool:
        with engine.begin() as connection:
            limits.lock(connection)
            other = others[number]
            return purchases.held_answer(connection, other, checkpoints.load(connection, other), key) is not None

    assert sum(at_once(ask, threads=8)) == 1


def test_a_late_answer_reaches_the_rightful_run(engine: Engine) -> None:
    late = begun(engine)
    purchase_id = intend(engine, late)
    run_sql(engine, "UPDATE image_processing_queue SET lease_until = now() - interval '1 s'")
    with engine.begin() as connection:
        claim.rescue(connection, lease=0.001)
        [rightful] = claim.claim(connection, claim.UUID(int=9))
        purchases.store_answer(connection, purchase_id, RawAnswer(b"late", "application/json"))
        checkpoint = checkpoints.begin(connection, rightful)
        found = purchases.held_answer(connection, rightful, checkpoint, b"k")
    assert found and found.answer.body == b"late"


def test_a_late_answer_waits_for_who_is_at_the_gate(engine: Engine) -> None:
    late, buyer = begun(engine), begun(engine)
    purchase_id = intend(engine, late)

    def store() -> None:
        with engine.begin() as connection:
            purchases.store_answer(connection, purchase_id, RawAnswer(b"late", "application/json"))

    storing = threading.Thread(target=store)
    with engine.begin() as connection:
        limits.lock(connection)
        storing.start()
        until_blocked(engine, storing)
        assert storing.is_alive(), "whoever looks for an answer behind the gate must not miss one by a moment"
        _open(connection, buyer)
    storing.join()
    first, second = rows(engine, "SELECT opened_at, closed_at FROM revelado.purchases ORDER BY id")
    assert first.closed_at > second.opened_at


def test_the_answer_of_an_earlier_start_of_the_same_job_is_used(engine: Engine) -> None:
    held = begun(engine)
    purchase_id = answered(engine, held)
    key = bytes(one(engine, "SELECT cache_key FROM revelado.purchases").cache_key)
    run_sql(engine, "DELETE FROM revelado.checkpoints")  # as when the article shows another picture since
    with engine.begin() as connection:
        checkpoint = checkpoints.begin(connection, held)
        found = purchases.held_answer(connection, held, checkpoint, key)
    assert checkpoint.generation == 2
    assert found and found.purchase_id == purchase_id
    with engine.begin() as connection:
        assert checkpoints.load(connection, held).generation == 2, "its own checkpoint stays"


def test_a_reused_picture_counts_in_no_limit(engine: Engine, picture: int) -> None:
    held = begun(engine)
    with engine.begin() as connection:
        assert reuse(connection, held)
    row = one(engine, "SELECT sum(amount) AS usd, sum(calls) AS calls, sum(saved) AS saved FROM revelado.spend")
    assert (row.usd, row.calls, row.saved) == (Decimal(0), 0, PRICE)
    [other] = held_jobs(engine, 1)
    close(engine, intend(engine, other))
