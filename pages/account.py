"""Mi cuenta: password, sessions and tokens of whoever is signed in."""

from core.access.actors import Role
from core.ui import account_panel, components, guard
from core.ui.texts import _

guard.require(Role.VIEWER)
session = guard.session()

components.header(_("Mi cuenta"), _("{name}, {email}").format(name=session.actor.name, email=session.email))
account_panel.draw(guard.app(), session)
