"""The browser's own notification, for who asked for it; of each, one tab of the browser tells."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.ui.texts import _

_teller = st.components.v2.component(
    "revelado_aviso",
    html="<span hidden></span>",
    js="""
export default function ({ data }) {
  if (!data.wanted || !("Notification" in window) || Notification.permission !== "granted") return;
  const told = Number(localStorage.getItem("revelado_avisado") || 0);
  const fresh = data.notices.filter((notice) => notice.id > told);
  if (!fresh.length) return;
  localStorage.setItem("revelado_avisado", String(Math.max(...fresh.map((notice) => notice.id))));
  // Who looks at the panel sees the toast.
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  for (const { id, text } of fresh.slice(0, 3)) {
    const note = new Notification("Revelado", { body: text, tag: `revelado-${id}`, icon: "/recursos/favicon.svg" });
    note.onclick = () => { window.focus(); note.close(); };
  }
}
""",
)

#: A browser asks only in answer to a click of its own page.
_asker = st.components.v2.component(
    "revelado_permiso",
    html='<button type="button" hidden></button><p hidden></p>',
    css="""
button { width: 100%; padding: 6px 12px; font: 14px var(--st-font); color: var(--st-text-color); cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
p { margin: 0; font: 14px var(--st-font); color: var(--st-text-color); }
[hidden] { display: none; }
""",
    js="""
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button"), words = parentElement.querySelector("p");
  const draw = () => {
    const state = "Notification" in window ? Notification.permission : "denied";
    button.hidden = state !== "default";
    words.hidden = state === "default";
    button.textContent = data.ask;
    words.textContent = state === "granted" ? data.granted : data.denied;
  };
  button.onclick = async () => { await Notification.requestPermission(); draw(); };
  draw();
}
""",
)


def tell(wanted: bool, fresh: Sequence[tuple[int, str]]) -> None:
    """`fresh`: (id, text) of what came since the last look. Always in the page, so that nothing jumps."""
    _teller(
        key="browser_notice",
        data={"wanted": wanted, "notices": [{"id": number, "text": text} for number, text in fresh]},
        height=1,
    )


def ask() -> None:
    """Whether this browser lets us, and the button to be asked."""
    _asker(
        key="browser_permission",
        data={
            "ask": _("Permitir avisos en este navegador"),
            "granted": _("Este navegador avisa mientras el panel esté abierto en alguna pestaña."),
            "denied": _("Este navegador tiene los avisos bloqueados. Se permiten en el candado junto a la dirección."),
        },
    )
