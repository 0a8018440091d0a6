"""In the morning, on Inicio: what was done since yesterday's closing, until each person puts it away."""

from __future__ import annotations

from datetime import time

import streamlit as st

from core.bootstrap import App
from core.queue.night import Night
from core.settings.values import Tuning
from core.ui import currency, formats, frame, review_count, snapshot
from core.ui.texts import _, escape, ngettext

#: Of a shop that processes at any hour, or only by day.
CLOSING = time(19)
_AWAY = "night_put_away"


def draw(app: App) -> None:
    tuning = snapshot.overview(app).tuning
    found = snapshot.last_night(app, closing(tuning))
    if found is None or st.session_state.get(_AWAY) == found.since:
        return
    with st.container(border=True):
        st.markdown(f"**{escape(_('Buen día. Desde ayer a las {clock}:').format(clock=f'{closing(tuning):%H:%M}'))}**")
        st.markdown(escape(words(found, review_count.waiting(app), tuning)))
        with st.container(horizontal=True, vertical_alignment="center"):
            if review_count.waiting(app):
                st.page_link(frame.page("review"), label=_("Ir a Revisión"), icon=":material/rate_review:")
            if found.failed:
                st.page_link(frame.page("failures"), label=_("Ver los fallidos"), icon=":material/error:")
            if st.button(_("Entendido"), key="night_seen", type="tertiary"):
                st.session_state[_AWAY] = found.since
                st.rerun()


def closing(tuning: Tuning) -> time:
    """When the shop's night begins: with its hours, where they begin in the evening."""
    begins = time.fromisoformat(tuning.schedule_from) if tuning.schedule_from else CLOSING
    return begins if begins >= time(12) else CLOSING


def words(night: Night, to_review: int, tuning: Tuning) -> str:
    parts = [
        ngettext("terminó {n} trabajo", "terminaron {n} trabajos", night.finished).format(
            n=formats.count(night.finished)
        )
    ]
    if night.failed:
        parts.append(ngettext("{n} no salió", "{n} no salieron", night.failed).format(n=formats.count(night.failed)))
    parts.append(_("costaron {money}").format(money=currency.money(night.cost, tuning)))
    if night.saved:
        parts.append(_("se ahorraron {money}").format(money=formats.money(night.saved)))
    said = ", ".join(parts) + "."
    if to_review:
        said += " " + ngettext("Espera su revisión {n}.", "Esperan su revisión {n}.", to_review).format(
            n=formats.count(to_review)
        )
    return said[0].upper() + said[1:]
