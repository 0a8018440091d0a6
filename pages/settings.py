"""Ajustes: what administrators tune."""

from core.access.actors import Role
from core.ui import components, guard, settings_panel
from core.ui.texts import _

actor = guard.require(Role.ADMIN)
app = guard.app()

components.header(_("Ajustes"), _("Velocidad, límites y presupuesto. Los trabajadores obedecen en un segundo."))
settings_panel.draw(app, actor)
settings_panel.draw_outbox(app)
