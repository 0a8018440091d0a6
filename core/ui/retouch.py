"""What Streamlit's theme can't say: the ink on a filled button, and the place of the hint under a box for text."""

from __future__ import annotations

import streamlit as st

#: It writes white on any colour. On the dark theme's coral, white has a contrast of 2.6 to 1 where 4.5 is asked for (WCAG
#: 2.2, 1.4.3); this has 7. The browser chooses by the theme that is shown, which may change without a run of the script.
INK = "light-dark(#FFFFFF, #15171A)"
_FILLED = f'[data-testid^="stBase"][data-testid*="-primary"] {{ color: {INK}; }}'
#: «Pulse Intro para aplicar» stands on what is typed, in any box that is not wide.
_HINT = """
[data-testid="stTextInput"] [data-testid="InputInstructions"] { top: calc(100% + 2px); bottom: auto; right: 0;
  padding: 0 4px; line-height: 1.3; white-space: nowrap; border-radius: 4px; background: light-dark(#FBFAF8, #15171A); }
"""


def draw() -> None:
    st.html(f"<style>{_FILLED}{_HINT}</style>")
