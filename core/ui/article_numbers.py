"""Numbers of the catalogue that every tick in a table would otherwise count again: read once for everybody, for seconds."""

from __future__ import annotations

import time

import streamlit as st
from sqlalchemy import Engine

from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleFilter, CategoryRow

#: Seconds. Numbers that are read anew behind the scenes are never older than this, however long nobody looked.
_OLDEST = 120


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
@st.cache_data(ttl=10, max_entries=8, show_spinner=False, refresh_mode="background")
def _categories(_engine: Engine, database: str, era: int) -> list[CategoryRow]:  # noqa: ARG001 - the cache's key
    return articles.categories(_engine)


def categories(app: App) -> list[CategoryRow]:
    """Some seconds old."""
    return _categories(app.engine, str(app.engine.url), int(time.monotonic() // _OLDEST))


@st.cache_data(ttl=10, max_entries=256, show_spinner=False)
def _count(_engine: Engine, database: str, where: ArticleFilter) -> int:  # noqa: ARG001 - the cache's key
    return articles.count(_engine, where)


def count(app: App, where: ArticleFilter) -> int:
    """At most ten seconds old where counting takes long."""
    if where.state == "any" and not where.search:
        return articles.count(app.engine, where)
    return _count(app.engine, str(app.engine.url), where)


@st.cache_data(ttl=10, max_entries=256, show_spinner=False)
def _any_of(_engine: Engine, database: str, where: ArticleFilter) -> bool:  # noqa: ARG001 - the cache's key
    return articles.any_of(_engine, where)


def any_of(app: App, where: ArticleFilter) -> bool:
    """At most ten seconds old."""
    return _any_of(app.engine, str(app.engine.url), where)


def forget() -> None:
    """After a person changed something: the next look must show it."""
    _categories.clear()
    _count.clear()
    _any_of.clear()
