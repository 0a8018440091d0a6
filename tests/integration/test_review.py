"""Judging pictures: who gets which, what each verdict does to the shop, and taking it back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event

from core.catalog.articles import UNCATEGORISED
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.pipeline import checkpoints
from core.queue import manage
from core.queue.enqueue import enqueue
from core.review import decide, desk, refusals
from core.review.desk import Filter
from tests.integration.counter import take
from tests.integration.explain import explained, plan_of, statements_of
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
from tests.shop import article, category, job, one, rows, run_sql

ALL = Filter()
Decide = Callable[[Engine, int], int]

VERDICTS: dict[str, Decide] = {
    "approve": lambda engine, id: decide.approve(engine, ANA, id),
    "reject": lambda engine, id: decide.reject(engine, ANA, id, "la rosca es otra"),
    "keep_original": lambda engine, id: decide.keep_original(engine, ANA, id),
    "redo": lambda engine, id: decide.redo(engine, ANA, id),
}
each_verdict = pytest.mark.parametrize("action", list(VERDICTS))


def ids(cases: list[desk.Case]) -> list[int]:
    return [found.picture_id for found in cases]


# ── who gets which ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_tells_all_that_a_judge_needs(engine: Engine) -> None:
    version = one(engine, "SELECT id, recipe_id FROM revelado.recipe_versions ORDER BY id LIMIT 1")
    lote = batch(engine, ANA)
    made = case(
        engine, "taladro", categoria_id=category(engine, "Herramientas"), codigo="T-1", verdict="doubtful", batch_id=lote,
        recipe_version_id=version.id, report={"verdict": "doubtful"}, model="gemini-x", cost="0.039",
    )  # fmt: skip
    [found] = desk.next_cases(engine, ANA, ALL)
    assert (found.picture_id, found.articulo_id) == (made.id, made.articulo_id)
    assert (found.nombre, found.codigo, found.categoria) == ("Taladro", "T-1", "Herramientas")
    assert (found.before_url, found.after_url, found.current_url) == (made.before, made.url, made.before)
    assert (found.shown, found.verdict, found.report) == (False, "doubtful", {"verdict": "doubtful"})
    assert (found.batch_id, found.recipe_version, found.model) == (lote, 1, "gemini-x")
    assert found.recipe_name and found.recipe_kind


def test_two_reviewers_are_never_given_the_same_picture(engine: Engine) -> None:
    made = [case(engine, f"a{n}").id for n in range(6)]
    assert ids(desk.next_cases(engine, ANA, ALL, limit=4)) == made[:4]
    assert ids(desk.next_cases(engine, BRUNO, ALL, limit=4)) == made[4:]
    assert ids(desk.next_cases(engine, ANA, ALL, limit=4, skip=made[:2])) == made[2:4]


def test_a_lease_ends_by_itself_by_a_release_or_not_at_all_while_it_is_renewed(engine: Engine) -> None:
    made = case(engine).id
    desk.next_cases(engine, ANA, ALL)
    assert desk.next_cases(engine, BRUNO, ALL) == []
    run_sql(engine, "UPDATE revelado.pictures SET reviewer_until = now() + interval '1 second'")
    assert desk.renew(engine, BRUNO, [made]) == 0
    assert desk.renew(engine, ANA, [made]) == 1
    left = one(engine, "SELECT reviewer_until - now() > interval '100 seconds' AS long FROM revelado.pictures WHERE"
               " review = 'awaiting'")  # fmt: skip
    assert left.long
    run_sql(engine, "UPDATE revelado.pictures SET reviewer_until = now() - interval '1 second'")
    assert ids(desk.next_cases(engine, BRUNO, ALL)) == [made]
    assert desk.release(engine, ANA, [made]) == 0
    assert desk.release(engine, BRUNO, [made]) == 1
    assert ids(desk.next_cases(engine, ANA, ALL)) == [made]


def test_filters_choose_what_is_given_and_counted(engine: Engine) -> None:
    lote, tools = batch(engine, ANA), category(engine, "Herramientas")
    good = case(engine, "a1", verdict="good", batch_id=lote)
    doubtful = case(engine, "a2", verdict="doubtful", categoria_id=tools)
    bad = case(engine, "a3", verdict="bad", batch_id=lote, categoria_id=tools)
    result(engine, good.articulo_id, "http://cdn/x", review="superseded")
    case(engine, "a4", verdict="bad", deleted_at="2026-11-24")
    for where, expected in [
        (ALL, [good, doubtful, bad]),
        (Filter(batch_id=lote), [good, bad]),
        (Filter(categoria_id=tools), [doubtful, bad]),
        (Filter(categoria_id=UNCATEGORISED), [good]),
        (Filter(verdict="bad"), [bad]),
        (Filter(tools, lote, "good"), []),
    ]:
        assert ids(desk.next_cases(engine, ANA, where)) == [made.id for made in expected]
        assert desk.waiting(engine, where).total == len(expected)
    assert desk.waiting(engine, ALL) == desk.Counts(3, 1, 1, 1)


def test_only_operators_get_and_judge(engine: Engine) -> None:
    made = case(engine)
    for act in (
        lambda: desk.next_cases(engine, CARLA, ALL),
        lambda: decide.approve(engine, CARLA, made.id),
        lambda: decide.redo(engine, CARLA, made.id),
        lambda: decide.approve_good(engine, CARLA, 1, [made.id]),
        lambda: decide.take_back(engine, CARLA, 1),
    ):
        with pytest.raises(NotAllowed):
            act()


# ── verdicts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_approving_a_held_picture_publishes_it(engine: Engine) -> None:
    made = case(engine)
    decision = decide.approve(engine, ANA, made.id)
    assert shows(engine, made.articulo_id) == made.url
    now = picture(engine, made.id)
    assert (now.review, now.judged_by, now.published_at is not None) == ("approved", "Ana", True)
    [row] = decisions(engine)
    assert (row.id, row.action, row.user_id, row.url_before, row.url_after) == (
        decision, "approve", 1, made.before, made.url,
    )  # fmt: skip
    assert promised(engine) == [], "an original stays"


def test_approving_what_the_shop_shows_already_only_confirms_it(engine: Engine) -> None:
    made = case(engine, shown=True)
    since = picture(engine, made.id).published_at
    decide.approve(engine, ANA, made.id)
    assert shows(engine, made.articulo_id) == made.url
    assert picture(engine, made.id).published_at == since
    assert [(row.url_before, row.url_after) for row in decisions(engine)] == [(None, None)]


def test_approving_promises_that_the_replaced_result_goes(engine: Engine) -> None:
    articulo = article(engine)
    old = result(engine, articulo, "http://cdn/old.jpg", shown=True)
    new = result(engine, articulo, "http://cdn/new.jpg", review="awaiting")
    decide.approve(engine, ANA, new)
    assert promised(engine) == [old]


@pytest.mark.parametrize("action", ["reject", "redo"])
def test_a_rejected_picture_that_was_shown_gives_the_article_back_what_it_had(engine: Engine, action: str) -> None:
    articulo = article(engine)
    old = result(engine, articulo, "http://cdn/old.jpg", shown=True)
    new = result(engine, articulo, "http://cdn/new.jpg", shown=True, review="awaiting")
    VERDICTS[action](engine, new)
    assert shows(engine, articulo) == "http://cdn/old.jpg"
    assert picture(engine, new).review == "rejected"
    assert promised(engine) == [new] and picture(engine, old).review is None


@pytest.mark.parametrize("action", ["reject", "redo", "keep_original"])
def test_a_rejected_picture_that_was_held_leaves_the_shop_alone(engine: Engine, action: str) -> None:
    made = case(engine)
    VERDICTS[action](engine, made.id)
    assert shows(engine, made.articulo_id) == made.before
    assert picture(engine, made.id).review == "rejected"
    assert promised(engine) == [made.id]


def test_keeping_the_original_skips_what_we_made_in_between(engine: Engine) -> None:
    articulo = article(engine, imagen_url="http://shop/raw.jpg")
    original(engine, articulo, "http://shop/raw.jpg")
    result(engine, articulo, "http://cdn/old.jpg", shown=True)
    new = result(
        engine, articulo, "http://cdn/new.jpg", shown=True, review="awaiting", source_url="http://shop/raw.jpg"
    )
    decide.keep_original(engine, ANA, new)
    assert shows(engine, articulo) == "http://shop/raw.jpg"


def test_what_was_deleted_or_rejected_before_is_never_given_back(engine: Engine) -> None:
    for review, deleted_at in [(None, "2026-11-24"), ("rejected", None)]:
        articulo = article(engine, imagen_url="http://shop/raw.jpg")
        original(engine, articulo, "http://shop/raw.jpg")
        result(engine, articulo, "http://cdn/old.jpg", shown=True, review=review, deleted_at=deleted_at)
        new = result(engine, articulo, f"http://cdn/{articulo}.jpg", shown=True, review="awaiting")
        decide.reject(engine, ANA, new, "")
        assert shows(engine, articulo) == "http://shop/raw.jpg"


def test_without_anything_to_give_back_the_picture_stays(engine: Engine) -> None:
    articulo = article(engine, imagen_url=None)
    made = result(engine, articulo, "http://cdn/only.jpg", shown=True, review="awaiting")
    with pytest.raises(refusals.NothingBefore):
        decide.reject(engine, ANA, made, "no")
    assert shows(engine, articulo) == "http://cdn/only.jpg" and picture(engine, made).review == "awaiting"


@each_verdict
def test_a_picture_that_another_reviewer_holds_is_refused(engine: Engine, action: str) -> None:
    made = case(engine)
    desk.next_cases(engine, BRUNO, ALL)
    with pytest.raises(refusals.Taken):
        VERDICTS[action](engine, made.id)
    assert picture(engine, made.id).review == "awaiting"
    assert rows(engine, "SELECT FROM image_processing_queue") == []
    run_sql(engine, "UPDATE revelado.pictures SET reviewer_until = now() - interval '1 second'")
    VERDICTS[action](engine, made.id)


@each_verdict
def test_a_second_verdict_is_refused(engine: Engine, action: str) -> None:
    made = case(engine)
    decide.approve(engine, BRUNO, made.id)
    with pytest.raises(refusals.AlreadyDecided):
        VERDICTS[action](engine, made.id)
    assert shows(engine, made.articulo_id) == made.url and len(decisions(engine)) == 1


@each_verdict
def test_a_picture_that_is_not_there_says_so(engine: Engine, action: str) -> None:
    with pytest.raises(NotFound):
        VERDICTS[action](engine, 12345)


def test_an_article_that_somebody_changed_keeps_its_photo(engine: Engine) -> None:
    held, shown = case(engine, "a1"), case(engine, "a2", shown=True)
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/new.jpg'")
    with pytest.raises(refusals.ArticleMoved):
        decide.approve(engine, ANA, held.id)
    assert picture(engine, held.id).review == "awaiting"
    decide.reject(engine, ANA, held.id, "")
    decide.reject(engine, ANA, shown.id, "")
    assert shows(engine, held.articulo_id) == shows(engine, shown.articulo_id) == "http://shop/new.jpg"


def test_a_reason_is_one_line_of_limited_length(engine: Engine) -> None:
    made = case(engine)
    with pytest.raises(InvalidInput):
        decide.reject(engine, ANA, made.id, "x" * 301)
    decide.reject(engine, ANA, made.id, " la rosca\n es otra ")
    assert decisions(engine)[0].reason == "la rosca es otra"


def test_all_good_ones_of_a_batch_are_approved_at_once_and_the_others_left(engine: Engine) -> None:
    lote, other = batch(engine, ANA), batch(engine, ANA)
    good = [case(engine, f"a{n}", batch_id=lote) for n in range(4)]
    doubtful = case(engine, "a4", batch_id=lote, verdict="doubtful")
    elsewhere = case(engine, "a5", batch_id=other)
    unseen = case(engine, "a6", batch_id=lote)
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/new.jpg' WHERE id = :id", id=good[0].articulo_id)
    desk.next_cases(engine, BRUNO, ALL, limit=1, skip=[good[0].id])
    seen = [made.id for made in (*good, doubtful, elsewhere)]
    approved, left = decide.approve_good(engine, ANA, lote, seen)
    assert approved == [good[2].id, good[3].id]
    assert dict(left) == {
        good[0].id: refusals.ArticleMoved.message,
        good[1].id: refusals.Taken.message,
        doubtful.id: refusals.NotGood.message,
        elsewhere.id: refusals.NotGood.message,
    }
    assert shows(engine, good[2].articulo_id) == good[2].url
    assert {(row.action, row.batch_id) for row in decisions(engine)} == {("approve", lote)}
    assert picture(engine, unseen.id).review == "awaiting"


# ── making another ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_redo_puts_a_fresh_job_in_the_queue_with_recipe_and_note(engine: Engine) -> None:
    version = one(engine, "SELECT max(id) AS id FROM revelado.recipe_versions").id
    made = case(engine)
    decide.redo(engine, ANA, made.id, recipe_version_id=version, note="sin\nsombra")
    [row] = decisions(engine)
    queued = job(engine, row.job_id)
    assert (queued.articulo_id, queued.fresh, queued.recipe_version_id, queued.note) == (
        made.articulo_id, True, version, "sin sombra",
    )  # fmt: skip
    assert (row.action, row.reason) == ("redo", "sin sombra")


def test_what_was_made_again_says_who_asked_for_it_and_whether_it_is_the_same(engine: Engine) -> None:
    drill, saw = case(engine), case(engine, "sierra")
    assert [one.redo_by for one in desk.next_cases(engine, ANA, ALL)] == [None, None]
    for made in (drill, saw):
        decide.redo(engine, ANA, made.id)
    again = "UPDATE revelado.pictures SET review = 'awaiting', judged_at = NULL, judged_by = NULL WHERE id = :id"
    run_sql(engine, again, id=drill.id)
    result(engine, saw.articulo_id, "http://cdn/another.jpg", review="awaiting")
    found = [(one.articulo_id, one.redo_by, one.came_out_same) for one in desk.next_cases(engine, ANA, ALL)]
    assert found == [(drill.articulo_id, "Ana", True), (saw.articulo_id, "Ana", False)]


def test_a_redo_of_an_unknown_recipe_or_a_queued_article_changes_nothing(engine: Engine) -> None:
    made = case(engine)
    with pytest.raises(NotFound):
        decide.redo(engine, ANA, made.id, recipe_version_id=10**9)
    enqueue(engine, ANA, [made.articulo_id], origin="panel")
    with pytest.raises(Conflict, match="ya está en la cola"):
        decide.redo(engine, ANA, made.id)
    assert picture(engine, made.id).review == "awaiting" and decisions(engine) == []


def test_a_redo_that_loses_to_another_verdict_leaves_no_job(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made = case(engine)

    def too_late(*args: object, **more: object) -> object:
        queued = enqueue(*args, **more)  # type: ignore[arg-type]
        decide.approve(engine, BRUNO, made.id)
        return queued

    monkeypatch.setattr(decide, "enqueue", too_late)
    with pytest.raises(refusals.AlreadyDecided):
        decide.redo(engine, ANA, made.id)
    assert rows(engine, "SELECT FROM image_processing_queue") == []
    assert shows(engine, made.articulo_id) == made.url


def test_a_worker_that_took_the_redo_before_the_verdict_still_publishes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = case(engine, shown=True)

    def taken_at_once(*args: object, **more: object) -> object:
        queued = enqueue(*args, **more)  # type: ignore[arg-type]
        [held] = take(engine, 1)
        with engine.begin() as connection:
            assert checkpoints.begin(connection, held).expected_url == made.url
        return queued

    monkeypatch.setattr(decide, "enqueue", taken_at_once)
    decide.redo(engine, ANA, made.id)
    assert shows(engine, made.articulo_id) == made.before
    assert one(engine, "SELECT expected_url FROM revelado.checkpoints").expected_url == made.before


# ── taking back ─────────────────────────────────────────────────────────────────────────────────────────────────────


@each_verdict
@pytest.mark.parametrize("shown", [False, True], ids=["held", "shown"])
def test_a_decision_taken_back_leaves_everything_as_it_was(engine: Engine, action: str, shown: bool) -> None:
    made = case(engine, shown=shown)
    before = shows(engine, made.articulo_id), picture(engine, made.id)
    decision = VERDICTS[action](engine, made.id)
    decide.take_back(engine, ANA, decision)
    assert (shows(engine, made.articulo_id), picture(engine, made.id)) == before
    assert rows(engine, "SELECT FROM image_processing_queue") == []
    [row] = decisions(engine)
    assert row.undone_by == "Ana"
    assert ids(desk.next_cases(engine, BRUNO, ALL)) == [made.id]
    with pytest.raises(refusals.TakenBackAlready):
        decide.take_back(engine, ANA, decision)


def test_what_came_back_unjudged_awaits_a_verdict_and_stops_when_the_decision_is_taken_back(engine: Engine) -> None:
    articulo = article(engine)
    old = result(engine, articulo, "http://cdn/old.jpg", shown=True, review="superseded", verdict="doubtful")
    new = result(engine, articulo, "http://cdn/new.jpg", shown=True, review="awaiting")
    decision = decide.reject(engine, ANA, new, "")
    assert picture(engine, old).review == "awaiting"
    decide.take_back(engine, ANA, decision)
    assert (picture(engine, old).review, picture(engine, new).review) == ("superseded", "awaiting")
    assert shows(engine, articulo) == "http://cdn/new.jpg"


def test_people_take_back_their_own_decisions_and_administrators_all(engine: Engine) -> None:
    made = case(engine)
    decision = decide.approve(engine, ANA, made.id)
    with pytest.raises(NotAllowed):
        decide.take_back(engine, BRUNO, decision)
    decide.take_back(engine, ALICIA, decision)
    assert picture(engine, made.id).review == "awaiting"
    with pytest.raises(NotFound):
        decide.take_back(engine, ALICIA, 12345)


@each_verdict
@pytest.mark.parametrize("shown", [False, True], ids=["held", "shown"])
def test_a_decision_stands_once_the_article_changed(engine: Engine, action: str, shown: bool) -> None:
    made = case(engine, shown=shown)
    decision = VERDICTS[action](engine, made.id)
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/new.jpg'")
    review = picture(engine, made.id).review
    with pytest.raises(refusals.ArticleMoved):
        decide.take_back(engine, ANA, decision)
    assert shows(engine, made.articulo_id) == "http://shop/new.jpg"
    assert picture(engine, made.id).review == review and decisions(engine)[0].undone_at is None
    assert len(rows(engine, "SELECT FROM image_processing_queue")) == (action == "redo"), "its job is not lost either"


def test_a_decision_stands_once_what_it_replaced_is_deleted(engine: Engine) -> None:
    articulo = article(engine)
    old = result(engine, articulo, "http://cdn/old.jpg", shown=True)
    decision = decide.approve(engine, ANA, result(engine, articulo, "http://cdn/new.jpg", review="awaiting"))
    run_sql(engine, "UPDATE revelado.pictures SET deleted_at = now() WHERE id = :id", id=old)
    with pytest.raises(refusals.PictureGone):
        decide.take_back(engine, ANA, decision)


@pytest.mark.parametrize(
    ("estado", "refusal"),
    [
        ("processing", refusals.NewPictureComing),
        ("completed", refusals.NewPictureMade),
        ("failed", None),
        ("gone", None),
    ],
)
def test_a_redo_is_taken_back_unless_its_picture_is_on_its_way(
    engine: Engine, estado: str, refusal: type[Conflict] | None
) -> None:
    made = case(engine)
    decision = decide.redo(engine, ANA, made.id)
    queued = decisions(engine)[0].job_id
    if estado == "gone":
        manage.cancel(engine, ANA, job_ids=[queued])
    else:
        take(engine, 1)
        if estado != "processing":
            run_sql(engine, "UPDATE image_processing_queue SET estado = :estado, lease_until = NULL, worker_id = NULL,"
                    " completed_at = now()", estado=estado)  # fmt: skip
    if refusal is None:
        decide.take_back(engine, ANA, decision)
        assert picture(engine, made.id).review == "awaiting"
        return
    with pytest.raises(refusal):
        decide.take_back(engine, ANA, decision)
    assert picture(engine, made.id).review == "rejected"


# ── many at once ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_reviewers_at_full_speed_judge_each_of_a_hundred_pictures_once(engine: Engine) -> None:
    made = {case(engine, f"a{n}", shown=n % 2 == 0).id for n in range(100)}
    judged: dict[str, list[int]] = {"Ana": [], "Bruno": []}
    stuck: list[BaseException] = []

    def work(actor: desk.Actor) -> None:
        try:
            while cases := desk.next_cases(engine, actor, ALL):
                for number, found in enumerate(cases):
                    if number % 2:
                        decide.approve(engine, actor, found.picture_id)
                    else:
                        decide.reject(engine, actor, found.picture_id, "")
                    judged[actor.name].append(found.picture_id)
        except BaseException as error:
            stuck.append(error)

    threads = [threading.Thread(target=work, args=(actor,)) for actor in (ANA, BRUNO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not stuck
    assert set(Counter(judged["Ana"] + judged["Bruno"]).items()) == {(id, 1) for id in made}
    assert {(row.picture_id, row.user_name) for row in decisions(engine)} == {
        (id, name) for name, all_of_one in judged.items() for id in all_of_one
    }
    assert desk.waiting(engine, ALL).total == 0 and all(judged.values())


def test_two_verdicts_on_the_same_picture_at_the_same_moment_make_one(engine: Engine) -> None:
    for round_number in range(20):
        made = case(engine, f"a{round_number}", shown=True)
        start, lost = threading.Barrier(2), list[Conflict]()

        def judge(action: str, made_id: int, start: threading.Barrier, lost: list[Conflict]) -> None:
            start.wait()
            try:
                VERDICTS[action](engine, made_id)
            except Conflict as error:
                lost.append(error)

        threads = [
            threading.Thread(target=judge, args=(action, made.id, start, lost)) for action in ("approve", "reject")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [decided] = rows(engine, "SELECT action FROM revelado.decisions WHERE picture_id = :id", id=made.id)
        assert len(lost) == 1
        assert shows(engine, made.articulo_id) == (made.url if decided.action == "approve" else made.before)


def test_thirty_thousand_pictures_are_not_read_for_the_few_that_wait(engine: Engine) -> None:
    run_sql(
        engine,
        "INSERT INTO articulos (nombre, imagen_url) SELECT 'A', 'http://shop/' || n FROM generate_series(1, 6000) n;"
        " INSERT INTO revelado.pictures (articulo_id, kind, url, host, verdict, review)"
        " SELECT n % 6000 + 1, 'result', 'http://cdn/' || n, 'local', 'good',"
        " CASE WHEN n % 100 = 0 THEN 'awaiting' END FROM generate_series(1, 30000) n; ANALYZE",
    )
    counting = plan_of(engine, lambda: desk.waiting(engine, ALL))
    with statements_of(engine) as seen:
        assert len(desk.next_cases(engine, ANA, ALL)) == 4
    giving = explained(engine, seen)
    for plan in (counting, giving):
        assert plan.statements == 1
        assert "pictures_awaiting" in plan.indexes and "pictures" not in plan.scanned
    assert giving.pages <= 200 and counting.pages <= 2000


def test_a_decision_is_a_handful_of_statements(engine: Engine) -> None:
    made, sent = case(engine), list[str]()
    event.listen(engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    decide.approve(engine, ANA, made.id)
    assert len(sent) <= 10
