"""Filters in the page's address, by code and not by label: a link keeps its meaning when counts or the language change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypedDict, TypeVar

import streamlit as st

T = TypeVar("T")


class Bound(TypedDict):
    """Arguments for a widget: `st.selectbox(…, **address.bound(…))`."""

    key: str
    on_change: Callable[[str, str, object], None]
    args: tuple[str, str, object]
    persist_state: Literal["session"]


def bound(name: str, key: str, read: Callable[[str], T | None], default: object = None) -> Bound:
    """Ties the widget `key` to the query parameter `name`. Call it right before the widget.

    `read` makes the widget's value of the parameter; None for one that means nothing, which is then ignored. A value is
    written by its `str`; an empty one, None and `default` leave no trace in the address.
    """
    written = st.query_params.get(name)
    value = read(written) if written is not None else None
    if value is not None:
        st.session_state[key] = value
    else:
        write(name, key, default)
    return Bound(key=key, on_change=write, args=(name, key, default), persist_state="session")


def write(name: str, key: str, default: object = None) -> None:
    """The widget's value into the address; also when a page comes back with what the session remembers."""
    value = st.session_state.get(key)
    if value in (None, "", default):
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != str(value):
        st.query_params[name] = str(value)


def number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def words(written: str) -> str | None:
    return written.replace("\0", "")[:200] or None
