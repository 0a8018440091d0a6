"""The desk in the browser: pictures, facts, buttons and keys. It shows the next picture before the server answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

ASSETS = Path(__file__).with_name("review_assets")


def _read(*names: str) -> str:
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


_desk = st.components.v2.component(
    "revelado_revision",
    html=_read("desk.html"),
    css=_read("desk.css", "viewer.css"),
    js=_read("elements.js", "viewer.js", "facts.js", "course.js", "panels.js", "desk.js"),
)
_sheet = st.components.v2.component(
    "revelado_hoja", html=_read("sheet.html"), css=_read("sheet.css"), js=_read("elements.js", "sheet.js")
)


def asked(key: str) -> object:
    """What the browser sent last, before the desk is drawn with the answer."""
    return _state(key).get("sent")


def desk(key: str, data: Mapping[str, Any]) -> None:
    _desk(key=key, data=dict(data), on_sent_change=lambda: None)


def left_out(key: str) -> set[int]:
    """The pictures of a contact sheet that a person took out."""
    value = _state(key).get("left_out")
    return {number for number in value if isinstance(number, int)} if isinstance(value, list) else set()


def sheet(key: str, data: Mapping[str, Any]) -> None:
    _sheet(key=key, data=dict(data), on_left_out_change=lambda: None)


def _state(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    return state if isinstance(state, Mapping) else {}
