"""A photo and what two recipes make of it, side by side. Pure; every text and address is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_PICTURE = (
    "width:100%;aspect-ratio:1;object-fit:contain;background:#fff;border-radius:8px;box-sizing:border-box;"
    "border:1px solid rgba(128,128,128,.35);display:block"
)


@dataclass(frozen=True)
class Shown:
    title: str
    url: str | None  #: None: not made yet
    lines: Sequence[str]


def triptych(name: str, pictures: Sequence[Shown]) -> str:
    """All in a row; on a phone a row that is swiped, so that they stay beside one another."""
    figures = "".join(
        '<figure style="margin:0;min-width:0">'
        f'<figcaption style="font-weight:600;margin-bottom:4px">{escape(shown.title)}</figcaption>'
        f"{_picture(name, shown)}"
        + "".join(f'<div style="font-size:14px;margin-top:4px">{escape(line)}</div>' for line in shown.lines)
        + "</figure>"
        for shown in pictures
    )
    return (
        f'<div style="font-weight:600;overflow-wrap:anywhere;margin:8px 0">{escape(name)}</div>'
        f'<div role="group" aria-label="{escape(name, quote=True)}" tabindex="0" style="display:grid;grid-auto-flow:column;'
        f'grid-auto-columns:minmax(220px,1fr);gap:16px;overflow-x:auto;align-items:start">{figures}</div>'
    )


def _picture(name: str, shown: Shown) -> str:
    if not shown.url:
        return f'<div style="{_PICTURE};background:rgba(128,128,128,.12)"></div>'
    alt = escape(f"{shown.title}: {name}", quote=True)
    return f'<img src="{escape(shown.url, quote=True)}" alt="{alt}" loading="lazy" style="{_PICTURE}">'
