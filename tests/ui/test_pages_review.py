"""Revisión without a browser: what each request of it does once, what the page offers whom, the contact sheet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

from core.access.actors import Actor, Role
from core.recipes import recipes
from core.review import desk
from core.review.desk import Filter
from core.review.open_batches import open_batches
from core.ui import prices, review_case, review_count, review_sitting, review_viewer, review_words
from core.ui.review_sitting import Sitting
from tests.integration.review_shop import ANA, BRUNO, Made, batch, case, decisions, picture, shows
from tests.shop import run_sql
from tests.ui.pages_harness import Panel, make_app

Open = Callable[..., Panel]
ZONE = "America/Argentina/Buenos_Aires"


@pytest.fixture
def made(engine: Engine) -> list[Made]:
    return [case(engine, f"taladro {n}") for n in range(3)]


def ask(engine: Engine, sitting: Sitting, *orders: dict[str, Any], actor: Actor = ANA, **more: Any) -> None:
    message = review_sitting.read({"tab": "t", "orders": list(orders), **more})
    review_sitting.obey(engine, actor, sitting, message)


def served(engine: Engine, sitting: Sitting, actor: Actor, where: Filter | None = None, **more: Any) -> list[int]:
    message = review_sitting.read({"tab": "t", **more})
    found = review_sitting.serve(engine, actor, sitting, where or Filter(), message, ZONE)
    return [one.picture_id for one in found.cases]


def today(engine: Engine, actor: Actor) -> dict[str, int]:
    found = review_sitting.serve(engine, actor, Sitting(), Filter(), review_sitting.read({"tab": "t"}), ZONE)
    return found.today


# ── a sitting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_browser_repeats_is_carried_out_once(engine: Engine, made: list[Made]) -> None:
    sitting = Sitting()
    orders: list[dict[str, Any]] = [
        {"seq": 1, "action": "approve", "id": made[0].id},
        {"seq": 2, "action": "reject", "id": made[1].id, "words": "Cambió el color"},
        {"seq": 3, "action": "keep_original", "id": made[2].id},
    ]
    ask(engine, sitting, *orders[:2])
    ask(engine, sitting, *orders)
    assert [(row.action, row.reason) for row in decisions(engine)] == [
        ("approve", ""), ("reject", "Cambió el color"), ("keep_original", ""),
    ]  # fmt: skip
    assert [answer["seq"] for answer in sitting.answers] == [1, 2, 3] and sitting.decided == 3
    assert not any(answer["error"] for answer in sitting.answers)
    assert shows(engine, made[0].articulo_id) == made[0].url


def test_when_nothing_is_left_a_person_is_told_what_they_decided_today(engine: Engine, made: list[Made]) -> None:
    sitting = Sitting()
    ask(engine, sitting, {"seq": 1, "action": "approve", "id": made[0].id})
    ask(engine, sitting, {"seq": 1, "action": "approve", "id": made[1].id}, actor=BRUNO, tab="u")
    ask(engine, sitting, {"seq": 2, "action": "reject", "id": made[2].id, "words": "Cambió el color"})
    ask(engine, sitting, {"seq": 3, "action": "undo", "id": made[2].id, "undoes": 2})
    assert today(engine, ANA) == {}, "there is still something to do"
    ask(engine, sitting, {"seq": 4, "action": "reject", "id": made[2].id, "words": "Cambió el color"})
    assert today(engine, ANA) == {"approve": 1, "reject": 1}
    assert review_words.today(today(engine, ANA)) == "Hoy decidió 2: 1 aprobada, 1 rechazada."
    run_sql(engine, "UPDATE revelado.decisions SET decided_at = now() - interval '24 hours'")
    assert review_words.today(today(engine, ANA)) == ""


def test_what_was_decided_today_is_counted_above_also_after_a_reload(
    panel: Open, engine: Engine, made: list[Made]
) -> None:
    ask(engine, Sitting(), {"seq": 1, "action": "approve", "id": made[0].id})
    ask(engine, Sitting(), {"seq": 1, "action": "approve", "id": made[1].id}, actor=BRUNO)
    tab = panel(Role.OPERATOR, user_id=ANA.id)
    at = tab.open("review")
    sitting = at.session_state["review_sitting"]
    assert (sitting.earlier, sitting.decided) == (1, 0)
    ask(engine, sitting, {"seq": 1, "action": "approve", "id": made[2].id})
    at.run()
    assert (sitting.earlier, sitting.decided) == (1, 1), "what is decided now is not counted twice"


def test_what_the_filter_leaves_out_is_told_once_nothing_of_it_is_left(engine: Engine) -> None:
    case(engine, "sierra")
    message = review_sitting.read({"tab": "t"})
    bad = review_sitting.serve(engine, ANA, Sitting(), Filter(verdict="bad"), message, ZONE)
    assert (bad.counts.total, bad.elsewhere) == (0, 1)
    assert review_sitting.serve(engine, ANA, Sitting(), Filter(), message, ZONE).elsewhere == 0


def test_another_tab_counts_from_one_again(engine: Engine, made: list[Made]) -> None:
    sitting = Sitting()
    ask(engine, sitting, {"seq": 1, "action": "approve", "id": made[0].id})
    ask(engine, sitting, {"seq": 1, "action": "approve", "id": made[1].id}, tab="u")
    assert sitting.decided == 2


def test_a_refused_decision_is_answered_with_its_reason_and_the_next_go_on(engine: Engine, made: list[Made]) -> None:
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/otra.jpg' WHERE id = :id", id=made[0].articulo_id)
    sitting = Sitting()
    ask(
        engine,
        sitting,
        {"seq": 1, "action": "approve", "id": made[0].id},
        {"seq": 2, "action": "approve", "id": made[1].id},
    )
    assert "La foto del artículo cambió" in str(sitting.answers[0]["error"])
    assert sitting.answers[1]["error"] == "" and sitting.decided == 1
    assert picture(engine, made[0].id).review == "awaiting"


def test_a_decision_is_taken_back_before_the_browser_knows_its_number(engine: Engine, made: list[Made]) -> None:
    sitting = Sitting()
    ask(
        engine,
        sitting,
        {"seq": 1, "action": "approve", "id": made[0].id},
        {"seq": 2, "action": "undo", "id": made[0].id, "undoes": 1},
    )
    assert picture(engine, made[0].id).review == "awaiting" and sitting.decided == 0
    assert shows(engine, made[0].articulo_id) == made[0].before
    assert served(engine, sitting, ANA)[0] == made[0].id, "it is the next to be judged again"


def test_what_can_not_be_taken_back_is_said(engine: Engine, made: list[Made]) -> None:
    sitting = Sitting()
    ask(engine, sitting, {"seq": 1, "action": "undo", "id": made[0].id, "undoes": 7})
    assert sitting.answers[0]["error"] == "No existe esa decisión."


def test_a_redo_takes_the_recipe_and_the_note(engine: Engine, made: list[Made]) -> None:
    version = recipes.every(engine)[1].current.id
    sitting = Sitting()
    order = {"seq": 1, "action": "redo", "id": made[0].id, "recipe": version, "words": "que se vea la punta"}
    ask(engine, sitting, order)
    assert sitting.answers[0]["error"] == ""
    with engine.connect() as connection:
        job = connection.exec_driver_sql("SELECT recipe_version_id, note FROM image_processing_queue").one()
    assert tuple(job) == (version, "que se vea la punta")


def test_two_people_never_get_the_same_picture(engine: Engine) -> None:
    made = [case(engine, f"sierra {n}").id for n in range(8)]
    ana, bruno = Sitting(), Sitting()
    first, second = served(engine, ana, ANA), served(engine, bruno, BRUNO)
    assert first == made[:5] and second == made[5:]
    assert served(engine, ana, ANA, skipped=first[:1]) == first[1:], "what was passed over is still held"
    assert served(engine, bruno, BRUNO) == second


def test_another_filter_lets_go_of_what_was_held(engine: Engine, made: list[Made]) -> None:
    bad = case(engine, "mala", verdict="bad").id
    ana = Sitting()
    assert len(served(engine, ana, ANA)) == 4
    assert served(engine, ana, ANA, Filter(verdict="bad")) == [bad]
    assert served(engine, Sitting(), BRUNO) == [one.id for one in made]


def test_without_the_database_what_is_left_is_asked_again(engine: Engine, made: list[Made]) -> None:
    away = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    sitting = Sitting()
    order = {"seq": 1, "action": "approve", "id": made[0].id}
    with pytest.raises(OperationalError):
        ask(away, sitting, order)
    assert sitting.answers == []
    ask(engine, sitting, order)
    assert [answer["error"] for answer in sitting.answers] == [""]


@pytest.mark.parametrize(
    "message",
    [
        None, 3, [], {"orders": 5}, {"orders": [None, 1, {}], "skipped": "x"},
        {"orders": [{"seq": 1, "action": "drop", "id": 1}, {"seq": "1", "action": "approve", "id": 1}]},
        {"orders": [{"seq": 1, "action": "approve", "id": 2**70}], "skipped": [None, "1", -1, True]},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(message: object) -> None:
    read = review_sitting.read(message)
    assert read.orders == () and read.skipped == ()


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_says_in_words_what_a_person_needs_to_judge(engine: Engine, tmp_path: Path) -> None:
    findings = [{"code": "digits_changed", "params": {"before": "220V", "after": "22V"}}]
    measures = {"width": 1200, "height": 1200, "ring_white": 1.0, "span": 0.7, "bytes": 90_000, "mask_iou": 0.9}
    case(engine, "taladro", verdict="bad", codigo="T-1", cost="0.039", report={**measures, "findings": findings})
    [one] = desk.next_cases(engine, ANA, Filter())
    shown = review_case.shown(make_app(engine, tmp_path), one, recipes.every(engine))
    assert shown["reasons"] == ["La etiqueta decía 220V y ahora dice 22V."]
    assert (shown["verdictWord"], shown["under"]) == ("Mal", "T-1")
    assert ("Costo", "US$\u00a00,04") in shown["facts"]
    badges = {badge["name"]: badge for badge in shown["markets"]}
    assert badges["Mercado Libre"]["met"] and not badges["Amazon"]["met"]
    assert badges["Amazon"]["required"] == ["El producto ocupa el 70 % del lado. Se pide el 85 % o más."]
    json.dumps(shown)


def test_another_picture_is_asked_for_with_its_price_in_sight(engine: Engine, tmp_path: Path) -> None:
    case(engine)
    [one] = desk.next_cases(engine, ANA, Filter())
    known = recipes.every(engine)
    free = review_case.shown(make_app(engine, tmp_path), one, known)
    assert free["same"]["label"] == "la de su categoría · sin costo"
    gemini = make_app(engine, tmp_path, IMAGE_EDITOR="gemini", GEMINI_API_KEY="k")
    paid = review_case.shown(gemini, one, known)
    assert paid["same"]["label"].replace("\u00a0", " ") == "la de su categoría · como mucho US$ 0,03"
    prices_of = {recipe.current.kind: prices.of_recipe(gemini, recipe.current) for recipe in known}
    assert prices_of["faithful"] == "sin costo" and prices_of["creative"].replace("\u00a0", " ") == "US$ 0,03"


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_with_nothing_to_review_the_page_says_what_comes_here(panel: Open) -> None:
    tab = panel(Role.OPERATOR)
    tab.open("review")
    assert "No hay imágenes por revisar" in tab.words


def test_a_filter_that_nothing_meets_says_how_many_there_are_without_it(
    panel: Open, engine: Engine, made: list[Made]
) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("review", veredicto="bad")
    assert "No hay imágenes por revisar con ese filtro" in tab.words and "Hay 3 imágenes por revisar" in tab.words
    tab.button("Ver todas").click()
    at.run()
    assert not at.exception
    assert "con ese filtro" not in tab.words and "veredicto" not in at.query_params


def test_who_may_only_look_sees_how_many_and_holds_none(panel: Open, engine: Engine, made: list[Made]) -> None:
    tab = panel(Role.VIEWER)
    tab.open("review")
    assert "Hay 3 imágenes por revisar" in tab.words and "es de consulta" in tab.words
    assert picture(engine, made[0].id).reviewer_id is None


def test_the_page_takes_the_first_pictures_for_the_person(panel: Open, engine: Engine, made: list[Made]) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("review")
    assert "Taladro 0" in str([component.proto for component in at.get("bidi_component")])
    assert all(picture(engine, one.id).reviewer_id == 0 for one in made)


def test_home_leads_to_what_awaits_review(panel: Open, engine: Engine, made: list[Made]) -> None:
    review_count._waiting.clear()
    tab = panel(Role.VIEWER)
    at = tab.open("home")
    assert "Hay 3 imágenes por revisar" in [link.proto.label for link in at.get("page_link")]


# ── the contact sheet ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_good_ones_of_a_batch_are_approved_at_once_and_what_stays_is_told(
    panel: Open, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lot = batch(engine, ANA)
    good = [case(engine, f"bien {n}", batch_id=lot) for n in range(4)]
    doubtful = case(engine, "dudosa", batch_id=lot, verdict="doubtful")
    tab = panel(Role.OPERATOR)
    at = tab.open("review")
    tab.button("Aprobar las que están bien").click()
    at.run()
    assert "La inspección dio por buenas 4 imágenes." in tab.words
    monkeypatch.setattr(review_viewer, "left_out", lambda key: {good[3].id})  # a test has no mouse for the sheet
    at.run()
    tab.button("Aprobar 3 imágenes…").click()
    at.run()
    assert "3 artículos mostrarán su imagen nueva en la tienda." in tab.words
    assert "La que quitó sigue por revisar." in tab.words
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/otra.jpg' WHERE id = :id", id=good[2].articulo_id)
    at.button(key="confirm_approve_good").click()
    at.run()
    assert not at.exception
    assert "2 imágenes aprobadas" in tab.words and "1 no se aprobó:" in tab.words
    assert at.dataframe[0].value["nombre"].tolist() == ["Bien 2"]
    tab.button("Seguir revisando").click()
    at.run()
    assert not at.exception and "hoja" not in at.query_params
    reviews = [picture(engine, one.id).review for one in (*good, doubtful)]
    assert reviews == ["approved", "approved", "awaiting", "awaiting", "awaiting"]


def test_of_several_batches_one_is_chosen_and_the_filter_chooses_too(panel: Open, engine: Engine) -> None:
    first, second = batch(engine, ANA), batch(engine, BRUNO)
    for lot, verdict in ((first, "good"), (second, "good"), (second, "bad")):
        case(engine, f"pinza {lot} {verdict}", batch_id=lot, verdict=verdict)
    found = [(row.id, row.total, row.good, row.user_name) for row in open_batches(engine)]
    assert found == [(second, 2, 1, "Bruno"), (first, 1, 1, "Ana")]
    tab = panel(Role.OPERATOR)
    tab.open("review")
    assert not tab.has_button("Aprobar las que están bien"), "a menu of the two"
    at = tab.open("review", lote=str(first))
    tab.button("Aprobar las que están bien").click()
    at.run()
    assert str(first) in at.query_params["hoja"]


def test_a_sheet_with_nothing_on_it_says_why(panel: Open, engine: Engine) -> None:
    lot = batch(engine, BRUNO)
    case(engine, "bien", batch_id=lot)
    desk.next_cases(engine, BRUNO, Filter())
    tab = panel(Role.OPERATOR)
    tab.open("review", hoja=str(lot))
    assert "las está mirando otra persona" in tab.words
    tab.open("review", hoja="999")
    assert "no queda ninguna" in tab.words
