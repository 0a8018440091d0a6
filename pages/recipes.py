"""Recetas: what is made of each category's photos."""

from core.access.actors import Role
from core.ui import guard, recipes_panel

actor = guard.require(Role.ADMIN)
app = guard.app()

recipes_panel.draw(app, actor)
