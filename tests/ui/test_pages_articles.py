from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Actor, Role
from core.queue.enqueue import enqueue
from tests.ui.pages_harness import Panel, add_articles, finish

Open = Callable[[Role], Panel]


def jobs(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM image_processing_queue")) or 0)


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_catalogue_says_where_to_begin(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("articles")
    assert "Todavía no hay artículos" in tab.words


@pytest.mark.parametrize("role", list(Role))
def test_the_page_draws_for_each_role(panel: Open, engine: Engine, role: Role) -> None:
    add_articles(engine, 3, categoria_id=1)
    tab = panel(role)
    at = tab.open("articles")
    assert list(at.dataframe[0].value["nombre"]) == ["Tornillo 0001", "Tornillo 0002", "Tornillo 0003"]
    assert tab.has_button("Seleccionar los 3 que cumplen") is (role is not Role.VIEWER)


def test_the_category_of_the_address_is_chosen(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2, categoria_id=1)
    add_articles(engine, 3, categoria_id=2)
    tab = panel(Role.VIEWER)
    at = tab.open("articles", categoria="2")
    assert len(at.dataframe[0].value) == 3
    at.selectbox(key="articles_category").set_value(1).run()
    assert at.query_params["categoria"] == "1"
    assert len(at.dataframe[0].value) == 2
    at.selectbox(key="articles_category").set_value(None).run()
    assert "categoria" not in at.query_params
    assert len(at.dataframe[0].value) == 5


def test_a_category_that_does_not_exist_shows_all(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2, categoria_id=1)
    assert len(panel(Role.VIEWER).open("articles", categoria="77").dataframe[0].value) == 2


@pytest.mark.parametrize("role", list(Role))
def test_finished_pictures_of_the_filter_can_be_downloaded(
    panel: Open, engine: Engine, operator: Actor, role: Role
) -> None:
    ids = add_articles(engine, 2, categoria_id=1)
    add_articles(engine, 1, categoria_id=2)
    job = enqueue(engine, operator, ids, origin="panel").added[0].queue_id
    tab = panel(role)
    assert not tab.open("articles", categoria="1").get("link_button")
    finish(engine, job, "completed")
    at = tab.at.run()
    assert [link.proto.url for link in at.get("link_button")] == ["/exportar/fotos.zip?categoria=1"]
    at.selectbox(key="articles_category").set_value(2).run()
    assert not at.get("link_button")


def test_search_without_a_match_says_so(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    at.text_input(key="articles_search").set_value("martillo").run()
    assert "Ningún artículo cumple los filtros" in tab.words


def test_pages_of_fifty(panel: Open, engine: Engine) -> None:
    add_articles(engine, 120)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    assert "Mostrando 1–50 de 120." in tab.words
    at.get("pagination")[0].set_value(3).run()
    assert "Mostrando 101–120 de 120." in tab.words


def test_all_that_match_are_chosen_confirmed_and_enqueued_once(panel: Open, engine: Engine, operator: Actor) -> None:
    ids = add_articles(engine, 60)
    add_articles(engine, 2, picture=False)
    enqueue(engine, operator, ids[:1], origin="api")
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    tab.button("Seleccionar los 62 que cumplen").click()
    at.run()
    assert "62 elegidos en total." in tab.words
    tab.button("Encolar 62 imágenes · sin costo").click()
    at.run()
    assert "Se procesarán 59 artículos: sin costo" in tab.words
    assert "Quedan afuera: 1 ya está en la cola; 2 no tienen foto." in tab.words
    assert jobs(engine) == 1
    at.button(key="confirm_enqueue").click()
    at.run()
    assert not at.exception
    assert jobs(engine) == 60
    assert "Se agregaron 59 artículos a la cola." in tab.words
    assert at.expander[0].label == "3 artículos quedaron afuera"
    assert "2 no tienen foto" in tab.words
    assert "Tornillo 0001 Tornillo 0002" in " ".join(tab.words.split())
    assert "elegidos" not in tab.words


def test_confirming_the_same_dialog_twice_enqueues_once(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    tab.button("Seleccionar los 3").click()
    at.run()
    tab.button("Encolar 3 imágenes").click()
    at.run()
    state = {key: at.session_state[key] for key in ("basket", "dialog_enqueue")}
    at.button(key="confirm_enqueue").click()
    at.run()
    for key, value in state.items():
        at.session_state[key] = value
    with engine.begin() as connection:
        # As if the first click's jobs were over already: only the request's id can tell that it is the same click.
        connection.execute(text("UPDATE image_processing_queue SET estado = 'completed', completed_at = now()"))
    at.run()
    at.button(key="confirm_enqueue").click()
    at.run()
    assert not at.exception
    assert jobs(engine) == 3
    assert "Se agregaron 3 artículos a la cola." in tab.words


def test_quitar_seleccion_empties_the_basket(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    tab.button("Seleccionar los 3").click()
    at.run()
    tab.button("Quitar selección").click()
    at.run()
    assert "Marque los artículos que quiere procesar." in tab.words


def test_a_viewer_has_neither_bar_nor_buttons(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.VIEWER)
    at = tab.open("articles")
    at.session_state["basket"] = frozenset({1, 2})
    at.run()
    assert not tab.has_button("Encolar")
    assert "elegidos" not in tab.words
