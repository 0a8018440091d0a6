"""Small pieces of HTML that Streamlit has no widget for. Pure; every text and address is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_PHOTO = (
    "aspect-ratio:1;object-fit:contain;background:#fff;border-radius:8px;border:1px solid rgba(128,128,128,.35);"
    "box-sizing:border-box"
)
#: Of each half of a before/after pair: two share the line, whatever its width.
_HALF = "flex:1 1 0;width:0;min-width:0"


def photo(url: str | None, name: str, size: int) -> str:
    """A square picture of `size` pixels, or an empty square of the same size."""
    return _square(url, name, f"width:{size}px;flex:none")


def wide_photo(url: str | None, name: str) -> str:
    """A square picture as wide as there is room."""
    return _square(url, name, "display:block;width:100%")


def _square(url: str | None, name: str, width: str) -> str:
    style = f"{_PHOTO};{width}"
    if not url:
        return f'<span style="display:inline-block;{style}"></span>'
    return f'<img src="{escape(url, quote=True)}" alt="{escape(name, quote=True)}" loading="lazy" style="{style}">'


def progress_bar(parts: Sequence[tuple[str, int]], colours: Mapping[str, str], label: str) -> str:
    """`parts`: (state, how many) from left to right; each keeps its colour and the bar its width."""
    total = sum(number for _, number in parts)
    pieces = "".join(
        f'<span style="flex:{number} 0 0;min-width:4px;background:{colours[state]}"></span>'
        for state, number in parts
        if number
    )
    empty = "" if total else '<span style="flex:1;background:rgba(128,128,128,.25)"></span>'
    return (
        f'<div role="img" aria-label="{escape(label, quote=True)}" style="display:flex;gap:2px;height:14px;'
        f'border-radius:7px;overflow:hidden;background:rgba(128,128,128,.15)">{pieces}{empty}</div>'
    )


def count_cards(cards: Sequence[tuple[str, str, str]]) -> str:
    """`cards`: (word, number, colour). The word says what the colour says."""
    drawn = "".join(
        '<div style="flex:1 1 130px;border:1px solid rgba(128,128,128,.3);border-radius:8px;padding:8px 12px;'
        f'border-left:4px solid {colour}"><div style="font-size:14px;font-weight:600">{escape(word)}</div>'
        f'<div style="font-size:28px;line-height:1.2;font-variant-numeric:tabular-nums">{escape(number)}</div></div>'
        for word, number, colour in cards
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{drawn}</div>'


def in_hand(name: str, lines: Sequence[str]) -> str:
    """The article being worked on: its name, and what is happening to it."""
    told = "".join(f'<div style="font-size:14px;opacity:.85">{escape(line)}</div>' for line in lines)
    return f'<div style="font-weight:600;overflow-wrap:anywhere">{escape(name)}</div>{told}'


def before_after_strip(pairs: Sequence[tuple[str | None, str | None, str]], before: str, after: str) -> str:
    """`pairs`: (before, after, name), as many in a row as fit, one on a phone; before is always on the left."""
    figures = "".join(
        '<figure style="margin:0;min-width:0"><div style="display:flex;gap:4px">'
        f"{_square(first, f'{before}: {name}', _HALF)}{_square(second, f'{after}: {name}', _HALF)}</div>"
        '<figcaption style="font-size:14px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap" '
        f'title="{escape(name, quote=True)}">{escape(name)}</figcaption></figure>'
        for first, second, name in pairs
    )
    return (
        f'<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(232px,1fr));gap:16px">{figures}</div>'
    )
