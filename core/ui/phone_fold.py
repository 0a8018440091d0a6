"""Filters that would fill a phone's first screen wait behind one switch there; on a desk they are always in sight.

The page can't know how wide it is shown, so the browser decides by the class that a container's key gives it.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.texts import _, ngettext

_STYLE = """<style>
@media (max-width: 640px) { [class*="st-key-folded_"] { display: none; } }
@media (min-width: 641px) { [class*="st-key-unfold_"] { display: none; } }
</style>"""


def desk_only(name: str, width: int) -> DeltaGenerator:
    """What a phone's screen has no room for, and who holds one can do without. `width`: pixels."""
    st.html(_STYLE)
    return st.container(key=f"folded_{name}", width=width)


def container(name: str, active: int = 0) -> DeltaGenerator:
    """Where to draw the filters. `active`: how many are set, which the switch says while they are out of sight."""
    label = _("Más filtros")
    if active:
        label = ngettext("Más filtros ({n} puesto)", "Más filtros ({n} puestos)", active).format(n=active)
    with st.container(key=f"unfold_{name}"):
        st.html(_STYLE)
        shown = st.toggle(label, key=f"unfold_{name}_on", persist_state="session")
    return st.container(horizontal=True, key=f"{'open' if shown else 'folded'}_{name}")
