"""Usuarios: who may enter, and as what."""

from core.access.actors import Role
from core.ui import components, guard, users_panel
from core.ui.texts import _

actor = guard.require(Role.ADMIN)

components.header(_("Usuarios"), _("Quién puede entrar y qué puede hacer. Desactivar a alguien cierra sus sesiones."))
users_panel.draw(guard.app(), actor)
