"""The before/after slider: two pictures on top of each other and a real range input, so that keys work too.

The position stays in the browser: sent here, each release of the mouse would run the page again.
"""

from __future__ import annotations

import streamlit as st

from core.ui.texts import _

_HTML = """
<figure class="frame">
  <img class="after" draggable="false">
  <div class="clip"><img class="before" draggable="false"></div>
  <span class="tag left"></span><span class="tag right"></span>
  <input type="range" min="0" max="100" step="1" value="50">
  <i class="bar"></i>
</figure>
"""

_CSS = """
.frame { position: relative; margin: 0; overflow: hidden; aspect-ratio: 1; max-width: 100%; --at: 50%;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); touch-action: pan-y;
  background: repeating-conic-gradient(#f1efec 0% 25%, #ffffff 0% 50%) 0 0 / 24px 24px; }
.frame img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.clip { position: absolute; inset: 0; clip-path: inset(0 calc(100% - var(--at)) 0 0);
  background: repeating-conic-gradient(#f1efec 0% 25%, #ffffff 0% 50%) 0 0 / 24px 24px; }
.tag { position: absolute; top: 8px; padding: 2px 8px; border-radius: 8px; font: 14px var(--st-font);
  color: #ffffff; background: rgba(29, 31, 34, .78); pointer-events: none; }
.left { left: 8px; }
.right { right: 8px; }
input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
.bar { position: absolute; top: 0; bottom: 0; left: calc(var(--at) - 1px); width: 3px; pointer-events: none;
  background: var(--st-primary-color); box-shadow: 0 0 0 1px #ffffff; }
.bar::after { content: "⇔"; position: absolute; top: 50%; left: 50%; translate: -50% -50%; width: 32px; height: 32px;
  border-radius: 50%; display: grid; place-items: center; font: 16px var(--st-font); color: #ffffff;
  background: var(--st-primary-color); }
input:focus-visible ~ .bar { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
"""

_JS = """
export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const frame = find(".frame"), input = find("input"), before = find(".before"), after = find(".after");
  if (before.getAttribute("src") !== data.before) before.src = data.before;
  if (after.getAttribute("src") !== data.after) after.src = data.after;
  before.alt = data.beforeAlt;
  after.alt = data.afterAlt;
  find(".left").textContent = data.beforeWord;
  find(".right").textContent = data.afterWord;
  input.setAttribute("aria-label", data.label);
  input.oninput = () => frame.style.setProperty("--at", input.value + "%");
}
"""

_component = st.components.v2.component("revelado_comparar", html=_HTML, css=_CSS, js=_JS)


def draw(before: str, after: str, name: str, key: str) -> None:
    _component(
        key=key,
        data={
            "before": before,
            "after": after,
            "beforeWord": _("Antes"),
            "afterWord": _("Después"),
            "beforeAlt": _("Antes: {name}").format(name=name),
            "afterAlt": _("Después: {name}").format(name=name),
            "label": _("Comparar antes y después"),
        },
    )
