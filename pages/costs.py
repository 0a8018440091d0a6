"""Costos: what was spent, on what and by whom, what was saved, and where the month leads."""

from core.access.actors import Role
from core.ui import components, costs_panel, guard
from core.ui.texts import _

guard.require(Role.VIEWER)

components.header(_("Costos"), _("Lo que se gastó de verdad, compra por compra, y lo que se ahorró."))
costs_panel.draw(guard.app())
