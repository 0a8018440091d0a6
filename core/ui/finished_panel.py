"""What was finished over time, and how fast it goes; refreshed apart from the queue, whose seconds change faster."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.queue.stats import Overview
from core.ui import components, formats, guard, progress_chart, snapshot, tab
from core.ui.texts import _, escape

_EVERY = 4
_HOUR, _DAY = 60, 1440


def live(app: App) -> None:
    @st.fragment(run_every=tab.every(_EVERY))
    def tick() -> None:
        guard.require(Role.VIEWER, tick=True)
        now = snapshot.overview(app)
        _chart(now)

    tick()


def _chart(now: Overview) -> None:
    spans = {_HOUR: _("Última hora"), _DAY: _("Último día")}
    minutes = st.segmented_control(
        _("Terminados"),
        list(spans),
        default=_HOUR,
        required=True,
        format_func=lambda span: spans[span],
        key="progress_span",
    )
    minutes = minutes if minutes in spans else _HOUR
    buckets = progress_chart.bars(now.hour) if minutes == _HOUR else now.day
    highest = max((completed + failed for _start, completed, failed in buckets), default=0)
    if not highest:
        if minutes != _HOUR:  # of the hour it is said below, and sooner
            st.markdown(escape(_("Nada terminó en el último día.")))
        return
    colours = {state: components.chart_color(state) for state in ("completed", "failed")}
    st.vega_lite_chart(
        pd.DataFrame(progress_chart.rows(buckets, formats.timezone()), columns=["at", "what", "n"]),
        progress_chart.spec(minutes, highest, colours),
        key=f"progress_chart_{minutes}",
        alt=_("Artículos completados y fallidos a lo largo del tiempo"),
    )
