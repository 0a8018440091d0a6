from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from core.access.actors import SYSTEM, Actor, Role
from core.access.harm import NeedsAdministrator
from core.queue import history, retry
from core.queue.enqueue import enqueue
from core.queue.history import HistoryRow
from core.queue.history_filter import HistoryFilter
from core.review import decide
from core.settings.change import change
from core.ui import history_table, keyset_pages
from core.ui import tab as tab_
from tests.shop import rows, run_sql
from tests.ui.pages_harness import Panel, add_articles, add_picture, add_purchase, finish, judged_pictures

Open = Callable[..., Panel]


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT estado FROM image_processing_queue ORDER BY id")))


@pytest.fixture
def worked(engine: Engine, operator: Actor) -> list[int]:
    """Three jobs: completed, failed, failed; ended ten days ago."""
    done = enqueue(engine, operator, add_articles(engine, 3, categoria_id=1), origin="panel")
    ids = [added.queue_id for added in done.added]
    finish(engine, ids[0], "completed", days_ago=10)
    for job in ids[1:]:
        finish(engine, job, "failed", error="La foto no se puede abrir.", days_ago=10)
    return ids


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_history_says_what_to_do(panel: Open, role: Role) -> None:
    tab = panel(role)
    tab.open("history")
    assert "Todavía no hay trabajos" in tab.words


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_buttons(panel: Open, worked: list[int], role: Role) -> None:
    tab = panel(role)
    at = tab.open("history")
    assert "3 trabajos. Mostrando 1–3." in tab.words
    assert len(at.dataframe[0].value) == 3
    assert tab.has_button("Reintentar todos los fallidos") is (role is not Role.VIEWER)
    assert tab.has_button("Limpiar el historial") is (role is Role.ADMIN)


def test_filters_come_from_the_address_and_go_into_the_download(panel: Open, worked: list[int]) -> None:
    tab = panel(Role.VIEWER)
    at = tab.open("history", estado="failed", buscar="tornillo 0003", desde="2020-01-01")
    assert list(at.dataframe[0].value["nombre"]) == ["Tornillo 0003"]
    assert at.link_button[0].url == "/exportar/historial.csv?estado=failed&buscar=tornillo+0003&desde=2020-01-01"


def test_what_was_rejected_has_a_filter_of_its_own(panel: Open, worked: list[int], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revelado.pictures (articulo_id, kind, url, host, job_id, review, judged_at, verdict)"
                " SELECT articulo_id, 'result', 'http://cdn/1.jpg', 'local', id, 'rejected', now(), 'bad'"
                " FROM image_processing_queue WHERE estado = 'completed'"
            )
        )
    tab = panel(Role.VIEWER)
    at = tab.open("history", estado="rejected")
    assert [list(states) for states in at.dataframe[0].value["estado"]] == [["✕ Rechazada"]]
    assert at.link_button[0].url == "/exportar/historial.csv?estado=rejected"
    tab.button("Quitar el filtro").click()
    at.run()
    assert len(at.dataframe[0].value) == 3


def test_a_rejected_picture_that_was_used_again_is_found_with_each_of_its_jobs(
    worked: list[int], engine: Engine, operator: Actor
) -> None:
    add_picture(engine, worked[0])
    [article] = rows(engine, "SELECT articulo_id AS id FROM image_processing_queue WHERE id = :id", id=worked[0])
    [again] = enqueue(engine, operator, [article.id], origin="panel").added
    finish(engine, again.queue_id, "completed")
    run_sql(engine, "UPDATE revelado.pictures SET review = 'rejected', judged_at = now(), judged_by = 'Ana'")
    found = history.page(engine, HistoryFilter(estado="completed", review="rejected"))
    assert [row.id for row in found.rows] == [again.queue_id, worked[0]]
    assert {row.review for row in found.rows} == {"rejected"}


