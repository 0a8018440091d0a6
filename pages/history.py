"""Historial: every job, what came of it, and what to do about those that failed."""

import streamlit as st

from core.access.actors import Role
from core.ui import components, guard, history_actions, history_detail, history_filters, history_list
from core.ui.texts import _

guard.require(Role.VIEWER)
app = guard.app()


@st.fragment
def look_through() -> None:
    """A filter, another page or a tick draws the jobs and what can be done about them, and nothing of the frame."""
    actor = guard.require(Role.VIEWER)
    where = history_filters.draw(app, actor)
    actions = st.container()
    selected = history_list.draw(app, where)
    if selected is None:
        return
    with actions:
        history_actions.draw(actor, where, selected)
    if len(selected) == 1:
        history_detail.draw(app, actor, selected[0])


components.header(_("Historial"), _("Todos los trabajos, del más nuevo al más viejo. Marque uno para ver el detalle."))
look_through()
