"""Ajustes: what administrators tune."""

from core.access.actors import Role
from core.ui import components, guard, settings_currency, settings_hours, settings_panel, settings_services
from core.ui.texts import _

actor = guard.require(Role.ADMIN)
app = guard.app()

components.header(
    _("Ajustes"), _("Horario, velocidad, límites y presupuesto. Los trabajadores obedecen en un segundo.")
)
tuning = settings_panel.tuning_of(app)
settings_hours.draw(app, actor, tuning)
settings_panel.draw(tuning)
settings_currency.draw(app, actor, tuning)
settings_services.draw(app, actor)
settings_panel.draw_outbox(app)
