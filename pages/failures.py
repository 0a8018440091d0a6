"""Fallidos: what went wrong, by its cause, and the one thing to do about each."""

from core.access.actors import Role
from core.ui import components, failures_panel, guard
from core.ui.texts import _

actor = guard.require(Role.VIEWER)

components.header(_("Fallidos"), _("Lo que no salió, agrupado por su causa, con lo que conviene hacer en cada una."))
failures_panel.draw(guard.app(), actor)