def test_what_became_of_a_picture_is_told_by_the_same_words_in_articulos(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    ids, jobs = judged_pictures(engine, operator)
    [again] = enqueue(engine, operator, ids[:1], origin="panel").added
    finish(engine, again.queue_id, "completed")
    run_sql(engine, "UPDATE image_processing_queue SET imagen_url_procesada = "
        "(SELECT url FROM revelado.pictures WHERE job_id = :first) WHERE id = :again",
        first=jobs[0], again=again.queue_id)  # fmt: skip
    tab = panel(Role.VIEWER)
    by_article, by_job = (
        [list(told) for told in tab.open(page).dataframe[0].value["estado"]] for page in ("articles", "history")
    )
    again_1, redo_4, job_5, job_4, job_3, job_2, _job_1 = by_job
    assert by_article == [again_1, job_2, job_3, redo_4, job_5]
    assert [again_1, job_2, job_3, job_4, job_5] == [
        ["● Aprobada"], ["✕ Rechazada"], ["– Quedó la original"], ["– Se pidió otra"], ["○ Revisar"],
    ]  # fmt: skip


def test_a_job_tells_what_was_decided_of_it_though_its_picture_came_out_again(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    _ids, jobs = judged_pictures(engine, operator)
    [asked] = rows(engine, "SELECT job_id FROM revelado.decisions WHERE action = 'redo'")
    finish(engine, asked.job_id, "completed")
    run_sql(engine, "UPDATE image_processing_queue again SET imagen_url_procesada = p.url FROM revelado.pictures p"
        " WHERE p.job_id = :first AND again.id = :again", first=jobs[3], again=asked.job_id)  # fmt: skip
    run_sql(engine, "UPDATE revelado.pictures SET review = 'awaiting', judged_at = NULL, judged_by = NULL"
        " WHERE job_id = :first", first=jobs[3])  # fmt: skip
    assert history_table.standing(row(engine, jobs[3])).word == "Se pidió otra"
    assert history_table.standing(row(engine, asked.job_id)).word == "Revisar"
    [picture] = rows(engine, "SELECT id FROM revelado.pictures WHERE job_id = :first", first=jobs[3])
    decide.keep_original(engine, operator, picture.id)
    assert history_table.standing(row(engine, jobs[3])).word == "Se pidió otra"
    assert history_table.standing(row(engine, asked.job_id)).word == "Quedó la original"


def test_on_a_phone_a_job_says_what_it_is_and_what_became_of_it_first(
    panel: Open, worked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tab_, "narrow", lambda: True)
    at = panel(Role.VIEWER).open("history")
    assert list(at.dataframe[0].proto.column_order)[:3] == ["despues", "nombre", "estado"]


def test_person_and_cost_are_filters_and_the_totals_are_of_what_they_leave(
    panel: Open, worked: list[int], engine: Engine, admin: Actor
) -> None:
    other = enqueue(engine, admin, add_articles(engine, 1), origin="panel").added[0].queue_id
    with engine.begin() as connection:
        add_purchase(connection, worked[0], "used", "0.04")
        add_purchase(connection, worked[1], "doubtful", "0.03")
    tab = panel(Role.VIEWER)
    at = tab.open("history")
    assert "1 completado y 2 fallidos. Costo total: US$ 0,07." in tab.words
    at.selectbox(key="history_person").set_value("Alicia").run()
    assert at.query_params["persona"] == "Alicia"
    assert len(at.dataframe[0].value) == 1
    assert at.link_button[0].url == "/exportar/historial.csv?persona=Alicia"
    at.selectbox(key="history_person").set_value("").run()
    at.number_input(key="history_cost_from").set_value(0.04).run()
    assert "1 completado y 0 fallidos. Costo total: US$ 0,04." in tab.words
    at.number_input(key="history_cost_from").set_value(None).run()
    at.number_input(key="history_cost_to").set_value(0.0).run()
    assert "2 trabajos." in tab.words
    assert other


def test_the_jobs_of_one_article_are_reached_by_a_link(panel: Open, worked: list[int], engine: Engine) -> None:
    articulo = row(engine, worked[0]).articulo_id
    tab = panel(Role.VIEWER)
    at = tab.open("history", articulo=str(articulo))
    assert f"Solo el artículo {articulo}." in tab.words
    assert len(at.dataframe[0].value) == 1


def test_a_filter_without_a_match_says_so(panel: Open, worked: list[int]) -> None:
    tab = panel(Role.VIEWER)
    tab.open("history", estado="processing")
    assert "Ningún trabajo cumple los filtros" in tab.words


def test_one_batch_can_be_left_again(panel: Open, worked: list[int], engine: Engine, operator: Actor) -> None:
    other = enqueue(engine, operator, add_articles(engine, 1), origin="panel").batch_id
    tab = panel(Role.VIEWER)
    at = tab.open("history", lote=str(other))
    assert at.selectbox(key="history_batch").value == other
    assert len(at.dataframe[0].value) == 1
    at.selectbox(key="history_batch").set_value("").run()
    assert len(at.dataframe[0].value) == 4
    assert "lote" not in at.query_params


def test_all_failed_jobs_are_retried_after_a_confirmation_with_figures(
    panel: Open, worked: list[int], engine: Engine
) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("history")
    tab.button("Reintentar todos los fallidos").click()
    at.run()
    assert "2 trabajos vuelven a la cola: sin costo" in tab.words
    assert states(engine) == ["completed", "failed", "failed"]
    at.button(key="confirm_retry").click()
    at.run()
    assert not at.exception
    assert states(engine) == ["completed", "pending", "pending"]
    at.run()
    assert not tab.has_button("Reintentar todos los fallidos")


def test_with_a_filter_only_what_failed_within_it_is_retried(panel: Open, worked: list[int], engine: Engine) -> None:
    tab = panel(Role.OPERATOR)
    at = tab.open("history", buscar="tornillo 0003")
    tab.button("Reintentar los fallidos del filtro").click()
    at.run()
    at.button(key="confirm_retry").click()
    at.run()
    assert not at.exception
    assert states(engine) == ["completed", "failed", "pending"]


def test_a_failure_whose_article_came_out_well_since_is_not_bought_again(
    panel: Open, worked: list[int], engine: Engine, operator: Actor
) -> None:
    for articulo_id in rows(engine, "SELECT articulo_id FROM image_processing_queue WHERE estado = 'failed'"):
        [again] = enqueue(engine, operator, [articulo_id.articulo_id], origin="panel").added
        finish(engine, again.queue_id, "completed")
    tab = panel(Role.OPERATOR)
    at = tab.open("history")
    tab.button("Reintentar todos los fallidos").click()
    at.run()
    assert "No hay nada que reintentar" in tab.words
    assert retry.retry_matching(engine, operator, HistoryFilter(), seen=2) == 0
    assert states(engine) == ["completed", "failed", "failed", "completed", "completed"]


def test_a_picture_that_the_shop_shows_no_more_is_marked_as_replaced(
    panel: Open, worked: list[int], engine: Engine
) -> None:
    tab = panel(Role.VIEWER)

    def told() -> list[str]:
        articles = tab.open("articles").dataframe[0].value
        [of_article] = articles[articles["nombre"] == "Tornillo 0001"]["estado"]
        of_job = list(tab.open("history").dataframe[0].value["estado"].iloc[-1])
        assert list(of_article) == of_job
        return of_job

    add_picture(engine, worked[0])
    run_sql(engine, "UPDATE articulos SET imagen_url = 'https://shop.example/otra.jpg'")
    assert told() == ["● Completado"], "the shop never showed it"
    run_sql(engine, "UPDATE revelado.pictures SET published_at = now()")
    assert told() == ["– Ya no se muestra"]
    run_sql(engine, "UPDATE articulos SET imagen_url = ''")
    assert told() == ["● Completado"], "it shows none"
    run_sql(engine, "UPDATE articulos a SET imagen_url = p.url FROM revelado.pictures p WHERE p.articulo_id = a.id")
    assert told() == ["● En la tienda"]


def test_retrying_all_that_failed_has_the_limits_of_harm(worked: list[int], engine: Engine, operator: Actor) -> None:
    change(engine, SYSTEM, "admin_over_articles", 1)
    with pytest.raises(NeedsAdministrator, match="2 artículos"):
        retry.retry_matching(engine, replace(operator, id=7), HistoryFilter(), seen=2, confirmed=True)
    assert states(engine) == ["completed", "failed", "failed"]


def test_old_jobs_are_counted_before_they_are_removed(panel: Open, worked: list[int], engine: Engine) -> None:
    tab = panel(Role.ADMIN)
    at = tab.open("history")
    tab.button("Limpiar el historial").click()
    at.run()
    assert at.button(key="confirm_clean").label == "Borrar 3 trabajos viejos"
    at.button(key="confirm_clean").click()
    at.run()
    assert not at.exception
    assert states(engine) == []


def test_pages_go_older_and_newer_and_the_address_says_which(panel: Open, engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 120), origin="panel")
    tab = panel(Role.VIEWER)
    at = tab.open("history")
    assert "120 trabajos. Mostrando 1–50." in tab.words
    for shown in ("51–100", "101–120"):
        at.button(key="history_older").click()
        at.run()
        assert f"120 trabajos. Mostrando {shown}." in tab.words
    place = dict(at.query_params)
    assert place["pagina"] == "3"
    at.button(key="history_newer").click()
    at.run()
    assert "120 trabajos. Mostrando 51–100." in tab.words

    tab = panel(Role.VIEWER)
    at = tab.open("history", **place)
    assert "120 trabajos. Mostrando 101–120." in tab.words
    tab.button("Ir a los más nuevos").click()
    at.run()
    assert "120 trabajos. Mostrando 1–50." in tab.words
    assert dict(at.query_params) == {}


def test_another_filter_begins_at_the_first_page(panel: Open, engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 70), origin="panel")
    tab = panel(Role.VIEWER)
    at = tab.open("history")
    at.button(key="history_older").click()
    at.run()
    at.selectbox(key="history_state").set_value("pending").run()
    assert "70 trabajos. Mostrando 1–50." in tab.words
    assert dict(at.query_params) == {"estado": "pending"}


