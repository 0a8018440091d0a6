"""Filters and the browser: its *back*, its links, and what stands in a box that is out of sight."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from core.access.actors import Actor, Role
from core.catalog.csv_import import import_csv
from tests.browser.conftest import RunningPanel, listed, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ADMIN = Actor(None, "Alicia", Role.ADMIN)
_NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """Its own in each test: the panel remembers for seconds what a search found, and categories for half a minute."""
    return f"codo {next(_NUMBERS)}x"


@pytest.fixture
def page(tab: Page, shop: RunningPanel, shop_engine: Engine, name: str) -> Page:
    """Artículos, with two of the name and another one; none has a photo."""
    import_csv(shop_engine, ADMIN, f"codigo;nombre\nCAN-1;{name}\nCAN-2;{name} largo\nPIN-1;Brocha\n".encode())
    tab.goto(f"{shop.url}/articulos")
    listed(tab, 3)
    return tab


def test_back_takes_back_one_filter_after_the_other_and_forward_brings_it_again(page: Page, name: str) -> None:
    search(page, name)
    shows(page, 2)
    choose(page, "Estado", "Sin procesar")
    expect(page).to_have_url(re.compile(r"\?buscar=codo\+\d+x&situacion=never$"))
    in_more_filters(page, "Foto", "Con foto")
    expect(page.get_by_text("Ningún artículo cumple los filtros")).to_be_visible()

    page.go_back()
    shows(page, 2)
    expect(page).to_have_url(re.compile("situacion=never$"))
    page.go_back()
    shows(page, 2)
    expect(box(page, "Estado")).to_have_value("Todos")
    page.go_back()
    shows(page, 3)
    expect(page).to_have_url(re.compile("/articulos$"))
    page.go_forward()
    shows(page, 2)
    expect(page.get_by_role("button", name="Quitar el filtro")).to_be_visible()


def test_what_was_removed_out_of_sight_does_not_come_back_with_the_next_click(page: Page, name: str) -> None:
    in_more_filters(page, "Foto", "Sin foto")
    expect(page.get_by_role("button", name="Más filtros (1 puesto)")).to_be_visible()
    search(page, name)
    shows(page, 2)
    page.get_by_role("button", name="Quitar los 2 filtros").click()
    shows(page, 3)
    page.get_by_role("button", name="Seleccionar los 3 artículos").click()
    expect(page.get_by_role("button", name="Desmarcar los 3 elegidos")).to_be_visible()
    expect(page.get_by_role("button", name="Más filtros", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/articulos$"))


def test_the_menu_brings_back_what_was_filtered_and_a_link_means_what_it_says(
    page: Page, shop: RunningPanel, name: str
) -> None:
    choose(page, "Estado", "Sin procesar")
    search(page, f"{name} largo")
    shows(page, 1)
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_text("Costos", exact=True).click()
    expect(page.get_by_role("heading", name="Costos")).to_be_visible()
    settled(page)
    menu.get_by_text("Artículos", exact=True).click()
    shows(page, 1)
    expect(page).to_have_url(re.compile("buscar=codo.*largo"))
    expect(box(page, "Estado")).to_have_value("Sin procesar")
    page.goto(f"{shop.url}/articulos?buscar={name}")
    shows(page, 2)
    expect(box(page, "Estado")).to_have_value("Todos")


def test_a_page_of_the_list_is_in_the_address_and_another_filter_begins_at_the_first(
    page: Page, shop: RunningPanel, shop_engine: Engine, name: str
) -> None:
    rows = "\n".join(f"PAG-{n:03};{name} {n:03}" for n in range(60))
    import_csv(shop_engine, ADMIN, f"codigo;nombre\n{rows}\n".encode())
    search(page, name)
    expect(page.get_by_text("Mostrando 1–50 de 62.")).to_be_visible()
    turn(page, "Página siguiente")
    expect(page).to_have_url(re.compile("pagina=2$"))
    page.reload()
    expect(page.get_by_text("Mostrando 51–62 de 62.")).to_be_visible()
    expect(page.get_by_role("button", name="Página 2", exact=True)).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.get_by_text("Mostrando 1–50 de 62.")).to_be_visible()
    page.go_forward()
    expect(page.get_by_text("Mostrando 51–62 de 62.")).to_be_visible()
    search(page, f"{name} 00")
    shows(page, 10)
    expect(page).to_have_url(re.compile("00$"))
    search(page, name)
    expect(page.get_by_text("Mostrando 1–50 de 62.")).to_be_visible()
    expect(page.get_by_role("button", name="Página 1", exact=True)).to_have_attribute("aria-current", "page")


def turn(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    settled(page)


def shows(page: Page, articles: int) -> None:
    expect(page.get_by_text(re.compile(rf"^Mostrando 1–{articles} de {articles}\."))).to_be_visible()
    settled(page)


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")


def box(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=re.compile(label)).first


def choose(page: Page, label: str, option: str) -> None:
    box(page, label).click()
    page.get_by_role("option", name=re.compile(f"^{option}")).click()
    settled(page)


def in_more_filters(page: Page, label: str, option: str) -> None:
    page.get_by_role("button", name=re.compile("^Más filtros")).click()
    choose(page, label, option)
    page.keyboard.press("Escape")
