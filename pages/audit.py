"""Auditoría: what people did."""

from core.access.actors import Role
from core.ui import audit_panel, components, guard
from core.ui.texts import _

actor = guard.require(Role.ADMIN)

components.header(_("Auditoría"), _("Lo que hizo cada persona, de lo más nuevo a lo más viejo. Nada de aquí se borra."))
audit_panel.draw(guard.app(), actor)
