from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from core.access.actors import Actor, Role
from core.money.prices import compare
from core.queue.enqueue import enqueue
from core.ui import formats, snapshot
from tests.shop import run_sql
from tests.ui.pages_harness import CATEGORIES, Panel, add_articles, add_picture, finish

Open = Callable[..., Panel]


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
    assert tab.has_button("Seleccionar los 3 artículos") is (role is not Role.VIEWER)


def test_the_category_of_the_address_is_chosen(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2, categoria_id=1)
    add_articles(engine, 3, categoria_id=2)
    tab = panel(Role.VIEWER)
    at = tab.open("articles", categoria="2")
    assert len(at.dataframe[0].value) == 3
    at.selectbox(key="articles_category").set_value(1).run()
    assert at.query_params["categoria"] == "1"
    assert len(at.dataframe[0].value) == 2
    at.selectbox(key="articles_category").set_value("").run()
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
    snapshot.forget()
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
    tab.button("Seleccionar los 62 artículos").click()
    at.run()
    assert tab.has_button("Desmarcar los 62 elegidos")
    assert "De 62 elegidos, 1 ya está en la cola; 2 no tienen foto." in tab.words
    tab.button("Mejorar 59 fotos · sin costo").click()
    at.run()
    assert at.button(key="confirm_enqueue").label.startswith("Sí, mejorar 59 fotos · sin costo")
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
    tab.button("Mejorar 3 fotos").click()
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
    assert "Ya terminaron los 3 artículos." in tab.words


def test_what_joined_the_filter_meanwhile_is_queued_too_and_said(panel: Open, engine: Engine) -> None:
    add_articles(engine, 12)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    tab.button("Seleccionar los 12").click()
    at.run()
    add_articles(engine, 2)
    tab.button("Mejorar 12 fotos").click()
    at.run()
    assert "El filtro cambió mientras tanto: eran 12, ahora 14." in tab.words
    add_articles(engine, 1)
    at.button(key="confirm_enqueue").click()
    at.run()
    assert not at.exception
    assert "Se agregaron 15 artículos a la cola." in tab.words
    assert "eran 14, ahora 15" in tab.words
    assert jobs(engine) == 15


