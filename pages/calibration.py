"""Calibración: does the inspection say what people would say."""

from core.access.actors import Role
from core.ui import calibration_panel, components, guard
from core.ui.texts import _

guard.require(Role.ADMIN)
app = guard.app()

components.header(_("Calibración"), _("Qué dijo la inspección de cada imagen y qué decidieron las personas."))
calibration_panel.draw(app)
