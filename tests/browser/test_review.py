"""Revisión as a person uses it: pictures judged with the keyboard alone, and nothing lost when a decision is refused."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import Engine, text

from core.access import sessions
from tests.browser.conftest import RunningPanel, settled, until
from tests.integration.review_shop import decisions, picture, shows
from tests.shop import one, run_sql
from tests.ui.review_seed import Seeded, seed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
COUNT = 24

#: The name of the article on the screen once its picture can be seen there; '' until then.
SHOWN = """() => {
    const desk = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r && r.querySelector('.desk'));
    if (!desk || desk.querySelector('.end').childNodes.length) return '';
    const picture = desk.querySelector('.pane.after img');
    return picture && picture.complete && picture.naturalWidth ? desk.querySelector('.facts h2').textContent : '';
}"""


@pytest.fixture
def desk(panel: RunningPanel, engine: Engine, browser: Browser) -> Iterator[tuple[Page, Seeded]]:
    """An operator's tab."""
    seeded = seed(engine, panel.data_dir / "fotos", panel.url, COUNT, size=640)
    token = sessions.new_token()
    with engine.begin() as connection:
        connection.execute(
            text(
                "WITH person AS (INSERT INTO revelado.users (email, name, password_hash, role)"
                " VALUES ('ana@x.co', 'Ana', 'x', 'operador') RETURNING id)"
                " INSERT INTO revelado.sessions (token_hash, user_id, kind, expires_at)"
                " SELECT :token, id, 'panel', now() + interval '8 hours' FROM person"
            ),
            {"token": sessions.digest(token)},
        )
    context = browser.new_context(locale="es-AR", viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "sid", "value": token, "url": panel.url}])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{panel.url}/revision")
    page.get_by_role("heading", name="Revisión").wait_for()
    settled(page)
    until(page, f"() => ({SHOWN})() !== ''")
    yield page, seeded
    context.close()


def press(page: Page, *keys: str) -> float:
    """Seconds from the last key until another picture can be seen."""
    until(page, f"() => ({SHOWN})() !== ''")
    before = page.evaluate(SHOWN)
    page.wait_for_timeout(160)  # a glance; faster is taken for a key that bounced
    for key in keys[:-1]:
        page.keyboard.press(key)
    started = time.perf_counter()
    page.keyboard.press(keys[-1])
    until(page, f"(before) => ![before, ''].includes(({SHOWN})())", before)
    return time.perf_counter() - started


def test_pictures_are_judged_with_the_keyboard_alone(desk: tuple[Page, Seeded], engine: Engine) -> None:
    page, seeded = desk
    a_picture_that_did_not_come_is_asked_for_again(page)
    everything_is_reached_without_scrolling(page)
    passing_over_and_going_back(page, engine, seeded)
    a_refused_decision_is_shown_and_nothing_is_lost(page, engine, seeded)
    twenty_decisions(page, engine, seeded)
    the_last_one_is_taken_back(page, engine, seeded)
    one_that_was_made_again_and_came_out_the_same_is_judged_again(page, engine, seeded)


def a_picture_that_did_not_come_is_asked_for_again(page: Page) -> None:
    asked: Counter[str] = Counter()

    def twice_in_vain(route: Route) -> None:
        asked[route.request.url] += 1
        if asked[route.request.url] > 2:
            route.continue_()
        else:
            route.abort()

    page.route("**/fotos/*", twice_in_vain)
    page.reload()
    until(page, f"() => ({SHOWN})() !== ''")
    assert max(asked.values()) == 3
    page.unroute("**/fotos/*")


