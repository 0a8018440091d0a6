"""Ayuda: the staff manual."""

import streamlit as st

from core.access.actors import Role
from core.ui import components, frame, guard
from core.ui.texts import _

guard.require(Role.VIEWER)

components.header(_("Ayuda"), _("Cómo se usa cada página, y qué hacer cuando algo falla."))
_title, *sections = (frame.ROOT / "docs" / "manual.md").read_text(encoding="utf-8").split("\n## ")
for section in sections:
    heading, _line, body = section.partition("\n")
    with st.expander(heading, expanded=section is sections[0]):
        st.markdown(body)
