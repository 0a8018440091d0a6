from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.errors import AppError, Conflict, InvalidInput, NotAllowed, NotFound
from core.recipes import edit, outlook, prompts, recipes
from core.recipes.draft import Draft, checked, differences
from core.recipes.recipes import Recipe, Version
from tests.shop import category, one, rows

#: As the demo catalogue's categories are called.
DEMO = (
    "Tornillería", "Fijaciones", "Herramientas eléctricas", "Herramientas manuales", "Pinturas", "Plomería",
    "Electricidad", "Seguridad",
)  # fmt: skip
DRAFT = Draft("creative", "Foto de {nombre}.")


def current(engine: Engine, categoria_id: int | None) -> Version:
    with engine.connect() as connection:
        return recipes.current_for(connection, categoria_id)


def general(engine: Engine) -> Version:
    return current(engine, None)


def named(engine: Engine, name: str) -> Recipe:
    return next(recipe for recipe in recipes.every(engine) if recipe.name == name)


def test_every_demo_category_has_a_recipe_of_its_name_and_any_other_the_general_one(engine: Engine) -> None:
    ids = {name: category(engine, name) for name in DEMO}
    assert {name: current(engine, id_).recipe_name for name, id_ in ids.items()} == {name: name for name in DEMO}
    assert current(engine, category(engine, "Jardín")).recipe_name == "General"
    assert current(engine, None).recipe_name == "General"
    assert current(engine, 999_999).recipe_name == "General"


def test_what_becomes_of_pictures_is_told_by_the_recipes_of_their_categories(engine: Engine, admin: Actor) -> None:
    pinturas = category(engine, "Pinturas")
    assert general(engine).kind == "creative"
    assert outlook.policies(engine, [None], by_gemini=True) == {"after_review"}
    assert outlook.policies(engine, [None], by_gemini=False) == {"if_good"}, "nothing is redrawn"
    recipe = named(engine, "Pinturas").current
    edit.save(engine, admin, replace(recipe.draft, kind="faithful", publish="at_once"), based_on=recipe.id)
    assert outlook.policies(engine, [pinturas, None], by_gemini=True) == {"at_once", "after_review"}
    assert outlook.policies(engine, [], by_gemini=True) == set()


def test_the_recipes_that_come_with_the_shop_can_all_be_filled_in(engine: Engine) -> None:
    for recipe in recipes.every(engine):
        checked(recipe.current.draft)
        filled = prompts.prompt_for(recipe.current, "Caño", "", "", recipe.name)
        assert "«Caño»" in filled.text
        assert "Detalle" not in filled.text
        assert filled.version == str(recipe.current.id)


def test_saving_adds_a_numbered_version_with_who_and_when_and_keeps_the_old_one(engine: Engine, admin: Actor) -> None:
    first = general(engine)
    wanted = replace(first.draft, fill=0.95, note=" para Mercado\nLibre ")
    second = edit.save(engine, admin, wanted, based_on=first.id)
    assert (second.number, second.created_by, second.note, second.fill) == (2, "Alicia", "para Mercado Libre", 0.95)
    assert second.created_at > first.created_at
    assert differences(first.draft, second.draft) == ["fill"]
    assert general(engine) == second
    assert recipes.saved(engine, first.recipe_id) == [second, first]


def test_saving_what_did_not_change_adds_nothing(engine: Engine, admin: Actor) -> None:
    first = general(engine)
    assert edit.save(engine, admin, replace(first.draft, note="nada"), based_on=first.id) == first
    assert len(recipes.saved(engine, first.recipe_id)) == 1


def test_an_old_version_is_restored_as_a_new_one(engine: Engine, admin: Actor) -> None:
    first = general(engine)
    second = edit.save(engine, admin, DRAFT, based_on=first.id)
    third = edit.restore(engine, admin, first.id, based_on=second.id)
    assert third.number == 3
    assert third.draft == first.draft
    assert third.note == "Restaurada de la versión 1."


def test_a_version_of_another_recipe_is_not_restored(engine: Engine, admin: Actor) -> None:
    with pytest.raises(NotFound):
        edit.restore(engine, admin, named(engine, "Pinturas").current.id, based_on=general(engine).id)


