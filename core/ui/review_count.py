"""How many pictures await a verdict, read once for everybody who is watching."""

from __future__ import annotations

import streamlit as st
from sqlalchemy import Engine

from core.bootstrap import App
from core.review import desk
from core.review.desk import Filter
from core.ui import formats
from core.ui.texts import ngettext


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _waiting(_engine: Engine, database: str, completed: int) -> int:  # noqa: ARG001 - the cache's key
    return desk.waiting(_engine, Filter()).total


def waiting(app: App, completed: int = 0) -> int:
    """At most five seconds old. `completed`: how many jobs, for what is drawn once and then stands: their pictures are
    among them."""
    return _waiting(app.engine, str(app.engine.url), completed)


def words(total: int) -> str:
    return ngettext("Hay {n} imagen por revisar", "Hay {n} imágenes por revisar", total).format(n=formats.count(total))
