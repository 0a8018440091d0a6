from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.money.prices import DEFAULT_MODEL, expected
from core.queue.enqueue import enqueue
from core.recipes import edit, recipes, trial, trial_result
from core.recipes.draft import Draft
from core.recipes.recipes import Version
from tests.emulators.fixtures import Emulators
from tests.integration.workshop import bought, work
from tests.shop import article, articles, category, one, photo, rows, run_sql


def current(engine: Engine, categoria_id: int | None) -> Version:
    with engine.connect() as connection:
        return recipes.current_for(connection, categoria_id)


def jobs(engine: Engine) -> list[tuple[int, int]]:
    """(articulo_id, recipe_version_id) of all trials in the queue."""
    found = rows(engine, "SELECT articulo_id, recipe_version_id FROM image_processing_queue WHERE trial ORDER BY id")
    return [(row.articulo_id, row.recipe_version_id) for row in found]


def other(version: Version) -> Draft:
    return replace(version.draft, prompt="Otra foto de {nombre}.")


def test_draft_and_current_recipe_are_made_side_by_side_of_each_article(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    ids = articles(engine, 2, categoria_id=categoria_id)
    now = current(engine, categoria_id)
    begun = trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id)
    assert jobs(engine) == [(i, begun.draft_id) for i in ids] + [(i, now.id) for i in ids]
    labels = [row.label for row in rows(engine, "SELECT label FROM revelado.batches ORDER BY id")]
    assert labels == ["Prueba de la receta «Tornillería»", "Prueba de la receta «Tornillería»: la actual"]
    assert current(engine, categoria_id) == now
    result = trial_result.read(engine, begun.batch_id)
    assert (result.draft.id, result.draft.number, result.now.id) == (begun.draft_id, None, now.id)
    assert (result.is_done, result.left) == (False, 4)
    assert [row.articulo_id for row in result.rows] == ids


def test_what_the_current_recipe_made_before_is_not_made_again(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    with_picture, without = articles(engine, 2, categoria_id=categoria_id)
    now = current(engine, categoria_id)
    run_sql(
        engine,
        "INSERT INTO revelado.pictures (articulo_id, kind, url, host, recipe_version_id, cost, verdict)"
        " VALUES (:id, 'result', 'http://host/now.jpg', 'cloudinary', :version, 0.04, 'good')",
        id=with_picture,
        version=now.id,
    )
    plan = trial.plan(engine, other(now), categoria_id, [with_picture, without], "gemini", DEFAULT_MODEL)
    assert plan == trial.Plan(3, 3, 3 * expected(DEFAULT_MODEL))
    begun = trial.start(engine, admin, other(now), categoria_id, [with_picture, without], based_on=now.id)
    assert jobs(engine) == [(with_picture, begun.draft_id), (without, begun.draft_id), (without, now.id)]
    first, second = trial_result.read(engine, begun.batch_id).rows
    assert (first.now.url, first.now.cost, first.now.is_done) == ("http://host/now.jpg", Decimal("0.04"), True)
    assert (second.now.url, second.now.is_done) == (None, False)


def test_only_what_gemini_makes_costs(engine: Engine) -> None:
    categoria_id = category(engine)
    ids = articles(engine, 3, categoria_id=categoria_id)
    creative = current(engine, categoria_id).draft
    faithful = replace(creative, kind="faithful")
    pro = replace(creative, model="gemini-3-pro-image")

    def plan(draft: Draft, editor: str = "gemini") -> trial.Plan:
        return trial.plan(engine, draft, categoria_id, ids, editor, DEFAULT_MODEL)

    assert plan(faithful) == trial.Plan(6, 3, 3 * expected(DEFAULT_MODEL))
    assert plan(pro) == trial.Plan(6, 6, 3 * expected(DEFAULT_MODEL) + 3 * expected("gemini-3-pro-image"))
    assert plan(creative, "local") == trial.Plan(6, 0, Decimal(0))


def test_articles_already_in_the_queue_can_be_tried(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    ids = articles(engine, 1, categoria_id=categoria_id)
    enqueue(engine, admin, ids, origin="panel")
    now = current(engine, categoria_id)
    trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id)
    assert len(jobs(engine)) == 2


def test_a_double_click_is_one_trial(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    ids = articles(engine, 2, categoria_id=categoria_id)
    now, request = current(engine, categoria_id), uuid4()
    begun = trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id, request_id=request)
    again = trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id, request_id=request)
    assert again == begun
    assert len(jobs(engine)) == 4
    assert one(engine, "SELECT count(*) AS n FROM revelado.recipe_versions WHERE number IS NULL").n == 1


