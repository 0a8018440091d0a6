"""Numbers of the catalogue that every tick in a table would otherwise count again: read once for everybody, for seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st
from sqlalchemy import Engine

from core.bootstrap import App
from core.catalog import articles
from core.catalog.articles import ArticleFilter, ArticleRow, CategoryRow, Order

#: Seconds. Numbers that are read anew behind the scenes are never older than this, however long nobody looked.
_OLDEST = 120


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
# Adding them up at a hundred thousand articles and a million jobs keeps the database busy for half a second.
@st.cache_resource(ttl=30, max_entries=8, show_spinner=False, refresh_mode="background")
def _categories(_engine: Engine, database: str, era: int) -> tuple[CategoryRow, ...]:  # noqa: ARG001 - the cache's key
    return tuple(articles.categories(_engine))


def categories(app: App) -> Sequence[CategoryRow]:
    """Some seconds old."""
    return _categories(app.engine, str(app.engine.url), int(time.monotonic() // _OLDEST))


# Shared, not copied: it may be all of a hundred thousand, and nobody changes a tuple.
@st.cache_resource(ttl=10, max_entries=32, show_spinner=False)
def _matching(_engine: Engine, database: str, where: ArticleFilter, order: Order) -> tuple[int, ...]:  # noqa: ARG001 - the cache's key
    return tuple(articles.ids(_engine, where, order))


@dataclass(frozen=True)
class Found:
    total: int
    page: Callable[[int, int], list[ArticleRow]]  #: (how many, after how many)


@st.cache_data(ttl=10, max_entries=256, show_spinner=False)
def _count(_engine: Engine, database: str, where: ArticleFilter) -> int:  # noqa: ARG001 - the cache's key
    return articles.count(_engine, where)


def find(app: App, where: ArticleFilter, order: Order) -> Found:
    """What matches. How many is at most ten seconds old; where finding them takes long, so are they, found once for all
    pages."""
    if where.state == "any" and not where.search:
        total = _count(app.engine, str(app.engine.url), where)
        return Found(total, lambda size, first: articles.page(app.engine, where, order, size, first))
    ids = _matching(app.engine, str(app.engine.url), where, order)
    return Found(len(ids), lambda size, first: articles.get(app.engine, ids[first : first + size]))


@st.cache_data(ttl=10, max_entries=256, show_spinner=False)
def _any_of(_engine: Engine, database: str, where: ArticleFilter) -> bool:  # noqa: ARG001 - the cache's key
    return articles.any_of(_engine, where)


def any_done(app: App, where: ArticleFilter) -> bool:
    """Whether something of what matches has a finished picture; as old as the numbers of the categories, or ten seconds."""
    if not where.search and where.picture == "any":
        return any(row.done for row in categories(app) if where.categoria_id in (None, row.id))
    return _any_of(app.engine, str(app.engine.url), replace(where, state="done"))


def forget() -> None:
    """After a person changed something: the next look must show it."""
    _categories.clear()
    _count.clear()
    _matching.clear()
    _any_of.clear()
