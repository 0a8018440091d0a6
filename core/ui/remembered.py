"""Small choices that follow a person: read once a browser session, written when they change."""

from __future__ import annotations

import streamlit as st

from core.access import remembered
from core.access.actors import Actor
from core.ui import guard

_KEY = "_preferences"


def get(actor: Actor, key: str) -> str | None:
    known = st.session_state.get(_KEY)
    if known is None:
        known = st.session_state[_KEY] = remembered.preferences(guard.app().engine, actor)
    found: str | None = known.get(key)
    return found


def put(actor: Actor, key: str, value: str) -> None:
    if get(actor, key) != value:
        remembered.prefer(guard.app().engine, actor, key, value)
        st.session_state[_KEY][key] = value
