"""What the panel remembers of a person."""

import pytest
from sqlalchemy import Engine

from core.access import remembered, users
from core.access.actors import Actor, Role
from core.errors import InvalidInput


@pytest.fixture
def ana(engine: Engine, admin: Actor) -> Actor:
    user, _password = users.create_user(engine, admin, email="ana@x.co", name="Ana", role=Role.OPERATOR)
    return Actor(user.id, user.name, user.role)


@pytest.fixture
def beto(engine: Engine, admin: Actor) -> Actor:
    user, _password = users.create_user(engine, admin, email="beto@x.co", name="Beto", role=Role.VIEWER)
    return Actor(user.id, user.name, user.role)


def test_a_choice_is_kept_for_its_person_alone(engine: Engine, ana: Actor, beto: Actor) -> None:
    remembered.prefer(engine, ana, "view", "gallery")
    remembered.prefer(engine, ana, "view", "table")
    assert remembered.preferences(engine, ana) == {"view": "table"}
    assert remembered.preferences(engine, beto) == {}


def test_filters_are_saved_by_name_and_the_same_name_takes_the_new_one(engine: Engine, ana: Actor, beto: Actor) -> None:
    first = remembered.save_filter(engine, ana, "articles", " Sin  foto ", "foto=without")
    remembered.save_filter(engine, ana, "articles", "Árboles", "buscar=árbol")
    assert remembered.save_filter(engine, ana, "articles", "SIN FOTO", "foto=without&categoria=1") == first
    assert [(f.name, f.query) for f in remembered.saved_filters(engine, ana, "articles")] == [
        ("Árboles", "buscar=árbol"),
        ("SIN FOTO", "foto=without&categoria=1"),
    ]
    assert remembered.saved_filters(engine, ana, "history") == []
    assert remembered.saved_filters(engine, beto, "articles") == []


def test_nobody_deletes_anothers_filter(engine: Engine, ana: Actor, beto: Actor) -> None:
    saved = remembered.save_filter(engine, ana, "articles", "Mío", "foto=with")
    remembered.forget_filter(engine, beto, saved)
    assert len(remembered.saved_filters(engine, ana, "articles")) == 1
    remembered.forget_filter(engine, ana, saved)
    assert remembered.saved_filters(engine, ana, "articles") == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_that_cannot_be_read_is_refused(engine: Engine, ana: Actor, name: str) -> None:
    with pytest.raises(InvalidInput):
        remembered.save_filter(engine, ana, "articles", name, "foto=with")


def test_fifty_filters_a_page_are_enough(engine: Engine, ana: Actor) -> None:
    for number in range(remembered.MAX_SAVED):
        remembered.save_filter(engine, ana, "articles", f"Filtro {number}", "foto=with")
    with pytest.raises(InvalidInput):
        remembered.save_filter(engine, ana, "articles", "Uno más", "foto=with")
    remembered.save_filter(engine, ana, "articles", "Filtro 7", "foto=without")


def test_each_person_chooses_the_language_of_the_panel(engine: Engine, admin: Actor, ana: Actor) -> None:
    users.set_language(engine, ana, "en")
    assert {user.name: user.language for user in users.list_users(engine, admin)}["Ana"] == "en"
    with pytest.raises(InvalidInput):
        users.set_language(engine, ana, "fr")