def everything_is_reached_without_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == 1366
    for name in ("Aprobar", "Rechazar", "Rehacer", "Conservar la original", "Siguiente"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None and box["y"] + box["height"] <= 768, name


def passing_over_and_going_back(page: Page, engine: Engine, seeded: Seeded) -> None:
    press(page, "ArrowRight")
    assert page.evaluate(SHOWN) == name_of(engine, seeded, 1)
    press(page, "ArrowLeft")
    press(page, "a")
    assert page.evaluate(SHOWN) == name_of(engine, seeded, 1), "what was passed over on the way is judged next"
    expect(page.get_by_text(f"Aprobada: {name_of(engine, seeded, 0)}")).to_be_visible()


def a_refused_decision_is_shown_and_nothing_is_lost(page: Page, engine: Engine, seeded: Seeded) -> None:
    name = name_of(engine, seeded, 1)
    run_sql(engine, "UPDATE articulos SET imagen_url = 'http://shop/z.jpg' WHERE id = :id", id=seeded.articulo_ids[1])
    press(page, "a")
    alert = page.get_by_role("alert")
    expect(alert.get_by_text(f"No se guardó la decisión sobre «{name}».")).to_be_visible()
    expect(alert.get_by_text("La foto del artículo cambió")).to_be_visible()
    expect(page.get_by_text(f"Aprobada: {name}")).to_be_hidden()
    alert.get_by_role("button", name="Volver a verla").click()
    until(page, f"(name) => ({SHOWN})() === name", name)
    press(page, "r", "t", *"otra foto", "Enter")
    expect(page.get_by_text(f"Rechazada: {name}")).to_be_visible()
    expect(page.get_by_text(f"Quedan {COUNT - 2} · hoy decidió 2")).to_be_visible()
    saved(page)
    assert [(row.action, row.reason) for row in decisions(engine)] == [("approve", ""), ("reject", "otra foto")]


def twenty_decisions(page: Page, engine: Engine, seeded: Seeded) -> None:
    taken = [press(page, *keys) for keys in ([["a"]] * 3 + [["r", "2"]] + [["o"]]) * 4]
    page.keyboard.press("v")
    page.keyboard.press("z")
    taken.append(press(page, "d", "1"))
    expect(page.get_by_text(f"Queda {COUNT - 23} · hoy decidió 23")).to_be_visible()

    saved(page)
    per_decision = statistics.mean(taken)
    assert per_decision < 1, taken
    assert 100 * (per_decision + 1.5) < 300, "with a second and a half to look, 100 pictures take five minutes at most"

    made = decisions(engine)[2:]
    assert [row.action for row in made] == (["approve"] * 3 + ["reject", "keep_original"]) * 4 + ["redo"]
    assert made[3].reason == "Cambió un texto, un número o la marca"
    assert [row.picture_id for row in made] == seeded.picture_ids[2:23]
    assert shows(engine, seeded.articulo_ids[2]) == picture(engine, seeded.picture_ids[2]).url
    assert one(engine, "SELECT count(*) AS n FROM image_processing_queue").n == 1


def the_last_one_is_taken_back(page: Page, engine: Engine, seeded: Seeded) -> None:
    press(page, "u")
    expect(page.locator(".count")).to_have_text(
        f"Quedan {COUNT - 22} · hoy decidió 22"
    )  # taken back: not one that came
    saved(page)
    assert picture(engine, seeded.picture_ids[22]).review == "awaiting"
    assert one(engine, "SELECT count(*) AS n FROM image_processing_queue").n == 0


def one_that_was_made_again_and_came_out_the_same_is_judged_again(page: Page, engine: Engine, seeded: Seeded) -> None:
    again = name_of(engine, seeded, 0)
    run_sql(
        engine,
        "UPDATE revelado.pictures SET review = 'awaiting', judged_at = NULL WHERE id = :id", id=seeded.picture_ids[0],
    )  # fmt: skip
    press(page, "a")
    saved(page)
    while page.evaluate(SHOWN) not in ("", again):
        press(page, "a")
    assert page.evaluate(SHOWN) == again


def saved(page: Page) -> None:
    """The screen runs ahead of the database."""
    page.locator(".desk[data-saved=true]").wait_for()


def name_of(engine: Engine, seeded: Seeded, place: int) -> str:
    return str(one(engine, "SELECT nombre FROM articulos WHERE id = :id", id=seeded.articulo_ids[place]).nombre)
