"""Filters in the page's address, by code and not by label: a link keeps its meaning when counts or the language change.

What the address says goes before what the session remembers, and each change is one step of the browser's history: *back*
takes it back. Where in the list one is stands there too, and begins again with other filters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypedDict, TypeVar

import streamlit as st

T = TypeVar("T")
#: parameter of the address → (key of its widget, the widget's value when nothing is filtered)
Filters = Mapping[str, tuple[str, object]]
#: The words for where in the list one is: its page, and by keyset the job after which that begins.
PAGE, BEFORE = "pagina", "antes_de"
_PLACE = (PAGE, BEFORE)
_PAGE, _KNOWN, _IS_WHOLE_RUN, _ERA = "address_page", "address_known", "address_is_whole_run", "address_era"


class Bound(TypedDict):
    """Arguments for a widget: `st.selectbox(…, **address.bound(…))`."""

    key: str
    on_change: Callable[[str, str, object], None]
    args: tuple[str, str, object]
    persist_state: Literal["session"]


def arrived(page: str) -> None:
    """Once in each run of the whole script, before the page. `page`: its address."""
    st.session_state[_IS_WHOLE_RUN] = True
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state.pop(_KNOWN, None)


def follow(filters: Filters) -> None:
    """Before the page's filters are drawn: an address that a person went back to, or that a link gave, holds as it is.

    One that names no filter on arrival means those that were left. A run of a fragment comes of a click on the page: its
    address may be the one of before, when the browser hasn't heard of ours yet.
    """
    told = (*filters, *_PLACE)
    asked = {word: st.query_params[word] for word in told if word in st.query_params}
    known: dict[str, str] | None = st.session_state.get(_KNOWN)
    if not st.session_state.pop(_IS_WHOLE_RUN, False) and known is not None:
        if asked != known:
            _show({word: known.get(word) for word in told})
        return
    before = _remembered(filters) if known is None else known
    if known is None and not asked:
        _show(before)
        return
    if asked != before and (known is not None or before):
        _draw_anew()
    st.session_state[_KNOWN] = asked


def put(words: Mapping[str, str | None]) -> None:
    """Into the address in one step, None takes out; for what changes filters from outside their widgets."""
    _show(words)
    _draw_anew()


def place() -> tuple[int, int | None]:
    """(the number of the page, from 1; by keyset, the job after which it begins), as the address says. After `follow`."""
    known = st.session_state.get(_KNOWN, {})
    return number(known.get(PAGE, "")) or 1, number(known.get(BEFORE, ""), digits=18)


def turn(page: int, before: int | None = None) -> None:
    """To another page of what is filtered."""
    _show({PAGE: str(page) if page > 1 else None, BEFORE: None if before is None else str(before)})


def bound(name: str, key: str, read: Callable[[str], T | None], default: object = None) -> Bound:
    """Ties the widget `key` to the query parameter `name`. Call it right before the widget.

    `read` makes the widget's value of the parameter; None for one that means nothing, which is then ignored. A value is
    written by its `str`; an empty one, None and `default` leave no trace in the address.
    """
    key = of_this_era(key)
    written = st.query_params.get(name)
    value = read(written) if written is not None else None
    if value is not None:
        st.session_state[key] = value
    else:
        _write(name, key, default)
    return Bound(key=key, on_change=_write, args=(name, key, default), persist_state="session")


def of_this_era(key: str) -> str:
    """Another key whenever the address changed from outside the widgets: they are drawn anew then."""
    era = st.session_state.get(_era(), 0)
    return f"{key}_{era}" if era else key


def number(written: str, digits: int = 9) -> int | None:
    """`digits`: at most; nine fit in an integer of the database, eighteen in a big one."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= digits else None


def words(written: str) -> str | None:
    return written.replace("\0", "")[:200] or None


def _write(name: str, key: str, default: object) -> None:
    """The widget's value into the address; also when a page comes back with what the session remembers."""
    value = st.session_state.get(key)
    _show({name: None if value in (None, "", default) else str(value)})


def _show(words: Mapping[str, str | None]) -> None:
    """In one step of the browser's history."""
    shown = st.query_params.to_dict()
    wanted = {name: value for name, value in {**shown, **words}.items() if value is not None}
    if wanted != shown:
        if not any(word in words for word in _PLACE):
            words = {**words, **dict.fromkeys(_PLACE)}
            wanted = {name: value for name, value in wanted.items() if name not in _PLACE}
        st.query_params.from_dict(wanted)
    known = {**st.session_state.get(_KNOWN, {}), **words}
    st.session_state[_KNOWN] = {name: value for name, value in known.items() if value is not None}


def _remembered(filters: Filters) -> dict[str, str]:
    found = {word: (st.session_state.get(of_this_era(key)), nothing) for word, (key, nothing) in filters.items()}
    return {word: str(value) for word, (value, nothing) in found.items() if value not in (None, "", nothing)}


def _draw_anew() -> None:
    """Under other keys: a widget out of sight doesn't hear of its new value, and would send the old one with any click."""
    era = _era()
    st.session_state[era] = st.session_state.get(era, 0) + 1


def _era() -> str:
    return f"{_ERA}_{st.session_state.get(_PAGE)}"
