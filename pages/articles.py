"""Artículos: choose by category, tick, and put in the queue; or one article in full."""

import streamlit as st

from core.access.actors import Role
from core.ui import (
    article_categories,
    article_detail,
    article_filters,
    article_list,
    components,
    enqueue_bar,
    enqueue_result,
    guard,
)
from core.ui.texts import _

actor = guard.require(Role.VIEWER)
app = guard.app()


@st.fragment
def choose_articles() -> None:
    """A filter, a tick or another page of the list draws these, and nothing of the frame around them."""
    actor = guard.require(Role.VIEWER)
    if article_detail.asked_for() is not None:
        st.rerun()
    choice = article_filters.draw(app, actor)
    if article_categories.worth_showing(choice):
        article_categories.draw(app)
    article_list.draw(app, actor, choice)
    if actor.can(Role.OPERATOR):
        enqueue_bar.draw(app)


if (articulo_id := article_detail.asked_for()) is not None:
    article_detail.draw(app, actor, articulo_id)
else:
    components.header(_("Artículos"), _("Elija una categoría, marque los artículos y pulse «Mejorar»."))
    enqueue_result.draw(app)
    choose_articles()
