"""What Streamlit's theme can't say: the ink on a filled button. It writes white on any colour."""

from __future__ import annotations

import streamlit as st

#: On the dark theme's coral, white has a contrast of 2.6 to 1 where 4.5 is asked for (WCAG 2.2, 1.4.3); this has 7. The
#: browser chooses by the theme that is shown, which may change without a run of the script.
_STYLE = '<style>[data-testid^="stBase"][data-testid*="-primary"] { color: light-dark(#FFFFFF, #15171A); }</style>'


def draw() -> None:
    st.html(_STYLE)
