"""What one person at a screen waits for, in headless Chromium."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.watching.panel import EMAIL, PASSWORD, Served
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.conftest import settled, sign_in
from tests.shop import photo

_HEADER, _ROW = 38, 56  # pixels of the table of Artículos
_SHOWING = re.compile("^Mostrando ")
#: Milliseconds from a page's last word to a person's first click: until then the browser still lays it out, and a click
#: waits for that, which is the page's own time and none of the change's.
_GLANCE = 1000

#: Each page's address, and what tells that its own content is drawn.
PAGES = {
    "Inicio": ("", "Lo último que se hizo"),
    "Artículos": ("articulos", "Mostrando 1–50 de "),
    "Artículos, una categoría": ("articulos?categoria=1", "Mostrando 1–50 de "),
    "Progreso": ("progreso", "En este momento"),
    "Fallidos": ("fallidos", "Ver los artículos y el detalle técnico"),
    "Historial": ("historial", "Costo total"),
    "Costos": ("costos", "por imagen"),
    "Revisión": ("revision", ""),
    "Ajustes": ("ajustes", ""),
}


SENTENCE = re.compile(r"Hoy US\$\s")


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def signed_in(browser: Browser, panel: Served) -> BrowserContext:
    """A person at work: the browser has the panel's files already."""
    context = browser.new_context(locale="es-AR", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(60_000)
    picture = photo((120, 120, 120))
    context.route("https://fotos.example.com/**", lambda r: r.fulfill(body=picture, content_type="image/jpeg"))
    page = context.new_page()
    page.goto(panel.url)
    with page.expect_response("**/auth/sesion"):
        sign_in(page, EMAIL, PASSWORD)
    page.get_by_role("heading", name="Inicio").wait_for()
    settled(page)
    end_tour = page.get_by_role("button", name="No mostrar más")
    if end_tour.count():
        end_tour.click()
    settled(page)
    page.close()
    return context


def cookie(context: BrowserContext) -> str:
    return "; ".join(f"{c.get('name')}={c.get('value')}" for c in context.cookies())


def first_paint(context: BrowserContext, address: str) -> tuple[float, float]:
    """Milliseconds from asking for Inicio to the sentence on screen, wherever it stands, and to the page's own."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_text(SENTENCE).first.wait_for()
    first = (time.perf_counter() - began) * 1000
    page.get_by_test_id("stMain").get_by_text(SENTENCE).first.wait_for()
    took = (time.perf_counter() - began) * 1000
    settled(page)
    page.close()
    return first, took


def load(context: BrowserContext, address: str, told: str | re.Pattern[str]) -> float:
    """Milliseconds from asking for the page to `told` on screen, or else to its end."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    if told:
        page.get_by_text(told).first.wait_for()
    else:
        page.get_by_role("heading", level=1).first.wait_for()
        settled(page)
    took = (time.perf_counter() - began) * 1000
    settled(page)
    page.close()
    return took


def ticks(context: BrowserContext, url: str, times: int) -> list[float]:
    """From a tick in the table of Artículos to the bar that says how many, what they cost and how long they take."""
    page = context.new_page()
    page.goto(f"{url}/articulos?categoria=1")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    settled(page)
    page.wait_for_timeout(_GLANCE)
    box = table.bounding_box()
    assert box is not None
    took = []
    for number in range(times):
        row = number % 2  # on a small screen the third may lie under the bar
        ticked = number // 2 % 2 == 0
        count = row + 1 if ticked else 1 - row
        began = time.perf_counter()
        page.mouse.click(box["x"] + 20, box["y"] + _HEADER + _ROW * row + _ROW / 2)
        if count:
            # Of those that wait in the queue already, the bar says that they are left out.
            page.get_by_text(re.compile(rf"^(Mejorar {count} foto|De {count} elegidos?)")).first.wait_for()
        else:
            page.get_by_text("Marque los artículos que quiere procesar").wait_for()
        took.append((time.perf_counter() - began) * 1000)
        settled(page)
    page.close()
    return took


def changes(context: BrowserContext, url: str, rounds: int) -> dict[str, list[float]]:
    """From the key or click that chooses another filter or page to what it leads to."""
    took: dict[str, list[float]] = {}
    page = context.new_page()

    def timed(what: str, act: Callable[[], object], told: Callable[[], str]) -> None:
        before = told()
        began = time.perf_counter()
        act()
        deadline = began + 60
        while told() == before:
            if time.perf_counter() > deadline:
                raise SystemExit(f"{what}: nothing changed; still {before!r}")
            page.wait_for_timeout(5)
        took.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        settled(page)

    for number in range(rounds):
        _articles(page, url, number, timed)
        _history(page, url, timed)
    page.close()
    return took


def _line(page: Page, pattern: str) -> str:
    """The paragraph that matches; empty while there is none."""
    found: str = page.evaluate(
        "(pattern) => [...document.querySelectorAll('p')].map(p => p.textContent)"
        ".find(t => new RegExp(pattern).test(t)) || ''",
        pattern,
    )
    return found


def _open(page: Page, label: str, option: str) -> None:
    """A list, until the option is in sight: one that opens while the page still draws may close again."""
    box = page.get_by_role("combobox", name=re.compile(label)).first
    for _ in range(3):
        box.click()
        if label == "Categoría":
            box.press_sequentially(option)
        with suppress(AssertionError):
            expect(page.get_by_role("option", name=re.compile(option)).first).to_be_visible(timeout=3_000)
            break
    page.wait_for_timeout(100)


Timed = Callable[[str, Callable[[], object], Callable[[], str]], None]


def _articles(page: Page, url: str, number: int, timed: Timed) -> None:
    page.goto(f"{url}/articulos")
    page.get_by_text(_SHOWING).wait_for()
    settled(page)
    page.wait_for_timeout(_GLANCE)

    def told() -> str:
        return _line(page, "^Mostrando ")

    _open(page, "Categoría", f"Categoría {number + 3} ")
    timed("Artículos: a category", lambda: page.keyboard.press("Enter"), told)
    timed("Artículos: the next page", lambda: page.get_by_role("button", name="Página 2", exact=True).click(), told)
    _open(page, "Estado", "Completados")
    timed("Artículos: those that are done", lambda: page.get_by_role("option", name="Completados").click(), told)
    page.goto(f"{url}/articulos")
    page.get_by_text(_SHOWING).wait_for()
    settled(page)
    page.wait_for_timeout(_GLANCE)
    timed("Artículos: page 2 of all", lambda: page.get_by_role("button", name="Página 2", exact=True).click(), told)
    _open(page, "Estado", "Fallidos")
    timed("Artículos: all that failed", lambda: page.get_by_role("option", name="Fallidos").click(), told)
    _open(page, "Estado", "Todos")
    timed("Artículos: all again", lambda: page.get_by_role("option", name="Todos").click(), told)
    search = page.get_by_role("searchbox").or_(page.get_by_label("Buscar")).first
    search.fill(f"hexagonal {70 + number}")
    timed("Artículos: a search by words", lambda: search.press("Enter"), told)


def _history(page: Page, url: str, timed: Timed) -> None:
    page.goto(f"{url}/historial")
    page.get_by_text("Costo total").wait_for()
    settled(page)
    page.wait_for_timeout(_GLANCE)

    def told() -> str:
        return _line(page, " trabajos?\\. Mostrando ")

    for _ in range(2):
        timed("Historial: the next page", lambda: page.get_by_role("button", name="Más viejos").click(), told)
    _open(page, "Estado", "Fallidos")
    timed("Historial: those that failed", lambda: page.get_by_role("option", name="Fallidos").click(), told)
