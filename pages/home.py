"""Inicio: how things stand, what was made last, and what to do first."""

from core.access.actors import Role
from core.ui import components, demo_notice, guard, home_panel
from core.ui.texts import _

actor = guard.require(Role.VIEWER)
app = guard.app()

components.header(_("Inicio"))
home_panel.live(app, actor)
demo_notice.draw(app, actor)
