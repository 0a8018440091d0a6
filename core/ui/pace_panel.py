"""Below the charts of Progreso: what takes long, and what the day cost; refreshed apart, since it changes slowly."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.access.actors import Role
from core.queue.stats import Pace
from core.ui import components, formats, guard, markup, pace_chart, sentences, snapshot, tab
from core.ui.texts import _, escape

_EVERY = 60


def live() -> None:
    @st.fragment(run_every=tab.every(_EVERY))
    def tick() -> None:
        guard.require(Role.VIEWER, tick=True)
        app = guard.app()
        found, now = snapshot.pace(app), snapshot.overview(app)
        left, right = st.columns(2, gap="large")
        with left:
            _stages(found)
        with right:
            components.section(_("Gasto por hora, último día"))
            if not found.spend:
                st.markdown(escape(_("En las últimas 24 horas no se gastó nada.")))
            else:
                st.vega_lite_chart(
                    pd.DataFrame(pace_chart.hours(found.spend, now.now, formats.timezone())),
                    pace_chart.spend(components.accent()),
                    key="pace_spend",
                    alt=_("Gasto de cada hora del último día, en dólares"),
                )

    tick()


def _stages(found: Pace) -> None:
    components.section(_("Cuánto tarda cada paso"))
    if not found.stages:
        st.markdown(escape(_("Todavía no se hizo ningún artículo: aquí se verá qué paso tarda más.")))
        return
    rows = [
        (
            sentences.stage(stage),
            middle,
            slow,
            _("{usual} s; los lentos, {slow} s").format(usual=_seconds(middle), slow=_seconds(slow)),
        )
        for stage, middle, slow in found.stages
    ]
    st.html(markup.bars(rows, components.state_color("processing")))


def _seconds(value: float) -> str:
    return formats.number(round(value, 1))
