"""What a phone's screen has no room for. The page can't know how wide it is shown: the browser decides, by the class
that a container's key gives it.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_STYLE = """<style>@media (max-width: 640px) { [class*="st-key-folded_"] { display: none; } }</style>"""


def desk_only(name: str, width: int) -> DeltaGenerator:
    """For what who holds a phone can do without. `width`: pixels."""
    st.html(_STYLE)
    return st.container(key=f"folded_{name}", width=width)
