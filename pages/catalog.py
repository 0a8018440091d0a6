"""Catálogo: bring articles and photos in, take finished pictures out."""

from core.access.actors import Role
from core.ui import catalog_import, catalog_photos, components, demo_notice, guard
from core.ui.texts import _

actor = guard.require(Role.VIEWER)
app = guard.app()

components.header(_("Catálogo"), _("Cargue la lista de artículos y sus fotos, y descargue las imágenes terminadas."))
demo_notice.draw(app, actor)
if actor.can(Role.OPERATOR):
    catalog_import.draw(app, actor)
    catalog_photos.draw_upload(app, actor)
catalog_photos.draw_download(app)
