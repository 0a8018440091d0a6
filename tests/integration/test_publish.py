"""Where a finished picture goes: into the shop, or before a person's eyes; by its recipe, its verdict and who asked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.queue.enqueue import enqueue
from core.review import decide, versions
from core.ui import picture_words
from tests.emulators.fixtures import Emulators
from tests.integration.workshop import bought, work
from tests.shop import article, category, one, photo, rows, run_sql


@pytest.fixture
def articulo(engine: Engine, emulators: Emulators) -> int:
    url = emulators.photos.add_photo("tornillo.jpg", photo())
    return article(engine, imagen_url=url, categoria_id=category(engine))


def publish_by(engine: Engine, policy: str | None) -> None:
    run_sql(engine, "UPDATE revelado.recipe_versions SET publish = :policy", policy=policy)


def make(app: WorkerApp, operator: Actor, articulo: int, **how: Any) -> Any:
    """The row of the picture that was made."""
    enqueue(app.engine, operator, [articulo], **{"origin": "panel", **how})
    work(app)
    return one(app.engine, "SELECT * FROM revelado.pictures WHERE kind = 'result' ORDER BY id DESC LIMIT 1")


def shown(app: WorkerApp, articulo: int) -> str:
    return str(one(app.engine, "SELECT imagen_url FROM articulos WHERE id = :id", id=articulo).imagen_url)


def job(app: WorkerApp) -> Any:
    return one(app.engine, "SELECT * FROM image_processing_queue ORDER BY id DESC LIMIT 1")


def doubted(engine: Engine) -> None:
    """From here on, every picture that is measured is doubted, as if its background were grey."""
    run_sql(
        engine,
        "CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.report := NEW.report"
        """ || '{"verdict": "doubtful", "findings": [{"code": "not_white", "params": {}}]}'; RETURN NEW; END $$""",
    )
    run_sql(
        engine,
        "CREATE TRIGGER doubt BEFORE UPDATE OF report ON revelado.checkpoints FOR EACH ROW"
        " WHEN (NEW.report IS NOT NULL) EXECUTE FUNCTION doubt()",
    )


def test_what_gemini_redrew_waits_for_a_person(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, None)
    before = shown(app, articulo)
    made = make(app, operator, articulo)
    assert shown(app, articulo) == before
    assert (made.review, made.published_at, made.replaces_url) == ("awaiting", None, before)
    assert (job(app).estado, job(app).imagen_url_procesada) == ("completed", made.url)


def test_a_job_of_the_rest_interface_is_published_at_once(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, None)
    made = make(app, operator, articulo, origin="api")
    assert (shown(app, articulo), made.review) == (made.url, None)


def test_an_adopted_database_publishes_as_it_always_did(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, None)
    run_sql(app.engine, "INSERT INTO revelado.adoptions VALUES ('articulos', now(), 1, 'UTC', '{}')")
    made = make(app, operator, articulo)
    assert (shown(app, articulo), made.review) == (made.url, None)


def test_once_somebody_chose_for_a_recipe_that_holds_everywhere(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, "after_review")
    assert make(app, operator, articulo, origin="api").review == "awaiting"


def test_a_good_picture_needs_nobody_where_the_inspection_decides(
    app: WorkerApp, operator: Actor, articulo: int
) -> None:
    publish_by(app.engine, "if_good")
    made = make(app, operator, articulo)
    assert (made.verdict, made.review, shown(app, articulo)) == ("good", None, made.url)


def test_a_doubtful_one_is_held_there(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, "if_good")
    doubted(app.engine)
    made = make(app, operator, articulo)
    assert (made.verdict, made.review) == ("doubtful", "awaiting")
    assert shown(app, articulo) == made.replaces_url


def test_a_doubtful_one_that_goes_at_once_is_still_looked_at(app: WorkerApp, operator: Actor, articulo: int) -> None:
    doubted(app.engine)
    made = make(app, operator, articulo)
    assert (shown(app, articulo), made.review) == (made.url, "awaiting")
    assert made.published_at is not None


def test_a_newer_picture_takes_the_place_of_one_that_waits(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, "after_review")
    first = make(app, operator, articulo)
    second = make(app, operator, articulo, fresh=True)
    states = {row.id: row.review for row in rows(app.engine, "SELECT id, review FROM revelado.pictures")}
    assert (states[first.id], states[second.id]) == ("superseded", "awaiting")
    due = one(app.engine, "SELECT payload FROM revelado.outbox WHERE kind = 'delete_superseded'")
    assert due.payload == {"picture_id": first.id}


def test_a_faithful_recipe_buys_nothing_although_there_is_an_account(
    app: WorkerApp, operator: Actor, emulators: Emulators, articulo: int
) -> None:
    run_sql(app.engine, "UPDATE revelado.recipe_versions SET kind = 'faithful'")
    made = make(app, operator, articulo)
    assert bought(emulators) == 0
    assert (made.model, made.cost, made.report["redrawn"]) == ("u2netp", 0, False)


def test_a_recipe_s_own_model_is_asked_and_paid(
    app: WorkerApp, operator: Actor, emulators: Emulators, articulo: int
) -> None:
    run_sql(app.engine, "UPDATE revelado.recipe_versions SET model = 'gemini-3-pro-image'")
    made = make(app, operator, articulo)
    bill = emulators.gemini.ledger()[0]
    assert (made.model, bill["model"]) == ("gemini-3-pro-image", "gemini-3-pro-image")
    assert str(made.cost) == f"{float(bill['cost_usd']):.6f}"


def test_a_reviewers_note_reaches_the_prompt(
    app: WorkerApp, operator: Actor, emulators: Emulators, articulo: int
) -> None:
    make(app, operator, articulo, note="Deje la etiqueta mirando al frente.")
    assert "Deje la etiqueta mirando al frente." in emulators.gemini.ledger()[0]["prompt"]


def test_a_trial_changes_nothing_in_the_shop(app: WorkerApp, operator: Actor, articulo: int) -> None:
    publish_by(app.engine, "after_review")
    waiting = make(app, operator, articulo)
    before = shown(app, articulo)
    made = make(app, operator, articulo, trial=True, fresh=True)
    assert (made.review, shown(app, articulo)) == ("trial", before)
    assert one(app.engine, "SELECT review FROM revelado.pictures WHERE id = :id", id=waiting.id).review == "awaiting"


def test_a_trial_of_what_was_made_already_leaves_that_picture_as_it_is(
    app: WorkerApp, operator: Actor, emulators: Emulators, articulo: int
) -> None:
    first = make(app, operator, articulo)
    again = make(app, operator, articulo, trial=True)
    assert bought(emulators) == 1
    assert (again.id, again.review, shown(app, articulo)) == (first.id, None, first.url)


def test_a_rejected_picture_is_not_used_again(
    app: WorkerApp, operator: Actor, emulators: Emulators, articulo: int
) -> None:
    publish_by(app.engine, "after_review")
    first = make(app, operator, articulo)
    run_sql(
        app.engine, "UPDATE revelado.pictures SET review = 'rejected', judged_at = now() WHERE id = :id", id=first.id
    )
    assert make(app, operator, articulo).id != first.id
    assert bought(emulators) == 2


@pytest.mark.parametrize("policy", ["if_good", "at_once"])
@pytest.mark.parametrize("approved", [False, True], ids=["by the inspection", "approved"])
def test_one_that_a_person_took_out_of_the_shop_waits_for_a_person_when_it_is_used_again(
    app: WorkerApp, operator: Actor, admin: Actor, emulators: Emulators, articulo: int, approved: bool, policy: str
) -> None:
    publish_by(app.engine, policy)
    before = shown(app, articulo)
    first = make(app, operator, articulo)
    if approved:
        run_sql(app.engine, "UPDATE revelado.pictures SET review = 'approved', judged_at = now(), judged_by = 'Ana'"
                            " WHERE id = :id", id=first.id)  # fmt: skip
    original = one(app.engine, "SELECT id FROM revelado.pictures WHERE kind = 'original'")
    versions.restore(app.engine, admin, original.id)
    again = make(app, operator, articulo)
    assert (again.id, again.review, shown(app, articulo)) == (first.id, "awaiting", before)
    assert bought(emulators) == 1
    assert picture_words.findings(again.report) == ["Alguien ya la había sacado de la tienda."]
    decide.approve(app.engine, operator, again.id)
    assert shown(app, articulo) == first.url
    versions.restore(app.engine, admin, original.id)
    versions.restore(app.engine, admin, first.id)
    assert make(app, operator, articulo).review == "approved", "what a person did last counts"
    versions.restore(app.engine, admin, original.id)
    make(app, operator, articulo, origin="api")
    assert shown(app, articulo) == first.url, "a script is shown what it ordered"


def test_an_approved_picture_comes_back_without_a_second_look(
    app: WorkerApp, operator: Actor, emulators: Emulators, articulo: int
) -> None:
    publish_by(app.engine, "after_review")
    first = make(app, operator, articulo)
    run_sql(
        app.engine, "UPDATE revelado.pictures SET review = 'approved', judged_at = now() WHERE id = :id", id=first.id
    )
    again = make(app, operator, articulo)
    assert (bought(emulators), again.id, again.review) == (1, first.id, "approved")
    assert shown(app, articulo) == first.url


def test_a_picture_whose_article_changed_meanwhile_is_not_even_held(
    app: WorkerApp, operator: Actor, articulo: int
) -> None:
    publish_by(app.engine, "after_review")
    run_sql(
        app.engine,
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE public.articulos SET imagen_url = 'http://shop/other.jpg'; RETURN NEW; END $$",
    )
    run_sql(
        app.engine,
        "CREATE TRIGGER meddle AFTER UPDATE OF asset ON revelado.checkpoints FOR EACH ROW EXECUTE FUNCTION meddle()",
    )
    made = make(app, operator, articulo)
    assert (job(app).estado, job(app).error_code) == ("failed", "article_changed")
    assert (made.review, shown(app, articulo)) == ("superseded", "http://shop/other.jpg")
