"""The English catalogue is complete, and fits its Spanish."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from core.access.passwords import check_new
from core.errors import InvalidInput
from core.ui import errors, formats, texts
from tests.extraction import extract

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "revelado.po"


@pytest.fixture(scope="module")
def written() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_that_staff_may_read_has_its_english(written: Catalog) -> None:
    missing = [text for text in wanted() if not all(english(written, text))]
    assert missing == [], "CONTRIBUTING.md says how to add them"


def test_a_translation_has_the_same_blanks_as_its_original(written: Catalog) -> None:
    wrong = []
    for text in wanted():
        original = text if isinstance(text, tuple) else (text,)
        for spanish, translated in zip(original, english(written, text), strict=True):
            if blanks(spanish) != blanks(translated):
                wrong.append((spanish, translated))
    assert wrong == []


def test_nothing_is_translated_that_nobody_reads(written: Catalog) -> None:
    known = wanted()
    left_over = [m.id for m in written if m.id and (tuple(m.id) if isinstance(m.id, list) else m.id) not in known]
    assert left_over == []


def test_a_fresh_clone_speaks_english_without_a_command() -> None:
    with texts.spoken("en"):
        assert texts._("Artículos") == "Articles"
        assert texts.ngettext("{n} completado", "{n} completados", 2) == "{n} completed"
        assert formats.duration_range(2280, 2280) == "about 38\u00a0min"
    assert texts._("Artículos") == "Artículos"


def test_an_error_is_told_in_english_with_its_words_too() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_new("corta")
    with texts.spoken("en"):
        assert errors.text_of(refused.value) == "password: use at least 12 characters."
    assert errors.text_of(refused.value) == "contraseña: use al menos 12 caracteres."


@cache
def wanted() -> frozenset[str | tuple[str, ...]]:
    found: set[str | tuple[str, ...]] = set()
    for path in (*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").glob("*.py")):
        with path.open("rb") as file:
            found |= {text for _line, _function, text, _comments in extract(file, None, None, {})}
    return frozenset(found)


def english(written: Catalog, text: str | tuple[str, ...]) -> tuple[str, ...]:
    """One for each of its forms; a text that is also the singular of a plural shares its translation."""
    forms = text if isinstance(text, tuple) else (text,)
    message = written.get(forms[0])
    found = ("",) if message is None else message.string
    return (*((found,) if isinstance(found, str) else found), "", "")[: len(forms)]


def blanks(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
