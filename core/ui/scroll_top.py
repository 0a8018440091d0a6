"""Another view on the same page begins at its top: Streamlit scrolls there for another page only."""

from __future__ import annotations

import streamlit as st

_component = st.components.v2.component(
    "revelado_arriba",
    js="""
const shown = new WeakMap();
export default function ({ data, parentElement }) {
  if (shown.get(parentElement) === data.view) return;
  shown.set(parentElement, data.view);
  document.querySelector("[data-testid='stMain']")?.scrollTo(0, 0);
}
""",
)


def draw(view: str) -> None:
    """`view`: what is shown; while it stays the same, nothing moves."""
    _component(key="scroll_top", data={"view": view})
