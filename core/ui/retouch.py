"""What Streamlit's theme can't say: the ink on a filled button, the place of a hint, a table's tools, the screen's foot,
the word of a phone's menu."""

from __future__ import annotations

import streamlit as st

from core.ui.texts import _

#: It writes white on any colour. On the dark theme's coral, white has a contrast of 2.6 to 1 where 4.5 is asked for (WCAG
#: 2.2, 1.4.3); this has 7. The browser chooses by the theme that is shown, which may change without a run of the script.
INK = "light-dark(#FFFFFF, #15171A)"
_FILLED = f'[data-testid^="stBase"][data-testid*="-primary"] {{ color: {INK}; }}'
#: «Pulse Intro para aplicar» stands on what is typed, in any box that is not wide.
_HINT = """
[data-testid="stTextInput"] [data-testid="InputInstructions"] { top: calc(100% + 2px); bottom: auto; right: 0;
  padding: 0 4px; line-height: 1.3; white-space: nowrap; border-radius: 4px; background: light-dark(#FBFAF8, #15171A); }
"""
#: They come over the words above the table, and would search in and download the page that is shown, where all that match
#: can be searched and downloaded. Under a finger, which cannot hover, they would always be there.
_TOOLS = """
:is([class*="st-key-articles_"], [class*="st-key-history_"], .st-key-audit_lines) [data-testid="stElementToolbar"] {
  display: none; }
@media (hover: none) { [data-testid="stElementToolbar"] { display: none; } }
"""
#: Streamlit leaves room for a mark of its own below what is fixed there.
_FOOT = '[data-testid="stBottomBlockContainer"] { padding-bottom: 16px; }'
#: Two small arrows say little to who holds a phone for the first time.
_MENU = """
@media (max-width: 640px) {{
  [data-testid="stExpandSidebarButton"] {{ width: auto; min-height: 44px; padding: 0 10px; gap: 4px; }}
  [data-testid="stExpandSidebarButton"]::after {{ content: "{word}"; font-size: 16px; color: light-dark(#1D1F22, #F2F0EC); }}
}}
"""
#: The whole menu on a laptop's screen, down to who is signed in. A finger needs the room that is taken away here.
_LAPTOP = """
@media (min-width: 641px) and (max-height: 900px) {
  [data-testid="stSidebarNavLinkContainer"], [data-testid="stSidebarNavLink"] { height: 28px; margin-block: 0; }
  [data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 8px; }
}
"""


def draw() -> None:
    st.html(f"<style>{_FILLED}{_HINT}{_TOOLS}{_FOOT}{_LAPTOP}{_MENU.format(word=_('Menú'))}</style>")
