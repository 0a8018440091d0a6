"""Places of a page that the browser keeps up to date by itself, by a small answer instead of a run of the page.

A run, also of a fragment, costs ten times as much, and every open tab pays for it. What has buttons, and what comes and
goes, is still drawn by runs: the browser asks for one when the page's `standing` is not the one it was drawn with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import streamlit as st
from streamlit.elements.lib.layout_utils import Width

_component = st.components.v2.component(
    "revelado_lugares",
    js="""
let latest = 0;
export default function ({ data, setTriggerValue }) {
  const own = ++latest;
  let clock = 0;
  const fill = (name, html) => {
    const place = document.querySelector(`[data-live="${name}"]`);
    // Compared with what was sent: the browser tells back the same HTML in words of its own.
    if (!place || place.sent === html) return;
    place.innerHTML = html;
    place.sent = html;
  };
  const look = async () => {
    let wait = data.seconds;
    try {
      if (!document.hidden) {
        const answer = await fetch(data.address);
        const now = answer.ok ? await answer.json() : { places: {}, standing: `HTTP ${answer.status}` };
        if (own !== latest) return;
        for (const [name, html] of Object.entries(now.places)) fill(name, html);
        if (now.standing !== data.standing) {
          setTriggerValue("changed", now.standing);
          wait *= 10;  // the run that it asks for begins another clock; asking again would only interrupt it
        }
      }
    } catch {
      // The whole panel is away: Streamlit says so, and comes back with it.
    }
    if (own === latest) clock = setTimeout(look, wait * 1000);
  };
  clock = setTimeout(look, data.seconds * 1000);
  return () => {
    if (own === latest) latest += 1;
    clearTimeout(clock);
  };
}
""",
)


@dataclass(frozen=True)
class Look:
    """What a page shows at a moment."""

    places: Mapping[str, str]  #: name → HTML, every text in it escaped
    standing: str  #: differs when the page must be drawn anew: another button, another row, another rhythm


def place(look: Look, *names: str, width: Width = "stretch") -> None:
    """Draws it, to be kept up to date from then on; several stand side by side. Each name once a page: letters, digits,
    hyphens."""
    drawn = [f'<div data-live="{escape(name, quote=True)}">{look.places[name]}</div>' for name in names]
    st.html(drawn[0] if len(drawn) == 1 else f'<div style="display:flex">{"".join(drawn)}</div>', width=width)


def watch(look: Look, address: str, seconds: float) -> None:
    """Once a page, outside fragments. `address`: where the browser asks for the next look, every so many `seconds`."""
    _component(
        key="live_places",
        data={"address": address, "standing": look.standing, "seconds": seconds},
        on_changed_change=_changed,
    )


def _changed() -> None:
    """That the page runs again is all there is to do."""
