"""What is happening now, read once for everybody who is watching: twenty open pages cost what one does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from core.bootstrap import App
from core.queue import stats
from core.queue.stats import Overview

Buckets = list[tuple[datetime, int, int]]
DAY = 1440


@dataclass(frozen=True)
class DayOfWork:
    """The articles that ended within the last 24 hours and those still in the queue: what the progress bar shows."""

    done: int
    failed: int
    left: int

    @property
    def total(self) -> int:
        return self.done + self.failed + self.left


# The engine is no part of the key (it can't be hashed); the address of its database stands for it.
@st.cache_data(ttl=2, max_entries=8, show_spinner=False)
def _overview(_engine: Engine, database: str, timezone: str) -> Overview:  # noqa: ARG001 - the cache's key
    return stats.overview(_engine, timezone)


@st.cache_data(ttl=2, max_entries=16, show_spinner=False)
def _throughput(_engine: Engine, database: str, minutes: int) -> Buckets:  # noqa: ARG001 - the cache's key
    return stats.throughput(_engine, minutes)


def overview(app: App) -> Overview:
    """At most two seconds old."""
    return _overview(app.engine, str(app.engine.url), app.settings.shop_timezone)


def throughput(app: App, minutes: int) -> Buckets:
    """[(start, completed, failed)]: a minute each for an hour, an hour each for a day. At most two seconds old."""
    return _throughput(app.engine, str(app.engine.url), minutes)


def day_of_work(now: Overview, last_day: Buckets) -> DayOfWork:
    return DayOfWork(
        done=sum(completed for _, completed, _ in last_day),
        failed=sum(failed for _, _, failed in last_day),
        left=now.counts.pendientes + now.counts.procesando,
    )


def forget() -> None:
    """After a person changed something: the next look must show it."""
    _overview.clear()
    _throughput.clear()