def test_a_link_to_jobs_that_are_there_no_more_shows_the_newest(panel: Open, engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 3), origin="panel")
    tab = panel(Role.VIEWER)
    tab.open("history", pagina="4", antes_de="1")
    assert "3 trabajos. Mostrando 1–3." in tab.words


def test_the_way_back_leads_over_the_pages_that_were_gone_through() -> None:
    trail = keyset_pages.arrived(None, HistoryFilter(), 1, None)
    for next_before in (50, 20):
        trail = keyset_pages.arrived(trail, HistoryFilter(), *trail.following(next_before))
    assert (trail.number, trail.before_id, trail.previous()) == (3, 20, (2, 50))
    assert keyset_pages.arrived(trail, HistoryFilter(estado="failed"), 3, 20).previous() == (1, None)
    assert keyset_pages.arrived(None, HistoryFilter(), 7, None).number == 1


def row(engine: Engine, job: int) -> HistoryRow:
    return next(r for r in history.page(engine, HistoryFilter()).rows if r.id == job)


def test_a_reused_picture_costs_nothing_and_keeps_its_report(panel: Open, engine: Engine, operator: Actor) -> None:
    articles = add_articles(engine, 1)
    first = enqueue(engine, operator, articles, origin="panel").added[0].queue_id
    finish(engine, first, "completed")
    add_picture(engine, first)
    second = enqueue(engine, operator, articles, origin="panel").added[0].queue_id
    finish(engine, second, "completed")
    with engine.begin() as connection:
        add_purchase(connection, second, "reused", "0")
    bought, reused = row(engine, first), row(engine, second)
    assert (bought.reused, bought.cost, bought.model) == (False, Decimal("0.04"), "gemini-x")
    assert (reused.reused, reused.cost, reused.model) == (True, 0, "gemini-x")
    table = panel(Role.VIEWER).open("history").dataframe[0].value
    assert [cell.replace("\u00a0", " ") for cell in table["costo"]] == ["reutilizada, US$ 0", "US$ 0,04"]


