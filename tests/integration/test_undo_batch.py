"""*Deshacer lote*: what comes back, what is left alone, who may, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from core.access.actors import SYSTEM, Actor, Role
from core.access.harm import UndoNeedsAdministrator
from core.errors import NotAllowed, NotFound
from core.queue.enqueue import enqueue
from core.review import decide, undo_batch, versions
from core.settings.change import change
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
from tests.shop import article, one, rows, run_sql


def test_every_article_of_the_batch_gets_back_what_it_had(engine: Engine) -> None:
    lote = batch(engine, ANA)
    made = [case(engine, f"a{n}", shown=True, review=None, batch_id=lote) for n in range(3)]
    other = case(engine, "b1", shown=True, review=None, batch_id=batch(engine, ANA))
    assert versions.undoable(engine, ANA, lote) == 3
    undone = versions.undo_batch(engine, ANA, lote)
    assert (undone.restored, undone.left) == (3, [])
    assert [shows(engine, each.articulo_id) for each in made] == [each.before for each in made]
    assert shows(engine, other.articulo_id) == other.url
    assert {(row.action, row.batch_id, row.user_name) for row in decisions(engine)} == {("undo_batch", lote, "Ana")}
    assert sorted(promised(engine)) == [each.id for each in made]


def test_above_the_setting_ones_own_batch_takes_an_administrator(engine: Engine) -> None:
    change(engine, SYSTEM, "admin_over_articles", 2)
    lote = batch(engine, ANA)
    made = [case(engine, f"a{n}", shown=True, review=None, batch_id=lote) for n in range(3)]
    with pytest.raises(UndoNeedsAdministrator, match="Son 3 artículos, más de los 2 que"):
        versions.undo_batch(engine, ANA, lote)
    assert [shows(engine, each.articulo_id) for each in made] == [each.url for each in made]
    assert versions.undo_batch(engine, ALICIA, lote).restored == 3


def test_undone_twice_it_changes_nothing_the_second_time(engine: Engine) -> None:
    lote = batch(engine, ANA)
    made = case(engine, shown=True, batch_id=lote)
    versions.undo_batch(engine, ANA, lote)
    before = decisions(engine), promised(engine), picture(engine, made.id)
    again = versions.undo_batch(engine, ANA, lote)
    assert (again.restored, again.left) == (0, [])
    assert (decisions(engine), promised(engine), picture(engine, made.id)) == before
    assert versions.undoable(engine, ANA, lote) == 0


def test_articles_changed_since_are_left_alone_and_listed(engine: Engine) -> None:
    lote = batch(engine, ANA)
    plain = case(engine, "a1", shown=True, review=None, batch_id=lote)
    by_hand = case(engine, "a2", shown=True, review=None, batch_id=lote)
    by_machine = case(engine, "a3", shown=True, review=None, batch_id=lote)
    held = case(engine, "a4", batch_id=lote)
    rejected = case(engine, "a5", shown=True, batch_id=lote)
    decide.reject(engine, ANA, rejected.id, "")
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/n.jpg' WHERE id = :id", id=by_hand.articulo_id)
    result(engine, by_machine.articulo_id, "http://cdn/newer.jpg", shown=True)
    undone = versions.undo_batch(engine, ANA, lote)
    assert undone.restored == 1 and shows(engine, plain.articulo_id) == plain.before
    assert undone.left == [
        (by_hand.articulo_id, "A2", undo_batch.CHANGED_SINCE),
        (by_machine.articulo_id, "A3", undo_batch.CHANGED_SINCE),
        (held.articulo_id, "A4", undo_batch.STILL_HELD),
    ]
    assert shows(engine, by_hand.articulo_id) == "http://shop/n.jpg"
    assert shows(engine, by_machine.articulo_id) == "http://cdn/newer.jpg"
    assert picture(engine, held.id).review == "awaiting"


def test_an_article_with_nothing_to_give_back_keeps_the_picture(engine: Engine) -> None:
    lote = batch(engine, ANA)
    articulo = article(engine, imagen_url=None)
    result(engine, articulo, "http://cdn/only.jpg", shown=True, batch_id=lote)
    undone = versions.undo_batch(engine, ANA, lote)
    assert (undone.restored, undone.left) == (
        0,
        [(articulo, 'Tornillo hexagonal 3/8"', undo_batch.NOTHING_BEFORE)],
    )
    assert shows(engine, articulo) == "http://cdn/only.jpg"


def test_pictures_from_before_batches_were_known_are_found_by_their_job(engine: Engine) -> None:
    articulo = article(engine, imagen_url="http://shop/raw.jpg")
    original(engine, articulo, "http://shop/raw.jpg")
    done = enqueue(engine, ANA, [articulo], origin="panel")
    result(
        engine, articulo, "http://cdn/old.jpg", shown=True, job_id=done.added[0].queue_id, replaces_url=None,
        source_url="http://shop/raw.jpg",
    )  # fmt: skip
    assert versions.undo_batch(engine, ANA, done.batch_id).restored == 1
    assert shows(engine, articulo) == "http://shop/raw.jpg"


def test_an_article_with_several_pictures_of_the_batch_gets_back_what_was_before_them_all(engine: Engine) -> None:
    lote = batch(engine, ANA)
    made = case(engine, shown=True, review=None, batch_id=lote)
    result(engine, made.articulo_id, "http://cdn/again.jpg", shown=True, batch_id=lote)
    undone = versions.undo_batch(engine, ANA, lote)
    assert (undone.restored, undone.left) == (1, []) and shows(engine, made.articulo_id) == made.before
    assert versions.undo_batch(engine, ANA, lote).restored == 0


def test_one_article_of_an_undone_batch_can_have_its_picture_again(engine: Engine) -> None:
    lote = batch(engine, ANA)
    made = case(engine, shown=True, batch_id=lote)
    versions.undo_batch(engine, ANA, lote)
    assert picture(engine, made.id).review == "superseded", "nobody need judge it any more"
    decide.take_back(engine, ANA, decisions(engine)[0].id)
    assert shows(engine, made.articulo_id) == made.url and picture(engine, made.id).review == "awaiting"
    assert versions.undo_batch(engine, ANA, lote).restored == 1


def test_operators_undo_their_own_batches_and_administrators_all(engine: Engine) -> None:
    lote = batch(engine, ANA)
    made = case(engine, shown=True, batch_id=lote)
    for actor in (BRUNO, CARLA, Actor(None, "Nadie", Role.OPERATOR)):
        with pytest.raises(NotAllowed):
            versions.undo_batch(engine, actor, lote)
        assert versions.undoable(engine, actor, lote) is None
    assert shows(engine, made.articulo_id) == made.url
    assert versions.undo_batch(engine, ALICIA, lote).restored == 1
    with pytest.raises(NotFound):
        versions.undo_batch(engine, ALICIA, 12345)


def test_five_hundred_articles_are_undone_in_seconds(
    engine: Engine, record_property: Callable[[str, object], None]
) -> None:
    lote = batch(engine, ANA)
    run_sql(
        engine,
        "WITH made AS (INSERT INTO articulos (nombre, imagen_url)"
        "  SELECT 'Artículo ' || n, 'http://cdn/' || n || '-2.jpg' FROM generate_series(1, 500) n RETURNING id, imagen_url)"
        " INSERT INTO revelado.pictures (articulo_id, kind, url, host, source_url, replaces_url, batch_id, published_at)"
        "  SELECT id, 'original', 'http://shop/' || id, 'external', NULL, NULL, CAST(NULL AS bigint), now() FROM made"
        "  UNION ALL SELECT id, 'result', replace(imagen_url, '-2', '-1'), 'local', 'http://shop/' || id,"
        "   'http://shop/' || id, NULL, now() FROM made"
        "  UNION ALL SELECT id, 'result', imagen_url, 'local', 'http://shop/' || id, replace(imagen_url, '-2', '-1'),"
        "   CAST(:lote AS bigint), now() FROM made",
        lote=lote,
    )
    started = time.monotonic()
    undone = versions.undo_batch(engine, ANA, lote)
    took = time.monotonic() - started
    record_property("seconds", round(took, 2))
    assert undone.restored == 500 and took <= 5, f"{took:.2f} s"
    assert one(engine, "SELECT count(*) AS n FROM articulos WHERE imagen_url LIKE '%-1.jpg'").n == 500
    assert len(rows(engine, "SELECT FROM revelado.decisions")) == 500
    assert len(promised(engine)) == 500
