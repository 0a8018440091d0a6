"""Ayuda: the staff manual, with pictures of the panel."""

import streamlit as st

from core.access.actors import Role
from core.ui import components, frame, guard, texts, tour
from core.ui.texts import _

actor = guard.require(Role.VIEWER)

components.header(_("Ayuda"), _("Cómo se usa cada página, y qué hacer cuando algo falla."))
tour.again(actor)
manual = frame.ROOT / "docs" / ("manual.md" if texts.language() == "es" else "manual.en.md")
_title, *sections = manual.read_text(encoding="utf-8").split("\n## ")
for section in sections:
    heading, _line, body = section.partition("\n")
    with st.expander(heading, expanded=section is sections[0]):
        st.markdown(body.replace("](img/", f"]({frame.MANUAL_PICTURES}/"))
