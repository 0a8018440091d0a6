from uuid import UUID

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.notify import notices
from core.queue import claim, counts, finish, manage, pause
from core.queue.clean import clean
from core.queue.enqueue import enqueue
from tests.integration.review_shop import result
from tests.shop import articles, one, run_sql

WORKER = UUID(int=1)


@pytest.fixture
def ana(engine: Engine, admin: Actor) -> Actor:
    return account(engine, "ana@x.co", Role.OPERATOR)


def account(engine: Engine, email: str, role: Role) -> Actor:
    run_sql(
        engine,
        "INSERT INTO revelado.users (email, name, password_hash, role, created_at)"
        " VALUES (:email, :email, 'x', :role, now() - interval '1 day')",
        email=email, role=role,
    )  # fmt: skip
    return Actor(one(engine, "SELECT id FROM revelado.users WHERE email = :email", email=email).id, email, role)


def work_off(engine: Engine, outcome: str = "completed") -> None:
    with engine.begin() as connection:
        for job in claim.claim(connection, WORKER, 10):
            finish.end(connection, job, outcome)  # type: ignore[arg-type]
    counts.fold(engine)


def test_the_end_of_a_batch_is_told_once_with_what_came_of_it(engine: Engine, ana: Actor) -> None:
    batch = enqueue(engine, ana, articles(engine, 2), origin="panel", label="Vidriera").batch_id
    counts.fold(engine)
    assert notices.unseen(engine, ana) == []
    work_off(engine)
    counts.fold(engine)
    [told] = notices.unseen(engine, ana)
    assert (told.kind, told.batch_id, told.label) == ("batch_ended", batch, "Vidriera")
    assert told.params == {"completed": 2, "failed": 0, "to_review": 0, "in_shop": 0}


def test_the_end_of_a_batch_says_how_many_of_its_pictures_a_person_must_see(engine: Engine, ana: Actor) -> None:
    batch = enqueue(engine, ana, articles(engine, 2), origin="panel").batch_id
    result(engine, 1, "http://cdn/1.jpg", batch_id=batch, review="awaiting")
    result(engine, 2, "http://cdn/2.jpg", batch_id=batch)
    work_off(engine)
    [told] = notices.unseen(engine, ana)
    assert told.params["to_review"] == 1


def test_the_end_of_a_batch_says_how_many_of_its_pictures_the_shop_shows(engine: Engine, ana: Actor) -> None:
    enqueue(engine, ana, articles(engine, 3), origin="panel")
    run_sql(engine, "UPDATE image_processing_queue SET imagen_url_procesada = 'http://cdn/' || articulo_id || '.jpg'")
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://cdn/' || id || '.jpg' WHERE id < 3")
    work_off(engine)
    [told] = notices.unseen(engine, ana)
    assert told.params["in_shop"] == 2


def test_a_trial_of_a_recipe_is_no_batch_that_ends(engine: Engine, ana: Actor) -> None:
    enqueue(engine, ana, articles(engine, 1), origin="panel", trial=True)
    work_off(engine)
    assert notices.unseen(engine, ana) == []


def test_neither_cleaning_nor_taking_everything_back_ends_a_batch(engine: Engine, ana: Actor, admin: Actor) -> None:
    enqueue(engine, ana, articles(engine, 1), origin="panel")
    counts.fold(engine)
    manage.cancel(engine, ana, batch_id=1)
    counts.fold(engine)
    assert notices.unseen(engine, ana) == []
    enqueue(engine, ana, articles(engine, 1), origin="panel")
    work_off(engine)
    run_sql(engine, "UPDATE image_processing_queue SET completed_at = now() - interval '9 days'")
    assert clean(engine, admin, 7) == 1
    counts.fold(engine)
    assert len(notices.unseen(engine, ana)) == 1


def test_each_person_sees_a_notice_until_they_put_it_away(engine: Engine, ana: Actor) -> None:
    beto = account(engine, "beto@x.co", Role.VIEWER)
    enqueue(engine, ana, articles(engine, 1), origin="panel")
    work_off(engine)
    [told] = notices.unseen(engine, ana)
    notices.mark_seen(engine, ana, told.id)
    assert notices.unseen(engine, ana) == []
    assert [notice.id for notice in notices.unseen(engine, beto)] == [told.id]


def test_a_queue_that_stops_by_itself_is_told_and_one_that_a_person_stops_is_not(engine: Engine, ana: Actor) -> None:
    pause.pause(engine, ana, "Cambio de fotos")
    pause.resume(engine, ana)
    assert notices.unseen(engine, ana) == []
    with engine.begin() as connection:
        pause.pause_for(connection, "sistema", "budget_day", "Se llegó al tope.", {}, 60)
    [told] = notices.unseen(engine, ana)
    assert (told.kind, told.params["reason"]) == ("queue_paused", "Se llegó al tope.")


def test_help_is_asked_of_administrators_alone(engine: Engine, ana: Actor) -> None:
    boss = account(engine, "boss@x.co", Role.ADMIN)
    assert notices.ask_for_help(engine, ana, "disk_full", 3)
    assert not notices.ask_for_help(engine, ana, "disk_full", 3)
    assert notices.unseen(engine, ana) == []
    assert [notice.params["by"] for notice in notices.unseen(engine, boss)] == ["ana@x.co"]


def test_the_browser_is_used_only_for_who_wants_it(engine: Engine, ana: Actor) -> None:
    assert not notices.wants_browser(engine, ana)
    notices.set_browser(engine, ana, True)
    assert notices.wants_browser(engine, ana)


def test_a_new_colleague_is_not_told_of_what_was_before_and_old_notices_go(engine: Engine, ana: Actor) -> None:
    run_sql(engine, "INSERT INTO revelado.notices (at, kind) VALUES (now() - interval '9 days', 'queue_paused'),"
            " (now() - interval '2 days', 'queue_paused')")  # fmt: skip
    assert notices.unseen(engine, ana) == []
    with engine.begin() as connection:
        notices.purge(connection)
    assert one(engine, "SELECT count(*) AS n FROM revelado.notices").n == 1
