"""What staff read: the msgid is neutral Spanish (*usted*), so Spanish needs no catalogue; English is `locale/en`."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

import streamlit as st
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANGUAGES = ("es", "en")
LOCALE_DIR = Path(__file__).resolve().parents[2] / "locale"

_KEY = "_language"
_MARKDOWN = str.maketrans({character: f"\\{character}" for character in r"\`*_{}[]()<>#+-.!|~$:"})
#: As escaped: `https://` and `www.`, up to where a character without width goes.
_ADDRESS = re.compile(r"\\:(?=//)|\bwww(?=\\\.)", re.IGNORECASE)
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def language() -> str:
    """The signed-in user's; Spanish before anyone signs in and wherever nobody said otherwise."""
    if (spoken := _spoken.get()) is not None:
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return "es"
    return str(st.session_state.get(_KEY, "es"))


def set_language(code: str) -> None:
    """For this browser session. An unknown code is Spanish."""
    st.session_state[_KEY] = code if code in LANGUAGES else "es"


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """For what is written outside a page: a download, in the language of who asked for it."""
    before = _spoken.set(code if code in LANGUAGES else "es")
    try:
        yield
    finally:
        _spoken.reset(before)


def _(message: str) -> str:
    return _catalogue(language()).gettext(message)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    return message


def ngettext(one: str, many: str, count: int) -> str:
    return _catalogue(language()).ngettext(one, many, count)


def quiet(text: str) -> str:
    """As Markdown, in the theme's grey: a caption, which Streamlit fades by itself, is too pale to be read with ease."""
    return f":gray[{escape(text)}]"


def escape(text: str) -> str:
    """For names and messages inside Markdown (labels, captions, alerts), where `3/8" *$5*` would be formatted.

    No backslash keeps a bare address from becoming a link: a character without width does.
    """
    return _ADDRESS.sub("\\g<0>\u2060", text.translate(_MARKDOWN))


@lru_cache
def _catalogue(code: str) -> gettext.NullTranslations:
    """Compiled in memory from what translators edit, so that a fresh clone speaks every language without a command."""
    written = LOCALE_DIR / code / "LC_MESSAGES" / "revelado.po"
    if not written.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with written.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
