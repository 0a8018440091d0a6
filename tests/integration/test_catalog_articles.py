"""Finding articles, and what their states are."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from core.catalog import articles
from core.catalog.articles import UNCATEGORISED, ArticleFilter, Order
from tests.integration.review_shop import result


def add(engine: Engine, nombre: str, **columns: object) -> int:
    names = ["nombre", *columns]
    with engine.begin() as connection:
        return connection.scalars(
            text(
                f"INSERT INTO articulos ({', '.join(names)}) VALUES ({', '.join(f':{n}' for n in names)}) RETURNING id"
            ),
            {"nombre": nombre, **columns},
        ).one()


def add_category(engine: Engine, nombre: str) -> int:
    with engine.begin() as connection:
        return connection.scalars(
            text("INSERT INTO categorias (nombre) VALUES (:nombre) RETURNING id"), {"nombre": nombre}
        ).one()


def add_job(engine: Engine, articulo_id: int, estado: str) -> int:
    """As the earlier backend left them: the database accepts any combination of old rows."""
    with engine.begin() as connection:
        return connection.scalars(
            text(
                "INSERT INTO image_processing_queue (articulo_id, estado, adopted) VALUES (:articulo_id, :estado, true)"
                " RETURNING id"
            ),
            {"articulo_id": articulo_id, "estado": estado},
        ).one()


def add_result(engine: Engine, articulo_id: int, url: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:id, 'result', :url, 'external')"
            ),
            {"id": articulo_id, "url": url},
        )


def names(engine: Engine, where: ArticleFilter, order: Order = Order.NAME) -> list[str]:
    found = [row.nombre for row in articles.page(engine, where, order)]
    assert articles.count(engine, where) == len(found)
    assert articles.ids(engine, where, order) == [row.id for row in articles.page(engine, where, order)]
    return found


def test_a_search_without_accents_finds_the_accented(engine: Engine) -> None:
    add(engine, "Caño galvanizado")
    add(engine, "Cable")
    assert names(engine, ArticleFilter(search="cano")) == ["Caño galvanizado"]
    assert names(engine, ArticleFilter(search="CAÑO")) == ["Caño galvanizado"]


def test_names_sort_without_regard_to_accents_and_case(engine: Engine) -> None:
    for nombre in ("zapato", "Árbol", "bulón"):
        add(engine, nombre)
    assert names(engine, ArticleFilter()) == ["Árbol", "bulón", "zapato"]


def test_every_word_must_match_somewhere_in_name_code_or_description(engine: Engine) -> None:
    add(engine, "Tornillo", codigo="T-10", descripcion="Acero inoxidable")
    add(engine, "Tornillo", codigo="T-20", descripcion="Bronce")
    assert len(names(engine, ArticleFilter(search="tornillo"))) == 2
    assert len(names(engine, ArticleFilter(search="  acero   t-10 TORNILLO "))) == 1
    assert names(engine, ArticleFilter(search="acero t-20")) == []


def test_a_search_does_not_run_from_one_field_into_the_next(engine: Engine) -> None:
    add(engine, "Tor", codigo="nillo")
    assert names(engine, ArticleFilter(search="tornillo")) == []


@pytest.mark.parametrize("wildcard", ["%", "_", "\\"])
def test_wildcards_are_searched_as_written(engine: Engine, wildcard: str) -> None:
    add(engine, f"Alcohol 70{wildcard}")
    add(engine, "Alcohol 700")
    assert names(engine, ArticleFilter(search=f"70{wildcard}")) == [f"Alcohol 70{wildcard}"]


def test_a_nul_in_a_search_is_harmless(engine: Engine) -> None:
    add(engine, "Tornillo")
    assert names(engine, ArticleFilter(search="torn\0")) == ["Tornillo"]


def test_articles_are_found_by_picture_and_by_being_active(engine: Engine) -> None:
    add(engine, "con foto", imagen_url="https://x/1.jpg")
    add(engine, "sin foto")
    add(engine, "vacía", imagen_url="")
    add(engine, "baja", activo=False)
    add(engine, "nula", activo=None)
    assert names(engine, ArticleFilter(picture="with")) == ["con foto"]
    assert names(engine, ArticleFilter(picture="without")) == ["nula", "sin foto", "vacía"]
    assert names(engine, ArticleFilter(activo=False)) == ["baja"]
    assert len(names(engine, ArticleFilter(activo=None))) == 5


def test_the_state_is_that_of_the_last_job_and_a_live_job_wins(engine: Engine) -> None:
    jobs = {
        "nunca": [],
        "en cola": ["pending"],
        "procesando": ["completed", "processing"],
        "revivido": ["pending", "failed"],
        "listo": ["failed", "completed"],
        "falló": ["completed", "failed"],
    }
    for nombre, estados in jobs.items():
        articulo_id = add(engine, nombre)
        for estado in estados:
            add_job(engine, articulo_id, estado)
    assert names(engine, ArticleFilter(state="never")) == ["nunca"]
    assert names(engine, ArticleFilter(state="queued")) == ["en cola", "procesando", "revivido"]
    assert names(engine, ArticleFilter(state="done")) == ["listo"]
    assert names(engine, ArticleFilter(state="failed")) == ["falló"]
    shown = {row.nombre: row.estado for row in articles.page(engine, ArticleFilter())}
    assert shown == {
        "nunca": None,
        "en cola": "pending",
        "procesando": "processing",
        "revivido": "pending",
        "listo": "completed",
        "falló": "failed",
    }


def test_an_article_that_shows_our_picture_is_done_after_its_job_was_cleaned(engine: Engine) -> None:
    shown = add(engine, "muestra la nuestra", imagen_url="https://x/nueva.jpg")
    replaced = add(engine, "ya tiene otra", imagen_url="https://x/otra.jpg")
    for articulo_id in (shown, replaced):
        add_result(engine, articulo_id, "https://x/nueva.jpg")
    assert names(engine, ArticleFilter(state="done")) == ["muestra la nuestra"]
    assert names(engine, ArticleFilter(state="never")) == ["ya tiene otra"]
    assert [row.estado for row in articles.get(engine, [shown, replaced])] == ["completed", None]
    (none,) = articles.categories(engine)
    assert (none.articles, none.done) == (2, 1)


def test_categories_count_their_active_articles_by_state(engine: Engine) -> None:
    screws, empty = add_category(engine, "Tornillos"), add_category(engine, "Árboles")
    for estado in ("completed", "pending", "processing", "failed"):
        add_job(engine, add(engine, estado, categoria_id=screws, imagen_url="https://x/1.jpg"), estado)
    add(engine, "nuevo", categoria_id=screws)
    add(engine, "baja", categoria_id=screws, activo=False)
    add(engine, "huérfano", categoria_id=9999)
    held = add(engine, "espera", categoria_id=screws, activo=True, imagen_url="https://x/2.jpg")
    result(engine, held, "http://cdn/2.jpg", job_id=add_job(engine, held, "completed"), review="awaiting")
    trees, counted, none = articles.categories(engine)
    assert (trees.id, trees.nombre, trees.articles) == (empty, "Árboles", 0)
    assert (counted.id, counted.articles, counted.with_picture) == (screws, 6, 5)
    assert (counted.done, counted.queued, counted.failed, counted.to_review) == (2, 2, 1, 1)
    assert (none.id, none.nombre, none.articles) == (UNCATEGORISED, "Sin categoría", 1)
    assert names(engine, ArticleFilter(categoria_id=UNCATEGORISED)) == ["huérfano"]
    assert len(names(engine, ArticleFilter(categoria_id=screws))) == 6


def test_pages_follow_one_another_without_gaps(engine: Engine) -> None:
    for number in range(25):
        add(engine, f"Igual {number % 3}", codigo=f"{number:02}")
    for order in Order:
        pages = [articles.page(engine, ArticleFilter(), order, 10, offset) for offset in (0, 10, 20, 30)]
        assert [len(page) for page in pages] == [10, 10, 5, 0]
        assert [row.id for page in pages for row in page] == articles.ids(engine, ArticleFilter(), order)


def test_articles_without_a_code_come_last_by_code(engine: Engine) -> None:
    for nombre, codigo in (("a", None), ("b", ""), ("c", "Z"), ("d", "y")):
        add(engine, nombre, codigo=codigo)
    assert names(engine, ArticleFilter(), Order.CODE) == ["d", "c", "a", "b"]


def test_get_keeps_the_order_asked_for_and_leaves_out_the_unknown(engine: Engine) -> None:
    first, second = add(engine, "uno"), add(engine, "dos")
    assert [row.id for row in articles.get(engine, [second, 10**12, first, -1, second, 999])] == [second, first]
    assert articles.get(engine, []) == []


def test_what_can_be_processed_is_active_has_a_picture_and_is_not_in_the_queue(engine: Engine) -> None:
    fine = add(engine, "Martillo", imagen_url="http://shop/1.jpg")
    done = add(engine, "Pinza", imagen_url="http://shop/2.jpg")
    add_job(engine, done, "completed")
    waiting = add(engine, "Sierra", imagen_url="http://shop/3.jpg")
    add_job(engine, waiting, "pending")
    inactive = add(engine, "Lima", imagen_url="http://shop/4.jpg", activo=False)
    bare = add(engine, "Clavo", imagen_url=None)
    found = articles.processable(engine, [bare, inactive, waiting, done, fine, 999])
    assert found.ready == {fine: False, done: False}
    assert found.left_out == {"no_picture": 1, "inactive": 1, "already_queued": 1, "unknown": 1}


def test_an_article_tells_what_became_of_the_picture_its_last_job_made(engine: Engine) -> None:
    made = add(engine, "Martillo", imagen_url="http://shop/1.jpg")
    job = add_job(engine, made, "completed")
    result(engine, made, "http://cdn/1.jpg", job_id=job, review="awaiting", verdict="bad")
    [row] = articles.get(engine, [made])
    assert (row.estado, row.review, row.verdict) == ("completed", "awaiting", "bad")
    add_job(engine, made, "pending")
    [row] = articles.get(engine, [made])
    assert (row.estado, row.review) == ("pending", None)


def test_what_a_person_must_see_or_did_not_want_is_found(engine: Engine) -> None:
    made = {}
    for name, review in (("Martillo", "awaiting"), ("Pinza", "rejected"), ("Sierra", "rejected"), ("Lima", "approved")):
        made[name] = add(engine, name, imagen_url=f"http://shop/{name}.jpg")
        job = add_job(engine, made[name], "completed")
        judged = {} if review == "awaiting" else {"judged_at": "2026-11-01"}
        result(engine, made[name], f"http://cdn/{name}.jpg", job_id=job, review=review, **judged)
    add_job(engine, made["Sierra"], "completed")
    assert names(engine, ArticleFilter(state="to_review")) == ["Martillo"]
    assert names(engine, ArticleFilter(state="rejected")) == ["Pinza"], "Sierra was made anew since"
    assert names(engine, ArticleFilter(state="done")) == ["Lima", "Martillo", "Sierra"], (
        "what nobody wanted is not done"
    )
    [counted] = articles.categories(engine)
    assert (counted.done, counted.to_review, counted.rejected) == (3, 1, 1)


def test_what_was_rejected_is_not_offered_to_be_used_again(engine: Engine) -> None:
    made = add(engine, "Martillo", imagen_url="http://shop/1.jpg")
    picture = result(engine, made, "http://cdn/1.jpg", cache_key=b"key", review="approved", judged_at="2026-11-01")
    assert articles.processable(engine, [made]).ready == {made: True}
    with engine.begin() as connection:
        connection.execute(text("UPDATE revelado.pictures SET review = 'rejected' WHERE id = :id"), {"id": picture})
    assert articles.processable(engine, [made]).ready == {made: False}