def test_a_filter_that_grew_much_is_queued_by_a_second_yes_only(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    confirm(tab, 3)
    add_articles(engine, 40)
    at.button(key="confirm_enqueue").click()
    at.run()
    assert "Eran 3 artículos, ahora 43." in tab.words
    assert jobs(engine) == 0
    at.button(key="confirm_enqueue").click()
    at.run()
    assert not at.exception
    assert jobs(engine) == 43


def test_what_is_reported_late_of_a_table_drawn_before_unticks_nothing() -> None:
    def script() -> None:
        import streamlit as st

        from core.catalog.articles import ArticleFilter
        from core.ui import article_table

        drawn = article_table.version()
        article_table.choose_all(ArticleFilter(), frozenset({1, 2, 3}))
        article_table.choose_from_table([1, 2], [], drawn)
        st.text(sorted(article_table.chosen()))
        article_table.choose_from_table([1, 2], [], article_table.version())
        st.text(sorted(article_table.chosen()))

    at = AppTest.from_function(script).run()
    assert [text.value for text in at.text] == ["[1, 2, 3]", "[3]"]


def test_unticking_all_empties_the_basket(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    tab.button("Seleccionar los 3").click()
    at.run()
    tab.button("Desmarcar los 3 elegidos").click()
    at.run()
    assert "Marque los artículos que quiere procesar." in tab.words


def test_a_viewer_has_neither_bar_nor_buttons(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.VIEWER)
    at = tab.open("articles")
    at.session_state["basket"] = frozenset({1, 2})
    at.run()
    assert not tab.has_button("Mejorar")
    assert "elegidos" not in tab.words


GEMINI = {"IMAGE_EDITOR": "gemini", "GEMINI_API_KEY": "k", "GEMINI_MODEL": "gemini-2.5-flash-image"}


def confirm(tab: Panel, articles: int) -> None:
    """Ticks all and opens the confirmation."""
    tab.button(f"Seleccionar los {articles}").click()
    tab.at.run()
    tab.button(f"Mejorar {articles} fotos").click()
    tab.at.run()
    assert not tab.at.exception


def enqueued(tab: Panel, articles: int) -> None:
    """All of them, confirmed."""
    confirm(tab, articles)
    tab.at.button(key="confirm_enqueue").click()
    tab.at.run()
    assert not tab.at.exception


def test_the_lane_of_the_night_says_its_price_and_its_saving(panel: Open, engine: Engine) -> None:
    add_articles(engine, 100)
    tab = panel(Role.OPERATOR, **GEMINI)
    tab.open("articles")
    confirm(tab, 100)
    lane = tab.at.radio(key="enqueue_lane")
    assert lane.options == ["Normal", "Económica (esta noche)"]
    offer = compare("gemini-2.5-flash-image", 100)
    saving = round(offer.normal, 2) - round(offer.economy, 2)
    assert f"Normal: {plain(formats.money(offer.normal))} · " in tab.words
    night = f"{plain(formats.money(offer.economy))} · lista mañana"
    assert f"Económica: {night}. Ahorra {plain(formats.money(saving))}." in tab.words
    lane.set_value("economy").run()
    label = plain(tab.at.button(key="confirm_enqueue").label)
    assert label == f"Sí, mejorar 100 fotos · {night}"
    tab.at.button(key="confirm_enqueue").click()
    tab.at.run()
    assert not tab.at.exception
    with engine.connect() as connection:
        assert connection.execute(text("SELECT DISTINCT lane, fresh FROM image_processing_queue")).all() == [
            ("economy", False)
        ]
    assert "☾ Espera la tanda de la noche" in tab.at.dataframe[0].value["estado"][0]


def test_the_local_editor_offers_no_lane(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2)
    tab = panel(Role.OPERATOR)
    tab.open("articles")
    confirm(tab, 2)
    assert not tab.at.radio
    assert not tab.at.checkbox


def test_pictures_that_exist_are_used_again_unless_asked_otherwise(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    ids = add_articles(engine, 3)
    job = enqueue(engine, operator, ids[:1], origin="panel").added[0].queue_id
    finish(engine, job, "completed")
    add_picture(engine, job)
    tab = panel(Role.OPERATOR, **GEMINI)
    tab.open("articles")
    confirm(tab, 3)
    assert "1 ya tiene imagen hecha: si su foto y sus textos no cambiaron, se reutiliza sin costo." in tab.words
    price = [plain(formats.money(compare("gemini-2.5-flash-image", n).normal)) for n in range(4)]
    confirmation = tab.at.button(key="confirm_enqueue")
    assert plain(confirmation.label).startswith(f"Sí, mejorar 3 fotos · {price[2]}")
    again = tab.at.checkbox(key="enqueue_fresh")
    assert plain(again.label) == "Volver a hacer las que ya tienen imagen hecha (se cobran otra vez)"
    again.check().run()
    assert "se reutiliza" not in tab.words
    confirmation = tab.at.button(key="confirm_enqueue")
    assert plain(confirmation.label).startswith(f"Sí, mejorar 3 fotos · {price[3]}")
    confirmation.click()
    tab.at.run()
    assert not tab.at.exception
    with engine.connect() as connection:
        fresh = connection.scalars(text("SELECT fresh FROM image_processing_queue WHERE id > :job"), {"job": job})
        assert list(fresh) == [True] * 3


def test_the_button_of_one_article_says_what_it_costs_where_its_picture_is_used_again(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    made, new = add_articles(engine, 2)
    job = enqueue(engine, operator, [made], origin="panel").added[0].queue_id
    finish(engine, job, "completed")
    add_picture(engine, job)
    tab = panel(Role.OPERATOR, **GEMINI)
    price = plain(formats.money(compare("gemini-2.5-flash-image", 1).normal))
    for articulo_id, cost in ((made, "sin costo"), (new, price)):
        tab.open("articles", articulo=str(articulo_id))
        assert plain(tab.at.button(key="article_enqueue").label).startswith(f"Mejorar esta foto · {cost}")


def test_what_was_just_enqueued_can_be_taken_back(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    enqueued(tab, 3)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE image_processing_queue SET estado = 'processing', started_at = now(), intentos = 1,"
                " lease_until = now() + interval '1 minute' WHERE id = (SELECT min(id) FROM image_processing_queue)"
            )
        )
    tab.button("Deshacer").click()
    at.run()
    assert not at.exception
    assert "Se sacaron 2 artículos de la cola. 1 ya había empezado y se termina." in tab.words
    assert not tab.has_button("Deshacer")
    assert jobs(engine) == 1


def test_once_all_of_it_is_over_that_is_said_once_and_nothing_is_offered_to_be_taken_back(
    panel: Open, engine: Engine
) -> None:
    add_articles(engine, 2)
    tab = panel(Role.OPERATOR)
    at = tab.open("articles")
    enqueued(tab, 2)
    assert tab.has_button("Deshacer")
    run_sql(engine, "UPDATE image_processing_queue SET estado = 'completed', completed_at = now()")
    snapshot.forget()
    at.run()
    assert "Ya terminaron los 2 artículos." in tab.words
    assert not tab.has_button("Deshacer")
    at.run()
    assert "Ya terminaron" not in tab.words


def test_a_batch_of_one_category_is_called_after_it(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2, categoria_id=1)
    tab = panel(Role.OPERATOR)
    tab.open("articles")
    enqueued(tab, 2)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT label FROM revelado.batches")) == CATEGORIES[1]


def plain(words: str) -> str:
    """Markdown's escapes undone."""
    return words.replace("\\", "").replace("\u00a0", " ")


def test_the_categories_come_first_each_with_how_far_it_is(panel: Open, engine: Engine, operator: Actor) -> None:
    ids = add_articles(engine, 3, categoria_id=1)
    add_articles(engine, 2, categoria_id=2, picture=False)
    done, failed, _waiting = enqueue(engine, operator, ids, origin="panel").added
    finish(engine, done.queue_id, "completed")
    finish(engine, failed.queue_id, "failed", error="No se puede abrir.")
    tab = panel(Role.VIEWER)
    at = tab.open("articles")
    assert "3 artículos, 3 con foto, 1 completado, 1 pendiente, 1 fallido" in tab.words
    tab.button("Pinturas").click()
    at.run()
    assert at.query_params["categoria"] == "2"
    assert len(at.dataframe[0].value) == 2
    assert not tab.has_button("Tornillería")


def test_of_many_categories_the_rest_is_shown_when_asked_for(panel: Open, engine: Engine) -> None:
    run_sql(engine, "INSERT INTO categorias (nombre) SELECT 'Zócalo ' || n FROM generate_series(10, 29) n")
    tab = panel(Role.VIEWER)
    at = tab.open("articles")
    assert not tab.has_button("Zócalo 29")
    tab.button("Ver ").click()
    at.run()
    assert tab.has_button("Zócalo 29") and not tab.has_button("Ver ")


def test_the_gallery_shows_the_same_articles_and_is_kept_for_the_person(panel: Open, engine: Engine) -> None:
    add_articles(engine, 3, categoria_id=1)
    user = a_user(engine)
    tab = panel(Role.OPERATOR, user_id=user)
    at = tab.open("articles")
    at.segmented_control(key="articles_view").set_value("galeria").run()
    assert not at.exception
    assert not at.dataframe
    assert [box.label for box in at.main.checkbox] == ["Elegir"] * 3
    at.main.checkbox[1].check().run()
    assert tab.has_button("Desmarcar el elegido")
    assert panel(Role.OPERATOR, user_id=user).open("articles").segmented_control(key="articles_view").value == "galeria"


def test_filters_are_saved_by_name_and_come_back(panel: Open, engine: Engine) -> None:
    add_articles(engine, 2, categoria_id=1)
    add_articles(engine, 3, categoria_id=2)
    tab = panel(Role.VIEWER, user_id=a_user(engine))
    at = tab.open("articles", categoria="2", foto="with")
    at.text_input[-1].set_value("Pinturas con foto")
    tab.button("Guardar").click()
    at.run()
    assert not at.exception
    at.selectbox(key="articles_category").set_value(1).run()
    at.selectbox(key="articles_picture").set_value("any").run()
    assert len(at.dataframe[0].value) == 2
    tab.button("Pinturas con foto").click()
    at.run()
    assert not at.exception
    assert (at.query_params["categoria"], at.query_params["foto"]) == ("2", "with")
    assert len(at.dataframe[0].value) == 3
    tab.button("Borrar").click()
    at.run()
    assert not tab.has_button("Pinturas con foto")


def test_an_article_has_an_address_with_its_pictures_jobs_and_cost(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    [articulo] = add_articles(engine, 1, categoria_id=1)
    job = enqueue(engine, operator, [articulo], origin="panel").added[0].queue_id
    finish(engine, job, "completed")
    add_picture(engine, job, cost="0.04")
    tab = panel(Role.OPERATOR)
    at = tab.open("articles", articulo=str(articulo))
    assert at.title[0].value == "Tornillo 0001"
    assert "Gastado en sus imágenes: US$ 0,04" in tab.words
    assert "● En la tienda · US$ 0,04" in tab.words
    tab.button("Mejorar esta foto").click()
    at.run()
    at.button(key="confirm_enqueue").click()
    at.run()
    assert not at.exception
    assert jobs(engine) == 2
    assert "Se agregó 1 artículo a la cola." in tab.words
    assert tab.has_button("Sacar de la cola")
    tab.button("Volver a la lista").click()
    at.run()
    assert at.title[0].value == "Artículos"


def test_an_article_that_is_gone_says_so(panel: Open) -> None:
    tab = panel(Role.VIEWER)
    tab.open("articles", articulo="77")
    assert "Ese artículo no existe" in tab.words


def test_the_confirmation_says_how_long_it_takes_at_each_speed(panel: Open, engine: Engine) -> None:
    add_articles(engine, 100)
    tab = panel(Role.OPERATOR, **GEMINI)
    tab.open("articles")
    confirm(tab, 100)
    assert "A velocidad rápida" in tab.words
    assert "; máxima, " in tab.words


def a_user(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(
            connection.scalar(
                text(
                    "INSERT INTO revelado.users (email, name, password_hash, role)"
                    " VALUES ('b@x.co', 'Beto', 'x', 'operador') RETURNING id"
                )
            )
            or 0
        )
