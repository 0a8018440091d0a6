"""An article's versions in the detail of a job, and *Deshacer lote* in Historial."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.providers.local_host import LocalHost
from core.providers.mercado_libre import MercadoLibre
from core.queue.enqueue import Enqueued, enqueue
from core.review import decide
from core.ui import guard, history_table
from tests.emulators.mercado_libre import TOKEN, MercadoLibreEmulator
from tests.emulators.server import EmulatorServer
from tests.integration.review_shop import ANA, BRUNO, case, original, picture, result, shows
from tests.shop import article, run_sql
from tests.ui.pages_harness import Panel, finish

Open = Callable[..., Panel]


@pytest.fixture
def worked(engine: Engine) -> Enqueued:
    """Ana's batch of two articles, both done and shown."""
    articles = [article(engine, f"Taladro {n}", f"http://shop/{n}.jpg") for n in range(2)]
    done = enqueue(engine, ANA, articles, origin="panel")
    for added in done.added:
        original(engine, added.articulo_id, shows(engine, added.articulo_id) or "")
        finish(engine, added.queue_id, "completed")
        result(
            engine, added.articulo_id, f"http://cdn/{added.articulo_id}.jpg", shown=True, review="awaiting",
            batch_id=done.batch_id, job_id=added.queue_id, cost="0.039", model="gemini-x", verdict="doubtful",
            report={"findings": [{"code": "low_confidence", "params": {}}]},
        )  # fmt: skip
    return done


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The page as if this job were ticked: the test has no mouse for a table."""
    return lambda job: monkeypatch.setattr(history_table, "draw", lambda rows: [r for r in rows if r.id == job])


@pytest.fixture
def as_person(panel: Open, monkeypatch: pytest.MonkeyPatch) -> Callable[[Actor], Panel]:
    def sign_in(actor: Actor) -> Panel:
        tab = panel(actor.role)
        session = Session(
            token_hash=b"x", actor=actor, email="a@x.co", language="es", must_change_password=False, kind="panel"
        )
        monkeypatch.setattr(guard, "current", lambda *, tick=False: session)
        return tab

    return sign_in


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_detail_of_a_job_tells_all_versions_of_its_articles_picture(
    panel: Open, engine: Engine, worked: Enqueued, tick: Callable[[int], None]
) -> None:
    first = worked.added[0]
    [made] = [row for row in (picture(engine, n) for n in (2, 4)) if row.articulo_id == first.articulo_id]
    decide.approve(engine, BRUNO, made.id)
    tick(first.queue_id)
    tab = panel(Role.VIEWER)
    tab.open("history")
    assert [box.label for box in tab.at.expander] == ["2 versiones de la imagen"]
    for said in (
        "Hecha con gemini-x", "Foto original", "Costo: US$ 0,04", "Inspección: revisar",
        "No es seguro que el recorte sea correcto", "La aprobó Bruno", "La muestra la tienda",
    ):  # fmt: skip
        assert said in tab.words, said
    assert not tab.has_button("Restaurar")


def test_a_version_is_restored_after_a_confirmation(
    panel: Open, engine: Engine, worked: Enqueued, tick: Callable[[int], None]
) -> None:
    first = worked.added[0]
    tick(first.queue_id)
    tab = panel(Role.ADMIN)
    at = tab.open("history")
    tab.button("Restaurar…").click()
    at.run()
    assert "La tienda mostrará esta imagen en «Taladro 0»" in tab.words
    assert shows(engine, first.articulo_id) == f"http://cdn/{first.articulo_id}.jpg"
    at.button(key="confirm_restore").click()
    at.run()
    assert not at.exception
    assert shows(engine, first.articulo_id) == "http://shop/0.jpg"
    assert "La restauró Beto" in tab.words and "Ya no se muestra" in tab.words


def test_operators_see_the_button_on_their_own_work_only(
    as_person: Callable[[Actor], Panel], engine: Engine, worked: Enqueued, tick: Callable[[int], None]
) -> None:
    tick(worked.added[0].queue_id)
    for actor, may in ((ANA, True), (BRUNO, False)):
        tab = as_person(actor)
        tab.open("history")
        assert tab.has_button("Restaurar") is may


def test_what_is_deleted_or_a_trial_can_not_be_restored(
    panel: Open, engine: Engine, worked: Enqueued, tick: Callable[[int], None]
) -> None:
    first = worked.added[0]
    run_sql(engine, "DELETE FROM revelado.pictures WHERE kind = 'original'")
    result(engine, first.articulo_id, "http://cdn/t.jpg", review="trial")
    result(engine, first.articulo_id, "http://cdn/d.jpg", review="rejected", deleted_at="2026-11-24")
    tick(first.queue_id)
    tab = panel(Role.ADMIN)
    tab.open("history")
    assert all(said in tab.words for said in ("Prueba de receta", "Borrada", "Rechazada"))
    assert not tab.has_button("Restaurar")


# ── undoing a batch ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_undone_after_a_confirmation_and_tells_what_was_left(
    as_person: Callable[[Actor], Panel], engine: Engine, worked: Enqueued
) -> None:
    gone, changed = (added.articulo_id for added in worked.added)
    tab = as_person(ANA)
    at = tab.open("history", lote=str(worked.batch_id))
    tab.button("Deshacer lote…").click()
    at.run()
    assert "2 artículos vuelven a mostrar la imagen que tenían antes de este lote." in tab.words
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/n.jpg' WHERE id = :id", id=changed)
    at.button(key="confirm_undo_batch").click()
    at.run()
    assert not at.exception
    assert "1 artículo muestra otra vez su imagen anterior." in tab.words
    assert "1 artículo quedó como estaba:" in tab.words
    left = next(table.value for table in at.dataframe if "motivo" in table.value and "nombre" in table.value
                and len(table.value.columns) == 2)  # fmt: skip
    assert list(left["nombre"]) == ["Taladro 1"]
    assert list(left["motivo"]) == ["Su foto cambió después."]
    assert shows(engine, gone) == "http://shop/0.jpg" and shows(engine, changed) == "http://shop/n.jpg"
    at.button(key="close_undo_batch").click()
    at.run()
    assert not tab.has_button("Deshacer lote"), "nothing is left to undo"


def test_a_batch_that_still_goes_on_says_so_before_it_is_undone(panel: Open, engine: Engine, worked: Enqueued) -> None:
    run_sql(engine, "UPDATE image_processing_queue SET estado = 'pending', completed_at = NULL WHERE id = :id",
            id=worked.added[0].queue_id)  # fmt: skip
    tab = panel(Role.ADMIN)
    at = tab.open("history", lote=str(worked.batch_id))
    tab.button("Deshacer lote…").click()
    at.run()
    assert "1 artículo de este lote sigue en la cola" in tab.words


def test_only_whoever_may_undo_a_batch_sees_the_button(
    as_person: Callable[[Actor], Panel], engine: Engine, worked: Enqueued
) -> None:
    case(engine)
    for actor, where, may in (
        (ANA, {"lote": str(worked.batch_id)}, True),
        (BRUNO, {"lote": str(worked.batch_id)}, False),
        (ANA, {}, False),
    ):
        tab = as_person(actor)
        tab.open("history", **where)
        assert tab.has_button("Deshacer lote") is may, (actor, where)


# ── Mercado Libre's opinion ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def market() -> Iterator[MercadoLibre]:
    with EmulatorServer(MercadoLibreEmulator()) as server:
        yield MercadoLibre(TOKEN, base_url=server.url, timeout=5)


def test_mercado_libre_is_asked_about_a_picture_where_there_is_a_token(
    panel: Open, engine: Engine, worked: Enqueued, tick: Callable[[int], None], market: MercadoLibre
) -> None:
    first = worked.added[0]
    tick(first.queue_id)
    tab = panel(Role.OPERATOR)
    tab.open("history")
    assert not tab.has_button("Mercado Libre"), "no token"
    tab.app = replace(tab.app, market=market)
    guard.install(tab.app)
    hosted = LocalHost(tab.app.settings.data_dir / "fotos", base_url="").upload(photo(400), "made", "image/jpeg")
    run_sql(
        engine,
        "UPDATE revelado.pictures SET url = :url WHERE kind = 'result' AND articulo_id = :id",
        url=hosted.url,
        id=first.articulo_id,
    )
    tab.open("history")
    [made, _original] = [b for b in tab.at.button if b.label.startswith("Mercado Libre")]
    made.click().run()
    for typed, said in (("cualquiera", "escriba su código"), ("mla1346", "La foto es muy chica.")):
        [category] = [field for field in tab.at.text_input if field.label.startswith("Categoría de Mercado")]
        category.set_value(typed)
        tab.button("Preguntar").click().run()
        assert said in tab.words


def photo(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "white").save(out, "JPEG")
    return out.getvalue()
