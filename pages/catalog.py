"""Catálogo: bring articles and photos in, take finished pictures out."""

from core.access.actors import Role
from core.ui import components, guard
from core.ui.texts import _

actor = guard.require(Role.OPERATOR)
app = guard.app()

components.header(_("Catálogo"), _("Cargue la lista de artículos y sus fotos, y descargue las imágenes terminadas."))