def test_the_second_of_two_administrators_is_told_and_overwrites_nothing(engine: Engine, admin: Actor) -> None:
    first = general(engine)
    kept = edit.save(engine, admin, replace(first.draft, size=1200), based_on=first.id)
    with pytest.raises(Conflict, match="Alicia guardó la versión 2 mientras tanto"):
        edit.save(engine, admin, replace(first.draft, size=2000), based_on=first.id)
    with pytest.raises(Conflict):
        edit.save(engine, admin, first.draft, based_on=first.id)
    assert general(engine) == kept


def test_of_many_who_save_at_the_same_moment_one_wins(engine: Engine, admin: Actor) -> None:
    first, start = general(engine), Barrier(4)

    def save(size: int) -> str:
        start.wait()
        try:
            edit.save(engine, admin, replace(first.draft, size=size), based_on=first.id)
        except AppError as error:
            return error.code
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        ended = sorted(pool.map(save, (1300, 1400, 1500, 1700)))
    assert ended == ["conflict", "conflict", "conflict", "saved"]
    assert [v.number for v in recipes.saved(engine, first.recipe_id)] == [2, 1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "nueva"}, "Clase"),
        ({"prompt": " "}, "Texto para Gemini"),
        ({"prompt": "{precio}"}, "Texto para Gemini"),
        ({"prompt": "[{nombre}"}, "Texto para Gemini"),
        ({"model": "gemini-99"}, "Modelo"),
        ({"size": 1199}, "Tamaño"),
        ({"size": 2001}, "Tamaño"),
        ({"fill": 0.49}, "Cuánto ocupa el producto"),
        ({"fill": 0.99}, "Cuánto ocupa el producto"),
        ({"fill": float("nan")}, "Cuánto ocupa el producto"),
        ({"publish": "nunca"}, "Publicar"),
        ({"note": "x" * 301}, "Qué cambió"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(replace(DRAFT, **change))  # type: ignore[arg-type]
    assert refused.value.params["field"] == field


def test_nothing_is_saved_nor_created_of_what_is_refused(engine: Engine, admin: Actor) -> None:
    first, wrong = general(engine), replace(DRAFT, size=1)
    with pytest.raises(InvalidInput):
        edit.save(engine, admin, wrong, based_on=first.id)
    with pytest.raises(InvalidInput):
        edit.create(engine, admin, "Otra", wrong)
    assert general(engine) == first
    assert len(recipes.every(engine)) == len(DEMO) + 3


def test_the_bounds_themselves_are_allowed_by_the_table_too(engine: Engine, admin: Actor) -> None:
    for number, change in enumerate(({"size": 1200, "fill": 0.98}, {"size": 2000, "fill": 0.5})):
        edit.create(engine, admin, f"Al borde {number}", replace(DRAFT, **change))  # type: ignore[arg-type]


def test_a_new_recipe_is_version_one_and_no_category_uses_it_yet(engine: Engine, admin: Actor) -> None:
    made = edit.create(engine, admin, "  Tienda \n propia ", replace(DRAFT, fill=0.95))
    assert (made.recipe_name, made.number, made.created_by) == ("Tienda propia", 1, "Alicia")
    assert named(engine, "Tienda propia").categories == ()


def test_a_name_that_is_empty_long_or_taken_is_refused(engine: Engine, admin: Actor) -> None:
    recipe_id = named(engine, "Pinturas").id
    for name in ("", "  ", "x" * 81, "tornilleria", "GENERAL"):
        with pytest.raises(InvalidInput, match="Nombre: "):
            edit.create(engine, admin, name, DRAFT)
        with pytest.raises(InvalidInput, match="Nombre: "):
            edit.rename(engine, admin, recipe_id, name, before="Pinturas")


def test_a_recipe_is_renamed_unless_somebody_else_was_faster(engine: Engine, admin: Actor) -> None:
    recipe_id = named(engine, "Pinturas").id
    edit.rename(engine, admin, recipe_id, "Pinturas y barnices", before="Pinturas")
    assert named(engine, "Pinturas y barnices").id == recipe_id
    with pytest.raises(Conflict):
        edit.rename(engine, admin, recipe_id, "Esmaltes", before="Pinturas")


def test_a_category_uses_what_an_administrator_chose_and_says_who(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine, "Tornillería")
    edit.assign(engine, admin, categoria_id, named(engine, "Seguridad").id)
    edit.assign(engine, admin, categoria_id, named(engine, "Pinturas").id)
    assert current(engine, categoria_id).recipe_name == "Pinturas"
    (used,) = named(engine, "Pinturas").categories
    assert (used.nombre, used.chosen_by) == ("Tornillería", "Alicia")
    edit.assign(engine, admin, categoria_id, None)
    assert current(engine, categoria_id).recipe_name == "Tornillería"
    (used,) = named(engine, "Tornillería").categories
    assert used.chosen_by is None


def test_only_a_recipe_and_a_category_that_exist_go_together(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine)
    with pytest.raises(NotFound):
        edit.assign(engine, admin, categoria_id, 999_999)
    with pytest.raises(NotFound):
        edit.assign(engine, admin, 999_999, named(engine, "Pinturas").id)
    made = edit.create(engine, admin, "Vieja", DRAFT)
    edit.archive(engine, admin, made.recipe_id)
    with pytest.raises(NotFound):
        edit.assign(engine, admin, categoria_id, made.recipe_id)


def test_an_archived_recipe_is_used_no_more_and_comes_back_with_its_categories(engine: Engine, admin: Actor) -> None:
    categoria_id = category(engine, "Tornillería")
    pinturas = named(engine, "Pinturas")
    edit.assign(engine, admin, categoria_id, pinturas.id)
    edit.archive(engine, admin, pinturas.id)
    assert current(engine, categoria_id).recipe_name == "Tornillería"
    assert [recipe.name for recipe in recipes.every(engine, archived=True)] == ["Pinturas"]
    with pytest.raises(Conflict):
        edit.archive(engine, admin, pinturas.id)
    with pytest.raises(Conflict, match="archivada"):
        edit.save(engine, admin, DRAFT, based_on=pinturas.current.id)
    edit.take_out(engine, admin, pinturas.id)
    assert current(engine, categoria_id).recipe_name == "Pinturas"
    with pytest.raises(Conflict):
        edit.take_out(engine, admin, pinturas.id)


def test_an_archived_recipe_whose_name_was_taken_stays_archived(engine: Engine, admin: Actor) -> None:
    pinturas = named(engine, "Pinturas")
    edit.archive(engine, admin, pinturas.id)
    edit.create(engine, admin, "pinturas", DRAFT)
    with pytest.raises(InvalidInput, match="Nombre: "):
        edit.take_out(engine, admin, pinturas.id)


def test_the_general_recipe_is_never_archived(engine: Engine, admin: Actor) -> None:
    with pytest.raises(Conflict, match="General"):
        edit.archive(engine, admin, general(engine).recipe_id)


def test_only_administrators_change_recipes(engine: Engine, operator: Actor, viewer: Actor) -> None:
    first = general(engine)
    for actor in (operator, viewer):
        for act in (
            lambda actor=actor: edit.create(engine, actor, "Otra", DRAFT),
            lambda actor=actor: edit.save(engine, actor, DRAFT, based_on=first.id),
            lambda actor=actor: edit.restore(engine, actor, first.id, based_on=first.id),
            lambda actor=actor: edit.adopt(engine, actor, first.id),
            lambda actor=actor: edit.rename(engine, actor, first.recipe_id, "Otra", before="General"),
            lambda actor=actor: edit.archive(engine, actor, first.recipe_id),
            lambda actor=actor: edit.take_out(engine, actor, first.recipe_id),
            lambda actor=actor: edit.assign(engine, actor, 1, None),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert len(rows(engine, "SELECT * FROM revelado.recipe_versions WHERE number > 1")) == 0


def test_a_version_that_does_not_exist_is_not_found(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(NotFound):
        recipes.load(connection, 999_999)
    assert one(engine, "SELECT count(*) AS n FROM revelado.recipes").n == len(DEMO) + 3
