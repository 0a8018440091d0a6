"""Every picture an article had: what is told of each, who may show one again, and which are deleted when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.catalog import superseded
from core.errors import NotAllowed, NotFound
from core.pipeline import outbox
from core.providers.local_host import LocalHost
from core.review import decide, refusals, versions
from tests.integration.review_shop import (
    ALICIA,
    ANA,
    BRUNO,
    CARLA,
    batch,
    case,
    decisions,
    original,
    picture,
    promised,
    result,
    shows,
)
from tests.shop import article, run_sql

WorkOff = Callable[[], int]


@pytest.fixture
def work_off(engine: Engine, tmp_path: Path) -> WorkOff:
    host = LocalHost(tmp_path / "fotos", "")
    return lambda: outbox.work_off(engine, {"delete_superseded": outbox.deletion(host)})


def grace_is_over(engine: Engine) -> None:
    run_sql(engine, "UPDATE revelado.outbox SET run_after = now() - interval '1 second'")


def gone(engine: Engine, picture_id: int) -> bool:
    return picture(engine, picture_id).deleted_at is not None


@pytest.fixture
def replaced(engine: Engine) -> tuple[int, int, int]:
    """(an article, its picture before, its picture now), both ours, the first promised to go."""
    articulo = article(engine, imagen_url="http://shop/raw.jpg")
    original(engine, articulo, "http://shop/raw.jpg")
    old = result(engine, articulo, "http://cdn/old.jpg", shown=True)
    new = result(engine, articulo, "http://cdn/new.jpg", review="awaiting", source_url="http://shop/raw.jpg")
    decide.approve(engine, ANA, new)
    return articulo, old, new


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_version_tells_where_it_came_from_what_it_cost_and_who_decided(engine: Engine) -> None:
    lote = batch(engine, ANA)
    report = {"findings": [{"code": "low_confidence", "params": {}}]}
    made = case(engine, batch_id=lote, cost="0.039", model="gemini-x", verdict="doubtful", report=report)
    decide.approve(engine, BRUNO, made.id)
    newest, oldest = versions.versions(engine, made.articulo_id)
    assert (newest.id, newest.kind, newest.url, newest.shown) == (made.id, "result", made.url, True)
    assert (str(newest.cost), newest.model, newest.verdict, newest.report) == (
        "0.039000",
        "gemini-x",
        "doubtful",
        report,
    )
    assert (newest.review, newest.judged_by, newest.action, newest.decided_by) == (
        "approved", "Bruno", "approve", "Bruno",
    )  # fmt: skip
    assert sorted(newest.owners) == [ANA.id, BRUNO.id]
    assert (oldest.kind, oldest.url, oldest.shown, oldest.restorable) == ("original", made.before, False, True)


def test_an_article_without_pictures_has_no_versions(engine: Engine) -> None:
    assert versions.versions(engine, 12345) == []


# ── showing one again ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_restored_version_is_shown_and_its_restoring_can_be_taken_back(
    engine: Engine, replaced: tuple[int, int, int]
) -> None:
    articulo, old, new = replaced
    decision = versions.restore(engine, ALICIA, old)
    assert shows(engine, articulo) == "http://cdn/old.jpg"
    assert [row.action for row in decisions(engine)] == ["approve", "restore"]
    assert promised(engine) == [old, new]
    decide.take_back(engine, ALICIA, decision)
    assert shows(engine, articulo) == "http://cdn/new.jpg"


@pytest.mark.parametrize("review", ["awaiting", "rejected", "superseded"])
def test_who_restores_a_picture_approves_it_until_it_is_taken_back(engine: Engine, review: str) -> None:
    made = case(engine, review="awaiting")
    if review == "rejected":
        decide.reject(engine, BRUNO, made.id, "")
    run_sql(engine, "UPDATE revelado.pictures SET review = :review WHERE id = :id", review=review, id=made.id)
    judged = picture(engine, made.id).judged_at
    decision = versions.restore(engine, ALICIA, made.id)
    now = picture(engine, made.id)
    assert (now.review, now.judged_by, shows(engine, made.articulo_id)) == ("approved", "Alicia", made.url)
    decide.take_back(engine, ALICIA, decision)
    now = picture(engine, made.id)
    assert (now.review, now.judged_by, now.judged_at) == (review, "Bruno" if review == "rejected" else None, judged)
    assert shows(engine, made.articulo_id) == made.before


def test_what_a_restored_version_replaces_needs_no_verdict_any_more(engine: Engine) -> None:
    made = case(engine, shown=True)
    before = versions.versions(engine, made.articulo_id)[-1]
    decision = versions.restore(engine, ALICIA, before.id)
    assert (shows(engine, made.articulo_id), picture(engine, made.id).review) == (made.before, "superseded")
    decide.take_back(engine, ALICIA, decision)
    assert (shows(engine, made.articulo_id), picture(engine, made.id).review) == (made.url, "awaiting")


def test_operators_restore_what_is_theirs_and_what_their_work_replaced(engine: Engine) -> None:
    made = case(engine, batch_id=batch(engine, ANA))
    decide.approve(engine, ALICIA, made.id)
    raw = versions.versions(engine, made.articulo_id)[-1].id
    for actor in (BRUNO, CARLA, Actor(None, "Nadie", ANA.role)):
        with pytest.raises(NotAllowed):
            versions.restore(engine, actor, raw)
    versions.restore(engine, ANA, raw)
    with pytest.raises(NotAllowed):
        versions.restore(engine, BRUNO, made.id)
    versions.restore(engine, ANA, made.id)
    assert shows(engine, made.articulo_id) == made.url


def test_a_decision_of_ones_own_gives_the_right_to_restore_its_picture(engine: Engine) -> None:
    made = case(engine)
    decide.reject(engine, BRUNO, made.id, "")
    with pytest.raises(NotAllowed):
        versions.restore(engine, ANA, made.id)
    versions.restore(engine, BRUNO, made.id)
    assert shows(engine, made.articulo_id) == made.url


def test_what_is_deleted_a_trial_or_shown_already_is_not_restored(engine: Engine) -> None:
    deleted = case(engine, "a1", deleted_at="2026-11-24")
    trial = case(engine, "a2", review="trial")
    shown = case(engine, "a3", shown=True)
    for made, refusal in [
        (deleted, refusals.PictureGone), (trial, refusals.OnlyATrial), (shown, refusals.AlreadyShown),
    ]:  # fmt: skip
        before = shows(engine, made.articulo_id)
        with pytest.raises(refusal):
            versions.restore(engine, ALICIA, made.id)
        assert shows(engine, made.articulo_id) == before
    with pytest.raises(NotFound):
        versions.restore(engine, ALICIA, 12345)
    assert decisions(engine) == []


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_replaced_result_goes_after_its_grace_and_is_then_known_to_be_gone(
    engine: Engine, replaced: tuple[int, int, int], work_off: WorkOff
) -> None:
    articulo, old, _ = replaced
    days = "SELECT run_after - now() BETWEEN interval '29 days' AND interval '31 days' AS month FROM revelado.outbox"
    run_sql(engine, f"DO $$ BEGIN ASSERT ({days}); END $$")
    assert work_off() == 0 and not gone(engine, old)
    grace_is_over(engine)
    assert work_off() == 1 and gone(engine, old)
    with pytest.raises(refusals.PictureGone):
        versions.restore(engine, ALICIA, old)
    assert shows(engine, articulo) == "http://cdn/new.jpg"


def test_a_restored_picture_outlives_the_older_promise(
    engine: Engine, replaced: tuple[int, int, int], work_off: WorkOff
) -> None:
    _, old, new = replaced
    versions.restore(engine, ALICIA, old)
    grace_is_over(engine)
    work_off()
    assert not gone(engine, old) and gone(engine, new)


def test_a_picture_replaced_twice_has_its_whole_grace_from_the_second_time(
    engine: Engine, replaced: tuple[int, int, int], work_off: WorkOff
) -> None:
    _, old, new = replaced
    versions.restore(engine, ALICIA, old)
    grace_is_over(engine)
    versions.restore(engine, ALICIA, new)
    work_off()
    assert not gone(engine, old) and not gone(engine, new)
    grace_is_over(engine)
    work_off()
    assert gone(engine, old) and not gone(engine, new)


def test_a_picture_that_awaits_a_verdict_is_not_deleted_before_it_has_one(engine: Engine, work_off: WorkOff) -> None:
    made = case(engine)
    decide.take_back(engine, ANA, decide.reject(engine, ANA, made.id, ""))
    grace_is_over(engine)
    work_off()
    assert not gone(engine, made.id)
    decide.reject(engine, ANA, made.id, "")
    grace_is_over(engine)
    work_off()
    assert gone(engine, made.id)


def test_after_its_grace_a_rejected_picture_gives_back_the_original_instead(engine: Engine, work_off: WorkOff) -> None:
    articulo = article(engine, imagen_url="http://shop/raw.jpg")
    original(engine, articulo, "http://shop/raw.jpg")
    old = result(engine, articulo, "http://cdn/old.jpg", shown=True)
    new = result(
        engine, articulo, "http://cdn/new.jpg", shown=True, review="awaiting", source_url="http://shop/raw.jpg"
    )
    with engine.begin() as connection:
        superseded.schedule(connection, [old])
    grace_is_over(engine)
    work_off()
    assert gone(engine, old)
    decide.reject(engine, ANA, new, "")
    assert shows(engine, articulo) == "http://shop/raw.jpg"


def test_an_original_is_never_deleted(engine: Engine, work_off: WorkOff) -> None:
    made = case(engine)
    decide.approve(engine, ANA, made.id)
    raw = versions.versions(engine, made.articulo_id)[-1]
    run_sql(
        engine,
        "INSERT INTO revelado.outbox (kind, payload, run_after) VALUES ('delete_superseded',"
        " jsonb_build_object('picture_id', CAST(:id AS bigint)), now())",
        id=raw.id,
    )
    assert work_off() == 1 and not gone(engine, raw.id)


def test_restoring_and_deleting_at_the_same_moment_never_shows_what_is_gone(engine: Engine, work_off: WorkOff) -> None:
    for number in range(20):
        made = case(engine, f"a{number}")
        decide.reject(engine, ANA, made.id, "")
        grace_is_over(engine)
        start = threading.Barrier(2)

        def delete(start: threading.Barrier) -> None:
            start.wait()
            work_off()

        deleting = threading.Thread(target=delete, args=(start,))
        deleting.start()
        start.wait()
        try:
            versions.restore(engine, ALICIA, made.id)
        except refusals.PictureGone:
            assert shows(engine, made.articulo_id) == made.before
        else:
            assert shows(engine, made.articulo_id) == made.url
        deleting.join()
        assert gone(engine, made.id) is (shows(engine, made.articulo_id) == made.before)
