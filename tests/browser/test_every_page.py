"""Every page, in both languages: no word of the other one, and nothing that keeps out who can't see or use a mouse."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.ui import texts
from core.ui.frame import PAGES
from tests.browser.conftest import settled, until
from tests.shop import rows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: What Streamlit itself writes, and words that any English sentence has.
ENGLISH = re.compile(
    r"\b(Navigate|Page \d|Show/hide|Download as|Fullscreen|Choose|No results|Browse files|per file|Drag and drop|Skip to"
    r"|Close|Expand|Select|the|and|with|your|this)\b"
)
SPANISH = re.compile(r"[áéíóúñ¿¡]|\b(de|la|el|los|las|que|para|con|una|por)\b", re.IGNORECASE)
#: Names and texts of the shop's own, and what is named in its own language on purpose.
OWN_WORDS = ("Español", "Administrador")

#: Rules that break inside Streamlit's own elements, where nothing of ours can mend them: rule → where.
FRAMEWORK = {
    "list": "stSidebarNav",  # headings of sections among the list's items
    "presentation-role-conflict": "stFileUploaderDropzone",  # it has a label, and can be reached
    "listitem": "stSidebarNav",
}

WRITTEN = """() => {
    const own = "[data-own-words], [data-testid='stTable'], pre, code, textarea";
    const texts = [];
    const walk = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (node.nodeType === Node.TEXT_NODE) {
                const parent = node.parentElement;
                if (parent && !parent.closest("script, style, " + own) && parent.checkVisibility()) texts.push(node.data);
                continue;
            }
            for (const name of ["aria-label", "title", "placeholder", "alt"]) texts.push(node.getAttribute(name) ?? "");
            if (node.shadowRoot) walk(node.shadowRoot);
        }
    };
    walk(document.body);
    return texts.map((text) => text.trim()).filter(Boolean);
}"""

#: Whether the page shows this scheme's background, and nothing is on its way from one colour to another.
COLOURED = """(scheme) => {
    const background = getComputedStyle(document.querySelector("[data-testid='stApp']")).backgroundColor;
    const [red, green, blue] = background.match(/[0-9.]+/g).map(Number);
    const changing = document.getAnimations().some((one) => one instanceof CSSTransition);
    return (red + green + blue < 384) === (scheme === "dark") && !changing;
}"""


def test_every_page_speaks_the_language_of_the_person_and_is_open_to_everybody(signed_in: Page, engine: Engine) -> None:
    page = signed_in
    own = {*OWN_WORDS, *(row.name for row in rows(engine, "SELECT name FROM revelado.recipes"))}
    problems: list[str] = []
    for name in PAGES:
        visit(page, name, "es")
        problems += words_of(page, ENGLISH, name, own)
        problems += barriers(page, name)
    assert page.evaluate("document.documentElement.lang") == "es"

    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Español")).to_be_visible()
    for name in PAGES:
        visit(page, name, "en")
        problems += words_of(page, SPANISH, name, own)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert problems == [], "\n".join(problems)


def visit(page: Page, name: str, language: str) -> None:
    with texts.spoken(language):
        title = texts._(PAGES[name].title)
    page.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible(timeout=20_000)
    settled(page)


def words_of(page: Page, other: re.Pattern[str], name: str, own: set[str]) -> list[str]:
    written = [text for text in page.evaluate(WRITTEN) if text not in own]
    return [f"{name}: {text[:120]!r}" for text in dict.fromkeys(written) if other.search(text)]


def in_colours(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Until the page has them: words that are half way from one ink to the other have a contrast of their own."""
    page.emulate_media(color_scheme=scheme)
    settled(page)
    until(page, COLOURED, scheme)


def barriers(page: Page, name: str) -> list[str]:
    in_colours(page, "light")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    in_colours(page, "dark")
    found += Axe().run(page, options={"runOnly": {"type": "rule", "values": ["color-contrast"]}}).response["violations"]
    in_colours(page, "light")
    return [
        f"{name}: {rule['id']} ({rule['impact']}): {node['html'][:160]} at {node['target']}"
        for rule in found
        for node in rule["nodes"]
        if not (place := FRAMEWORK.get(rule["id"]))
        or not page.evaluate(
            "([target, place]) => !!document.querySelector(target)?.closest(`[data-testid='${place}']`)",
            [node["target"][0], place],
        )
    ]
