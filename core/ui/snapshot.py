"""What is happening now, read once for everybody who is watching: twenty open pages cost what one does.

All share the same objects, none of which anybody changes: a copy for each look would cost more than drawing it.
"""

from __future__ import annotations

from datetime import time
from time import monotonic

import streamlit as st
from sqlalchemy import Engine

from core.bootstrap import App
from core.queue import batches, history, night, stats
from core.queue.batches import LiveBatch
from core.queue.history import Totals
from core.queue.history_filter import HistoryFilter
from core.queue.night import Night
from core.queue.stats import Overview, Pace
from core.ui import article_numbers

#: Seconds. Sums that are made anew behind the scenes are never older than this, however long nobody looked.
_OLDEST = 60


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
@st.cache_resource(ttl=2, max_entries=8, show_spinner=False)
def _overview(_engine: Engine, database: str, timezone: str) -> Overview:  # noqa: ARG001 - the cache's key
    return stats.overview(_engine, timezone)


def overview(app: App) -> Overview:
    """At most two seconds old."""
    return _overview(app.engine, str(app.engine.url), app.settings.shop_timezone)


@st.cache_resource(ttl=2, max_entries=8, show_spinner=False)
def _batches(_engine: Engine, database: str) -> list[LiveBatch]:  # noqa: ARG001 - the cache's key
    return batches.live(_engine)


def live_batches(app: App) -> list[LiveBatch]:
    """At most two seconds old."""
    return _batches(app.engine, str(app.engine.url))


@st.cache_resource(ttl=10, max_entries=8, show_spinner=False)
def _pace(_engine: Engine, database: str) -> Pace:  # noqa: ARG001 - the cache's key
    return stats.pace(_engine)


def pace(app: App) -> Pace:
    """At most ten seconds old."""
    return _pace(app.engine, str(app.engine.url))


@st.cache_resource(ttl=5, max_entries=8, show_spinner=False)
def _recent(_engine: Engine, database: str) -> list[LiveBatch]:  # noqa: ARG001 - the cache's key
    return batches.recent(_engine)


def recent_batches(app: App) -> list[LiveBatch]:
    """At most five seconds old."""
    return _recent(app.engine, str(app.engine.url))


@st.cache_resource(ttl=60, max_entries=8, show_spinner=False)
def _night(_engine: Engine, database: str, timezone: str, closing: time) -> Night | None:  # noqa: ARG001 - the keys of the cache
    return night.summary(_engine, timezone, closing)


def last_night(app: App, closing: time) -> Night | None:
    """At most a minute old."""
    return _night(app.engine, str(app.engine.url), app.settings.shop_timezone, closing)


@st.cache_data(ttl=3, max_entries=64, show_spinner=False, refresh_mode="background")
def _totals(_engine: Engine, database: str, where: HistoryFilter, era: int) -> Totals:  # noqa: ARG001 - the cache's key
    return history.totals(_engine, where)


def totals(app: App, where: HistoryFilter) -> Totals:
    """Some seconds old; adding up a long history takes longer than showing a page of it."""
    return _totals(app.engine, str(app.engine.url), where, int(monotonic() // _OLDEST))


def forget() -> None:
    """After a person changed something: the next look must show it."""
    _overview.clear()
    _batches.clear()
    _recent.clear()
    _night.clear()
    _totals.clear()
    article_numbers.forget()
