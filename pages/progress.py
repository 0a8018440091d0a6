"""Progreso: the queue as it works, refreshing itself."""

from core.access.actors import Role
from core.ui import batches_panel, components, guard, pace_panel, progress_panel
from core.ui.texts import _

actor = guard.require(Role.VIEWER)
app = guard.app()

components.header(_("Progreso"))
progress_panel.live(app, actor)
pace_panel.live()
batches_panel.dialogs()
