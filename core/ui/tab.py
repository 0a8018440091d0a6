"""The browser's tab: it is told the language and the page, and tells whether anybody can see it, and on a phone.

Streamlit's timers go on in tabs that nobody looks at; a page asks `every` for its rhythm, which is none while hidden.
"""

from __future__ import annotations

import streamlit as st

_KEY, _HIDDEN, _NARROW = "tab", "_tab_hidden", "_tab_narrow"

_component = st.components.v2.component(
    "revelado_pestana",
    # A glance at another tab is no absence: hidden is told after some seconds, seen again at once.
    js="""
let leaving = 0;
let told = false;
let slim = false;
let page = null;
export default function ({ data, setStateValue }) {
  document.documentElement.lang = data.language;
  // Dialogs lie outside of what Streamlit marks as light or dark.
  const app = document.querySelector(".stApp");
  if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
  // Streamlit leaves its menu over the page that was chosen in it, where the screen is too narrow for both.
  if (page !== null && page !== data.page && matchMedia("(max-width: 768px)").matches) {
    document.querySelector("[data-testid='stSidebarCollapseButton'] button[aria-expanded='true']")?.click();
  }
  page = data.page;
  const { matches } = matchMedia("(max-width: 640px)");
  if (matches !== slim) setStateValue("narrow", slim = matches);
  const tell = (hidden) => {
    clearTimeout(leaving);
    leaving = 0;
    if (hidden === told) return;
    told = hidden;
    setStateValue("hidden", hidden);
  };
  const look = () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(() => tell(true), data.patience);
    else tell(false);
  };
  document.onvisibilitychange = look;
  if (document.hidden && !leaving) look();  // opened out of sight, or left before this was drawn
}
""",
)


def draw(language: str, page: str, patience: float = 4) -> None:
    """Once a run, before the page. `page`: its address. `patience`: seconds out of sight until the timers stop."""
    state = _component(
        key=_KEY,
        data={"language": language, "page": page, "patience": round(patience * 1000)},
        default={"hidden": False, "narrow": False},
        on_hidden_change=_changed,
        on_narrow_change=_changed,
    )
    st.session_state[_HIDDEN] = getattr(state, "hidden", False) is True
    st.session_state[_NARROW] = getattr(state, "narrow", False) is True


def _changed() -> None:
    """Only so that the value is kept: the page runs again by itself."""


def every(seconds: float) -> float | None:
    """For `st.fragment(run_every=…)`; None while the tab is out of sight. Back in sight, the page runs at once."""
    return None if st.session_state.get(_HIDDEN) else seconds


def narrow() -> bool:
    """As a phone is. Not known yet in the first moment."""
    return bool(st.session_state.get(_NARROW))