def test_one_to_five_articles_are_tried(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    now = current(engine, categoria_id)
    ids = articles(engine, 6, categoria_id=categoria_id)
    for wrong in ([], ids):
        with pytest.raises(InvalidInput, match="entre 1 y 5"):
            trial.start(engine, admin, other(now), categoria_id, wrong, based_on=now.id)


def test_nothing_begins_when_nothing_changed_or_nothing_can_be_made(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    now = current(engine, categoria_id)
    ids = articles(engine, 1, categoria_id=categoria_id)
    with pytest.raises(InvalidInput, match="es igual a la que esta categoría ya usa"):
        trial.start(engine, admin, now.draft, categoria_id, ids, based_on=now.id)
    with pytest.raises(InvalidInput, match="Texto para Gemini"):
        trial.start(engine, admin, replace(now.draft, prompt="{x}"), categoria_id, ids, based_on=now.id)
    gone = article(engine, "Sin foto", None, categoria_id=categoria_id)
    with pytest.raises(Conflict, match="no tienen foto"):
        trial.start(engine, admin, other(now), categoria_id, [gone], based_on=now.id)
    assert jobs(engine) == []


def test_only_administrators_try_recipes(engine: Engine, operator: Actor) -> None:
    now = current(engine, None)
    with pytest.raises(NotAllowed):
        trial.start(engine, operator, other(now), None, [1], based_on=now.id)
    with pytest.raises(NotAllowed):
        trial.discard(engine, operator, 1)


def test_an_adopted_draft_gets_the_next_number_and_its_adopter(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    now = current(engine, categoria_id)
    ids = articles(engine, 1, categoria_id=categoria_id)
    begun = trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id)
    kept = edit.adopt(engine, replace(admin, name="Dora"), begun.draft_id)
    assert (kept.id, kept.number, kept.created_by) == (begun.draft_id, 2, "Dora")
    assert current(engine, categoria_id) == kept
    assert edit.adopt(engine, admin, begun.draft_id) == kept  # a second click changes nothing
    assert trial_result.read(engine, begun.batch_id).now == now  # still beside what it replaced


def test_a_draft_of_an_older_version_is_not_adopted_over_a_newer_one(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    now = current(engine, categoria_id)
    ids = articles(engine, 1, categoria_id=categoria_id)
    one_, two = (
        trial.start(engine, admin, replace(now.draft, size=size), categoria_id, ids, based_on=now.id)
        for size in (1200, 1300)
    )
    kept = edit.adopt(engine, admin, one_.draft_id)
    with pytest.raises(Conflict, match="guardó la versión 2 mientras tanto"):
        edit.adopt(engine, admin, two.draft_id)
    with pytest.raises(Conflict):
        trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id)
    assert current(engine, categoria_id) == kept


def test_discarding_takes_what_waits_out_of_the_queue(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    now = current(engine, categoria_id)
    ids = articles(engine, 2, categoria_id=categoria_id)
    begun = trial.start(engine, admin, other(now), categoria_id, ids, based_on=now.id)
    assert trial.discard(engine, admin, begun.batch_id) == 4
    assert trial.discard(engine, admin, begun.batch_id) == 0
    assert jobs(engine) == []
    with pytest.raises(NotFound):
        trial_result.read(engine, begun.batch_id)


def test_candidates_are_active_have_a_picture_and_come_from_all_over_the_category(engine: Engine) -> None:
    categoria_id = category(engine)
    made = [article(engine, f"Perno {n:03}", "http://shop/a.jpg", categoria_id=categoria_id) for n in range(50)]
    article(engine, "Sin foto", None, categoria_id=categoria_id)
    article(engine, "Inactivo", categoria_id=categoria_id, activo=False)
    alone = article(engine, "Sin categoría")
    assert [c.id for c in trial.candidates(engine, categoria_id)] == made
    some = [c.nombre for c in trial.candidates(engine, categoria_id, limit=5)]
    assert some == ["Perno 009", "Perno 019", "Perno 029", "Perno 039", "Perno 049"]
    assert [c.id for c in trial.candidates(engine, None)] == [alone]


def test_a_trial_shows_original_current_and_new_with_price_and_publishes_nothing(
    engine: Engine, app: WorkerApp, emulators: Emulators, admin: Actor
) -> None:
    categoria_id = category(engine)
    url = emulators.photos.add_photo("tornillo.jpg", photo())
    articulo = article(engine, imagen_url=url, categoria_id=categoria_id)
    now = current(engine, categoria_id)
    begun = trial.start(engine, admin, other(now), categoria_id, [articulo], based_on=now.id)
    for _ in range(2):
        work(app)
    result = trial_result.read(engine, begun.batch_id)
    (row,) = result.rows
    assert result.is_done, [row.now.error, row.new.error]
    assert row.original_url == url
    assert row.now.url and row.new.url and row.now.url != row.new.url
    assert row.now.cost and row.new.cost and row.new.cost > 0
    assert result.cost == row.new.cost
    assert bought(emulators) == 2
    assert one(engine, "SELECT imagen_url FROM articulos WHERE id = :id", id=articulo).imagen_url == url
    reviews = rows(engine, "SELECT review FROM revelado.pictures WHERE kind = 'result'")
    assert {row.review for row in reviews} == {"trial"}


@pytest.mark.long
def test_a_free_recipe_that_makes_the_very_same_picture_is_shown_beside_itself(
    engine: Engine, app: WorkerApp, emulators: Emulators, admin: Actor
) -> None:
    categoria_id = category(engine)
    url = emulators.photos.add_photo("tornillo.jpg", photo())
    articulo = article(engine, imagen_url=url, categoria_id=categoria_id)
    local = replace(app, editor=app.cutter, host=app.local_host)
    now = edit.save(
        engine, admin, replace(current(engine, categoria_id).draft, kind="faithful"),
        based_on=current(engine, categoria_id).id,
    )  # fmt: skip
    enqueue(engine, admin, [articulo], origin="panel")
    work(local)
    begun = trial.start(engine, admin, other(now), categoria_id, [articulo], based_on=now.id)
    work(local)
    result = trial_result.read(engine, begun.batch_id)
    assert result.is_done
    (row,) = result.rows
    assert row.new.error is None
    assert row.new.url and row.now.url == row.new.url
    assert bought(emulators) == 0
