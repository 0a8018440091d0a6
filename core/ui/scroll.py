"""Where the page is scrolled to. Streamlit goes to the top of another page, but not of another view on the same one."""

from __future__ import annotations

import streamlit as st

_component = st.components.v2.component(
    "revelado_desplazar",
    js="""
const shown = new WeakMap();
export default function ({ data, parentElement }) {
  if (shown.get(parentElement) === data.view) return;
  shown.set(parentElement, data.view);
  const target = data.key && document.querySelector(`.st-key-${data.key}`);
  if (target) target.scrollIntoView({ behavior: "smooth" });
  else if (!data.key) document.querySelector("[data-testid='stMain']")?.scrollTo(0, 0);
}
""",
)


def to_top(view: str) -> None:
    """`view`: what is shown; while it stays the same, nothing moves."""
    _component(key="scroll_to_top", data={"view": view, "key": ""})


def to(key: str, view: int) -> None:
    """To a container's `key`, unless it was for this `view` already. A link to an anchor would be a step of the browser's
    history, which *back* then seems not to leave."""
    _component(key=f"scroll_to_{key}", data={"view": view, "key": key})
