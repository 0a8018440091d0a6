"""Artículos: choose by category, tick, and put in the queue."""

from core.access.actors import Role
from core.catalog import articles
from core.ui import article_filters, article_list, components, enqueue_panel, guard
from core.ui.texts import _

actor = guard.require(Role.VIEWER)
app = guard.app()
may_enqueue = actor.can(Role.OPERATOR)

components.header(_("Artículos"), _("Elija una categoría, marque los artículos y póngalos en la cola."))
enqueue_panel.result()
choice = article_filters.draw(app)
total = articles.count(app.engine, choice.where)
if total:
    article_list.draw(app, choice, total, selectable=may_enqueue)
else:
    article_list.nothing_found(app)
if may_enqueue:
    enqueue_panel.bar(app)