def test_the_history_of_pictures_and_purchases_is_read_by_index(engine: Engine, operator: Actor) -> None:
    enqueue(engine, operator, add_articles(engine, 200), origin="panel")
    run_sql(engine, "UPDATE image_processing_queue SET imagen_url_procesada = 'u' || id")
    run_sql(
        engine,
        "INSERT INTO revelado.pictures (articulo_id, kind, url, host) SELECT n, 'result', 'u' || n, 'local'"
        " FROM generate_series(1, 5000) n",
    )
    run_sql(engine, "ANALYZE")
    newest = history._SELECT.format(jobs="public.image_processing_queue")
    with engine.connect() as connection:
        plan = "\n".join(connection.scalars(text(f"EXPLAIN {newest} WHERE q.id < 150 ORDER BY q.id DESC LIMIT 50")))
    assert "Seq Scan on pictures" not in plan, plan


def test_states_of_the_night_are_told_in_words(panel: Open, engine: Engine, operator: Actor) -> None:
    done = enqueue(engine, operator, add_articles(engine, 2), origin="panel", lane="economy")
    run_sql(
        engine,
        "UPDATE image_processing_queue SET estado = 'processing', stage = 'economy', started_at = now(), intentos = 1,"
        " lease_until = 'infinity' WHERE id = :id",
        id=done.added[0].queue_id,
    )
    table = panel(Role.VIEWER).open("history").dataframe[0].value
    assert [list(cell) for cell in table["estado"]] == [["☾ Espera la tanda de la noche"], ["☾ En la tanda de Gemini"]]


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The page as if these jobs were ticked: the test has no mouse for a table."""

    def ticked(*jobs: int) -> None:
        monkeypatch.setattr(history_table, "draw", lambda rows: [r for r in rows if r.id in jobs])

    return ticked


def test_finished_jobs_are_made_again_after_a_confirmation_with_their_cost(
    panel: Open, worked: list[int], engine: Engine, tick: Callable[..., None]
) -> None:
    tick(*worked)
    tab = panel(Role.OPERATOR, IMAGE_EDITOR="gemini", GEMINI_API_KEY="k")
    at = tab.open("history")
    tab.button("Rehacer 1 elegido").click()
    at.run()
    assert "Se hace una imagen nueva de 1 artículo, aunque ya tenga una: US$ 0,0" in tab.words
    confirm = at.button(key="confirm_again")
    assert confirm.label.replace("\\", "").replace("\u00a0", " ").startswith("Rehacer 1 imagen · US$ 0,0")
    confirm.click()
    at.run()
    assert not at.exception
    assert states(engine) == ["completed", "failed", "failed", "pending"]
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT fresh FROM image_processing_queue WHERE estado = 'pending'"))
        assert connection.scalar(text("SELECT label FROM revelado.batches ORDER BY id DESC LIMIT 1")) == "Rehacer"


def test_ticked_pending_jobs_are_cancelled_after_a_confirmation(
    panel: Open, worked: list[int], engine: Engine, operator: Actor, tick: Callable[..., None]
) -> None:
    waiting = [added.queue_id for added in enqueue(engine, operator, add_articles(engine, 3), origin="panel").added]
    tick(worked[0], *waiting[:2])
    tab = panel(Role.OPERATOR)
    at = tab.open("history")
    tab.button("Cancelar 2 pendientes").click()
    at.run()
    assert at.button(key="confirm_cancel").label == "Cancelar 2 trabajos"
    at.button(key="confirm_cancel").click()
    at.run()
    assert not at.exception
    assert states(engine) == ["completed", "failed", "failed", "pending"]


def test_a_viewer_can_neither_repeat_nor_cancel(
    panel: Open, worked: list[int], engine: Engine, tick: Callable[..., None]
) -> None:
    tick(*worked)
    tab = panel(Role.VIEWER)
    tab.open("history")
    assert not tab.has_button("Rehacer")
