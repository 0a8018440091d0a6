"""Revisión: pictures that await a person's verdict, judged with the keyboard, or a batch at once."""

from core.access.actors import Role
from core.ui import guard, review_panel

actor = guard.require(Role.VIEWER)
review_panel.draw(guard.app(), actor)
