"""The economy lane: many pictures through one batch at half price, never ordered twice, none of them lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import pytest
from google.genai import types
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.inspect.studio import Studio
from core.money import prices
from core.pipeline import economy, economy_submit
from core.pipeline.economy import EconomyLane
from core.pipeline.economy_tools import Pace
from core.pipeline.heartbeat import Heartbeat
from core.pipeline.workshop import Workshop
from core.providers import gemini_client
from core.providers.gemini_batch import GeminiBatchEditor
from core.providers.ports import EditRequest
from core.queue import claim, pause
from core.queue.enqueue import enqueue
from tests.emulators import faults
from tests.emulators.faults import Fault
from tests.emulators.fixtures import Emulators
from tests.emulators.gemini_request import camel
from tests.integration.workshop import work
from tests.shop import article, job, one, photo, rows, run_sql

AT_ONCE = Pace(gather=60, settle=0, first_look=0, longest_look=0)
SENDS_ONLY = Pace(gather=60)


@pytest.fixture
def batches(app: WorkerApp) -> Iterator[GeminiBatchEditor]:
    settings = app.settings
    editor = GeminiBatchEditor(settings.gemini_api_key or "", settings.gemini_model, settings.gemini_base_url)
    yield editor
    editor.close()


@pytest.fixture
def shop(app: WorkerApp) -> Iterator[Workshop]:
    studio, stop = Studio(), threading.Event()
    yield Workshop(
        engine=app.engine,
        editor=app.editor,
        cutter=app.cutter,
        host=app.host,
        local_host=app.local_host,
        fetcher=app.fetcher,
        studio=studio,
        timezone="UTC",
        legacy_base=None,
        stopping=stop.is_set,
        must_leave=stop.is_set,
        next_for=lambda: None,
        rest=stop.wait,
    )
    studio.close()


def a_lane(shop: Workshop, batches: GeminiBatchEditor | None, pace: Pace = AT_ONCE) -> EconomyLane:
    """That of one more worker."""
    worker = uuid4()
    return EconomyLane(shop, batches, worker, Heartbeat(shop.engine, worker, "gemini", "m"), pace)


@pytest.fixture
def lane(shop: Workshop, batches: GeminiBatchEditor) -> EconomyLane:
    return a_lane(shop, batches)


def enqueued(app: WorkerApp, emulators: Emulators, actor: Actor, count: int) -> list[int]:
    """The ids of jobs of the economy lane that have waited long enough."""
    url = emulators.photos.add_photo("tornillo.jpg", photo(size=(320, 240)))
    ids = [article(app.engine, f"Tornillo {n}", imagen_url=url) for n in range(count)]
    added = enqueue(app.engine, actor, ids, origin="panel", lane="economy").added
    run_sql(app.engine, "UPDATE image_processing_queue SET created_at = now() - interval '1 hour'")
    return [new.queue_id for new in added]


def states(engine: Engine) -> list[tuple[str, int]]:
    return [(r.state, r.items) for r in rows(engine, "SELECT state, items FROM revelado.submissions ORDER BY id")]


def purchases(engine: Engine) -> dict[str, int]:
    found = rows(engine, "SELECT state, count(*) AS n FROM revelado.purchases GROUP BY state")
    return {row.state: row.n for row in found}


def ended(lane: EconomyLane, most: int = 20) -> None:
    """Step by step until every submission is at its end."""
    for _ in range(most):
        lane.step()
        with lane._shop.engine.connect() as connection:
            if economy.seconds_until_due(connection) is None:
                return
    raise AssertionError("never at its end")


# ── the happy way ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_three_articles_get_their_pictures_at_half_the_price(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 3)
    lane.step()
    waiting = job(app.engine, ids[0])
    assert (waiting.estado, waiting.stage, waiting.worker_id) == ("processing", "economy", None)
    assert emulators.gemini.count("batch_create") == 1 and emulators.gemini.ledger() == []
    ended(lane)
    for job_id in ids:
        back = job(app.engine, job_id)
        assert (back.estado, back.lane, back.intentos) == ("pending", "normal", 0)
    for _ in ids:
        work(app)
    assert {job(app.engine, job_id).estado for job_id in ids} == {"completed"}
    assert emulators.gemini.count("generate") == 0
    bills = emulators.gemini.ledger()
    assert len(bills) == 3 and all(bill["tier"] == "batch" for bill in bills)
    booked = one(
        app.engine, "SELECT sum(cost) AS cost, sum(saving) AS saving FROM revelado.purchases WHERE state = 'used'"
    )
    assert abs(booked.cost - sum(Decimal(bill["cost_usd"]) for bill in bills)) < Decimal("0.00001")
    assert booked.saving == booked.cost
    assert one(app.engine, "SELECT sum(amount) AS usd FROM revelado.spend").usd == booked.cost
    assert one(app.engine, "SELECT sum(cost) AS usd FROM revelado.pictures").usd == booked.cost
    assert emulators.gemini.count("file_delete") == 2


def test_the_wait_of_a_batch_costs_no_lease_and_no_rescue_takes_its_jobs(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 1)
    lane.step()
    with app.engine.begin() as connection:
        assert claim.rescue(connection, lease=0) == []


def test_nothing_is_sent_before_the_first_has_waited(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 2)
    run_sql(app.engine, "UPDATE image_processing_queue SET created_at = now()")
    assert not lane.step()
    with app.engine.connect() as connection:
        due = economy.seconds_until_due(connection)
    assert due is not None and 590 < due <= 600
    assert states(app.engine) == []


def test_more_than_a_hundred_go_in_several_batches(
    app: WorkerApp, shop: Workshop, batches: GeminiBatchEditor, emulators: Emulators, operator: Actor
) -> None:
    run_sql(app.engine, "INSERT INTO revelado.settings VALUES ('daily_budget', '0', now(), 't')")
    enqueued(app, emulators, operator, 250)
    lane = a_lane(shop, batches, SENDS_ONLY)
    while lane.step():
        continue
    assert states(app.engine) == [("submitted", 100), ("submitted", 100), ("submitted", 50)]
    assert emulators.gemini.count("batch_create") == 3
    assert purchases(app.engine) == {"open": 250}


def test_an_item_asks_for_the_same_as_a_single_call(app: WorkerApp, emulators: Emulators) -> None:
    request = EditRequest(b"\xff\xd8\xff\xfe\xfa", "image/jpeg", "Fondo blanco: «ñ»", app.editor.model)
    emulators.gemini.add_faults(faults.overloaded())
    with pytest.raises(Exception, match="sobrecargado"):
        app.editor.buy(request)
    sent = emulators.gemini.requests("generate")[0]["json"]
    assert camel(sent) == camel(gemini_client.body(request, squared=True))


def test_the_offer_names_both_prices_and_the_saving() -> None:
    offer = prices.compare("gemini-nano-banana-2.1", 100)
    assert (offer.normal, offer.economy, offer.saving) == (Decimal("3.36"), Decimal("1.68"), Decimal("1.68"))


def test_an_editor_without_batches_does_them_like_any_other(
    app: WorkerApp, shop: Workshop, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 1)
    assert a_lane(shop, None).step()
    assert job(app.engine, ids[0]).lane == "normal"


def test_work_off_returns_at_once_and_does_it_beside(
    app: WorkerApp, shop: Workshop, batches: GeminiBatchEditor, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 1)
    emulators.gemini.add_faults(Fault(route="batch_create", hang=True))
    lane = a_lane(shop, batches, SENDS_ONLY)
    lane.work_off()
    emulators.gemini.wait(held=1, timeout=30)
    assert states(app.engine) == [("preparing", 1)]
    emulators.gemini.release()
    lane.close(30)
    assert states(app.engine) == [("submitted", 1)]


# ── crashes and lost answers ────────────────────────────────────────────────────────────────────────────────────────


class Killed(BaseException):
    pass


def killed(*_: object, **__: object) -> None:
    raise Killed


def test_a_crash_before_the_name_was_stored_adopts_the_batch(
    app: WorkerApp,
    shop: Workshop,
    batches: GeminiBatchEditor,
    emulators: Emulators,
    operator: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    with monkeypatch.context() as patched:
        patched.setattr(economy_submit, "_ordered", killed)
        with pytest.raises(Killed):
            a_lane(shop, batches).step()
    assert states(app.engine) == [("preparing", 2)]
    other = a_lane(shop, batches)
    assert not other.step(), "the lease of who sent it stands"
    run_sql(app.engine, "UPDATE revelado.submissions SET poll_after = now()")
    ended(other)
    assert states(app.engine) == [("done", 2)]
    assert emulators.gemini.count("batch_create") == 1 and len(emulators.gemini.ledger()) == 2
    assert {job(app.engine, i).estado for i in ids} == {"pending"} and purchases(app.engine) == {"answered": 2}


def test_a_crash_before_the_order_buys_nothing_and_gives_the_jobs_back(
    app: WorkerApp,
    shop: Workshop,
    batches: GeminiBatchEditor,
    emulators: Emulators,
    operator: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    with monkeypatch.context() as patched:
        patched.setattr(batches, "create", killed)
        with pytest.raises(Killed):
            a_lane(shop, batches).step()
    run_sql(app.engine, "UPDATE revelado.submissions SET poll_after = now()")
    a_lane(shop, batches).step()
    assert states(app.engine) == [("failed", 2)] and purchases(app.engine) == {"free": 2}
    back = job(app.engine, ids[0])
    assert (back.estado, back.lane, back.intentos) == ("pending", "economy", 0)
    assert emulators.gemini.count("file_delete") == 1
    assert one(app.engine, "SELECT sum(amount) AS usd FROM revelado.spend").usd == 0


def test_a_crash_while_gathering_goes_on_with_what_was_gathered(
    app: WorkerApp,
    shop: Workshop,
    batches: GeminiBatchEditor,
    emulators: Emulators,
    operator: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enqueued(app, emulators, operator, 2)
    with monkeypatch.context() as patched:
        patched.setattr(batches, "upload", killed)
        with pytest.raises(Killed):
            a_lane(shop, batches).step()
    assert states(app.engine) == [("preparing", 2)] and purchases(app.engine) == {"open": 2}
    a_lane(shop, batches).step()
    assert states(app.engine) == [("submitted", 2)] and emulators.gemini.count("batch_create") == 1


def test_an_unanswered_order_is_looked_for_and_not_repeated(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 2)
    emulators.gemini.add_faults(faults.billed_but_cut(route="batch_create"))
    lane.step()
    assert states(app.engine) == [("preparing", 2)]
    ended(lane)
    assert states(app.engine) == [("done", 2)]
    assert emulators.gemini.count("batch_create") == 1 and len(emulators.gemini.ledger()) == 2


def test_an_order_that_never_arrived_is_given_up_and_made_again(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 1)
    emulators.gemini.add_faults(faults.dropped(route="batch_create"))
    lane.step()
    lane.step()
    assert states(app.engine) == [("failed", 1)]
    lane.step()
    assert states(app.engine) == [("failed", 1), ("submitted", 1)]
    assert job(app.engine, ids[0]).intentos == 1


def test_one_worker_at_a_time(
    app: WorkerApp, shop: Workshop, batches: GeminiBatchEditor, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 1)
    emulators.gemini.add_faults(Fault(route="file_upload", hang=True))
    first = threading.Thread(target=a_lane(shop, batches).step)
    first.start()
    emulators.gemini.wait(held=1, timeout=30)
    assert not a_lane(shop, batches).step()
    emulators.gemini.release()
    first.join(30)
    assert states(app.engine) == [("submitted", 1)]


# ── what Google may answer ──────────────────────────────────────────────────────────────────────────────────────────


def test_each_item_ends_as_a_single_call_would(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 5)
    emulators.gemini.add_faults(
        Fault(
            route="batch_item", contains="Tornillo 0", kind="status", status=3, body="Unable to process input image."
        ),
        Fault(route="batch_item", contains="Tornillo 1", kind="status", status=13, body="Internal error."),
        Fault(route="batch_item", contains="Tornillo 2", shape="finish:IMAGE_SAFETY"),
        Fault(route="batch_item", contains="Tornillo 3", shape="text_only"),
    )
    ended(lane)
    jobs = [job(app.engine, job_id) for job_id in ids]
    assert [(j.estado, j.lane, j.error_code) for j in jobs] == [
        ("failed", "economy", "gemini_photo"),
        ("pending", "economy", "gemini_overloaded"),
        ("failed", "economy", "refused_result"),
        ("pending", "economy", "text_only"),
        ("pending", "normal", None),
    ]
    assert purchases(app.engine) == {"free": 2, "useless": 2, "answered": 1}
    words = one(app.engine, "SELECT cost FROM revelado.purchases WHERE state = 'useless' AND cost > 0")
    billed = [b for b in emulators.gemini.ledger() if "Tornillo 3" in b["prompt"]]
    assert words.cost == Decimal(billed[0]["cost_usd"]).quantize(Decimal("0.000001"))
    assert states(app.engine) == [("done", 5)]


def test_an_option_that_google_does_not_know_is_left_out_the_next_time(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 1)
    unknown = "Invalid JSON payload received. Unknown name \"imageConfig\" at 'generation_config': Cannot find field."
    emulators.gemini.add_faults(
        Fault(route="batch_item", contains="imageConfig", kind="status", status=3, body=unknown, times=0)
    )
    ended(lane)
    assert job(app.engine, ids[0]).error_code == "gemini_batch_words"
    run_sql(app.engine, "UPDATE image_processing_queue SET run_after = NULL")
    ended(lane)
    assert purchases(app.engine) == {"free": 1, "answered": 1}


def test_nothing_is_sent_while_a_person_pauses_and_what_was_gathered_goes_afterwards(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 1)
    emulators.gemini.add_faults(Fault(route="file_upload", hang=True))
    sending = threading.Thread(target=lane.step)
    sending.start()
    emulators.gemini.wait(held=1, timeout=30)
    pause.pause(app.engine, operator, "Revisamos la luz")
    emulators.gemini.release()
    sending.join(30)
    assert emulators.gemini.count("batch_create") == 0 and states(app.engine) == [("preparing", 1)]
    assert not lane.step()
    pause.resume(app.engine, operator)
    lane.step()
    assert states(app.engine) == [("submitted", 1)]


def test_an_item_missing_from_the_results_is_doubtful_and_comes_again_once(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    emulators.gemini.add_faults(Fault(route="batch_item", contains="Tornillo 0", kind="billed_cut", times=0))
    ended(lane)
    missing = job(app.engine, ids[0])
    assert (missing.estado, missing.lane, missing.error_code) == ("pending", "economy", "economy_item_missing")
    assert purchases(app.engine) == {"doubtful": 1, "answered": 1}
    for _ in range(2):
        run_sql(app.engine, "UPDATE image_processing_queue SET run_after = NULL")
        ended(lane)
    failed = job(app.engine, ids[0])
    assert (failed.estado, failed.error_code) == ("failed", "doubtful_purchase")
    assert emulators.gemini.count("batch_create") == 2


def test_results_that_can_not_be_fetched_now_are_fetched_later(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    enqueued(app, emulators, operator, 2)
    emulators.gemini.add_faults(Fault(route="file_download", kind="cut_body"), faults.overloaded(route="file_download"))
    ended(lane)
    assert states(app.engine) == [("done", 2)] and len(emulators.gemini.ledger()) == 2
    assert purchases(app.engine) == {"answered": 2}


def remote_name(engine: Engine) -> str:
    return str(one(engine, "SELECT remote_name FROM revelado.submissions").remote_name)


def test_an_expired_batch_costs_nothing_and_offers_the_normal_lane(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    emulators.gemini.set(batch_hold=True)
    lane.step()
    emulators.gemini.force_batch(remote_name(app.engine), "BATCH_STATE_EXPIRED")
    ended(lane)
    failed = job(app.engine, ids[0])
    assert (failed.estado, failed.error_code) == ("failed", "economy_expired")
    assert "vía normal" in failed.error_message
    assert states(app.engine) == [("failed", 2)] and purchases(app.engine) == {"free": 2}


def test_a_failed_batch_may_have_cost_something(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 1)
    emulators.gemini.set(batch_hold=True)
    lane.step()
    emulators.gemini.force_batch(remote_name(app.engine), "BATCH_STATE_FAILED")
    ended(lane)
    assert job(app.engine, ids[0]).error_code == "economy_failed" and purchases(app.engine) == {"doubtful": 1}


def test_a_stuck_batch_is_cancelled_and_only_then_given_up(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 1)
    emulators.gemini.set(batch_hold=True)
    lane.step()
    lane.step()
    assert emulators.gemini.count("batch_cancel") == 0
    run_sql(app.engine, "UPDATE revelado.submissions SET submitted_at = now() - interval '27 hours'")
    lane.step()
    assert emulators.gemini.count("batch_cancel") == 1
    assert job(app.engine, ids[0]).estado == "processing"
    ended(lane)
    failed = job(app.engine, ids[0])
    assert (failed.estado, failed.error_code) == ("failed", "economy_expired")
    assert purchases(app.engine) == {"free": 1}


def test_a_batch_that_google_never_ends_is_given_up_after_days(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 1)
    emulators.gemini.add_faults(faults.overloaded(route="batch_get", times=0))
    lane.step()
    lane.step()
    assert job(app.engine, ids[0]).estado == "processing"
    run_sql(app.engine, "UPDATE revelado.submissions SET submitted_at = now() - interval '61 hours'")
    ended(lane)
    assert job(app.engine, ids[0]).error_code == "economy_lost" and purchases(app.engine) == {"doubtful": 1}


def test_a_refused_order_fails_its_jobs_for_nothing(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    emulators.gemini.add_faults(faults.unprocessable_image(route="batch_create"))
    ended(lane)
    failed = job(app.engine, ids[0])
    assert (failed.estado, failed.error_code) == ("failed", "economy_refused")
    assert purchases(app.engine) == {"free": 2} and emulators.gemini.count("file_delete") == 1


@pytest.mark.parametrize("route", ["batch_create", "file_upload"])
def test_too_many_orders_pause_the_queue_and_give_the_jobs_back(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor, route: str
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    emulators.gemini.add_faults(faults.rate_limited("38.5s", route=route))
    lane.step()
    with app.engine.connect() as connection:
        standing = pause.current(connection)
    assert standing and standing.reason_code == "gemini_busy"
    back = job(app.engine, ids[0])
    assert (back.estado, back.lane, back.intentos) == ("pending", "economy", 0)
    assert states(app.engine) == [("failed", 2)] and purchases(app.engine) == {"free": 2}
    assert not lane.step(), "nothing is sent during the pause"


def test_at_the_cap_what_was_reserved_goes_and_the_rest_waits(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    run_sql(app.engine, "INSERT INTO revelado.settings VALUES ('daily_budget', '0.05', now(), 't')")
    ids = enqueued(app, emulators, operator, 4)
    lane.step()
    assert states(app.engine) == [("submitted", 2)] and emulators.gemini.count("batch_create") == 1
    assert [job(app.engine, i).estado for i in ids] == ["processing", "processing", "pending", "pending"]
    assert [job(app.engine, i).intentos for i in ids[2:]] == [0, 0]
    with app.engine.connect() as connection:
        standing = pause.current(connection)
    assert standing and standing.reason_code == "budget_day"
    for _ in range(3):
        lane.step()  # results come in during the pause, too
    assert states(app.engine) == [("done", 2)]


def test_a_photo_that_can_not_be_read_is_no_item(
    app: WorkerApp, lane: EconomyLane, emulators: Emulators, operator: Actor
) -> None:
    ids = enqueued(app, emulators, operator, 2)
    broken = emulators.photos.add_photo("roto.jpg", b"<html>")
    run_sql(
        app.engine,
        "UPDATE articulos SET imagen_url = :u WHERE id = :id",
        u=broken,
        id=job(app.engine, ids[0]).articulo_id,
    )
    lane.step()
    assert job(app.engine, ids[0]).error_code == "not_an_image"
    assert states(app.engine) == [("submitted", 1)]


def test_a_batch_editor_finds_only_its_own_name(batches: GeminiBatchEditor) -> None:
    client = batches._client
    body = [{"contents": [types.Part.from_text(text="x")]}]
    for n in range(3):
        client.batches.create(model=batches.model, src=body, config={"display_name": f"lote-{n}"})
    assert batches.find("lote-1") is not None and batches.find("lote") is None
