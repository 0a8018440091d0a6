"""Small pieces of HTML that Streamlit has no widget for. Pure; every text and address is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_PHOTO = (
    "aspect-ratio:1;object-fit:contain;background:#fff;border-radius:8px;border:1px solid rgba(128,128,128,.35);"
    # Where no picture comes, its name stands in the same place, dark on white in both themes.
    "box-sizing:border-box;color:#1D1F22;font-size:14px;overflow:hidden"
)
#: Of each half of a before/after pair: two share the line, whatever its width.
_HALF = "flex:1 1 0;width:0;min-width:0"


def words(text: str) -> str:
    return f"<div>{escape(text)}</div>" if text else ""


def room(text: str, height: int) -> str:
    """As high as a photo: what comes and goes in its place moves nothing below."""
    return f'<div style="min-height:{height + 8}px">{escape(text)}</div>'


def strong(text: str) -> str:
    return f'<div style="font-weight:600">{escape(text)}</div>'


def quiet(text: str) -> str:
    return f'<span style="font-size:14px;opacity:.85">{escape(text)}</span>' if text else ""


def summary(bar: str, told: str, cards: str, more: str) -> str:
    """`bar`: of `progress_bar`, with its words; `cards`: of `count_cards`; `more`: a sentence, or nothing."""
    return f'<div style="display:flex;flex-direction:column;gap:12px">{bar}{words(told)}{cards}{words(more)}</div>'


def photo(url: str | None, name: str, size: int) -> str:
    """A square picture of `size` pixels, or an empty square of the same size."""
    return _square(url, name, f"width:{size}px;flex:none")


def photo_strip(photos: Sequence[tuple[str | None, str]], size: int, more: str) -> str:
    """`photos`: (address, name), side by side with the name below, and what is left out in words."""
    figures = "".join(
        f'<figure style="margin:0;width:{size}px">{photo(url, name, size)}<figcaption style="font-size:14px;'
        "line-height:1.3;overflow-wrap:anywhere;overflow:hidden;display:-webkit-box;-webkit-line-clamp:2;"
        '-webkit-box-orient:vertical" '
        f'title="{escape(name, quote=True)}">{escape(name)}</figcaption></figure>'
        for url, name in photos
    )
    rest = f'<span style="align-self:center;font-size:14px">{escape(more)}</span>' if more else ""
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px">{figures}{rest}</div>'


def wide_photo(url: str | None, name: str, nothing: str = "") -> str:
    """A square picture as wide as there is room; without one, `nothing` in its place."""
    if not url and nothing:
        inside = "display:flex;align-items:center;justify-content:center;width:100%"
        return f'<div style="{_PHOTO};{inside}">{escape(nothing)}</div>'
    return _square(url, name, "display:block;width:100%")


def _square(url: str | None, name: str, width: str) -> str:
    style = f"{_PHOTO};{width}"
    if not url:
        return f'<span style="display:inline-block;{style}"></span>'
    return f'<img src="{escape(url, quote=True)}" alt="{escape(name, quote=True)}" loading="lazy" style="{style}">'


def progress_bar(parts: Sequence[tuple[str, int]], colours: Mapping[str, str], label: str, height: int = 14) -> str:
    """`parts`: (state, how many) from left to right; each keeps its colour and the bar its width. `height`: pixels."""
    total = sum(number for _, number in parts)
    pieces = "".join(
        f'<span style="flex:{number} 0 0;min-width:4px;background:{colours[state]}"></span>'
        for state, number in parts
        if number
    )
    empty = "" if total else '<span style="flex:1;background:rgba(128,128,128,.25)"></span>'
    return (
        f'<div role="img" aria-label="{escape(label, quote=True)}" style="display:flex;gap:2px;height:{height}px;'
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


def figure_cards(cards: Sequence[tuple[str, str, str]]) -> str:
    """`cards`: (what it is, the figure, what it rests on)."""
    drawn = "".join(
        '<div style="flex:1 1 170px;border:1px solid rgba(128,128,128,.3);border-radius:8px;padding:8px 12px">'
        f'<div style="font-size:14px;font-weight:600">{escape(what)}</div>'
        f'<div style="font-size:28px;line-height:1.2;font-variant-numeric:tabular-nums">{escape(figure)}</div>'
        f'<div style="font-size:14px;opacity:.85">{escape(basis)}</div></div>'
        for what, figure, basis in cards
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{drawn}</div>'


def bars(rows: Sequence[tuple[str, float, float, str]], colour: str, whole: float = 0) -> str:
    """`rows`: (name, length, a mark further on or 0, what the figures say). `whole`: of the width; else the longest is."""
    longest = whole or max((max(length, mark) for _name, length, mark, _told in rows), default=0) or 1
    drawn = "".join(
        '<div><div style="display:flex;justify-content:space-between;gap:12px;font-size:14px">'
        f'<span style="overflow-wrap:anywhere">{escape(name)}</span>'
        f'<span style="flex:none;font-variant-numeric:tabular-nums">{escape(told)}</span></div>'
        '<div style="position:relative;height:10px;border-radius:5px;background:rgba(128,128,128,.15)">'
        f'<div style="height:10px;border-radius:5px;width:{length / longest:.2%};min-width:3px;background:{colour}"></div>'
        f"{_mark(mark / longest) if mark else ''}</div></div>"
        for name, length, mark, told in rows
    )
    return f'<div style="display:flex;flex-direction:column;gap:12px">{drawn}</div>'


def _mark(place: float) -> str:
    return (
        f'<div style="position:absolute;top:-2px;height:14px;width:3px;left:calc({place:.2%} - 3px);'
        'background:rgba(128,128,128,.9)"></div>'
    )


def timeline(
    attempts: Sequence[tuple[str, Sequence[tuple[str, float, str]], bool]], colour: str, bad_colour: str
) -> str:
    """`attempts`: (what is said of it, its stages as (name, seconds, in words), whether it went wrong): where it did is
    its last stage. All bars have one scale."""
    longest = max((sum(s for _n, s, _w in stages) for _said, stages, _bad in attempts), default=0) or 1
    drawn = ""
    for said, stages, bad in attempts:
        pieces = "".join(
            f'<span title="{escape(words, quote=True)}" style="width:{seconds / longest:.2%};min-width:3px;'
            f'background:{bad_colour if bad and place == len(stages) else colour};opacity:{1 if place % 2 else 0.55}"></span>'
            for place, (_name, seconds, words) in enumerate(stages, start=1)
        )
        words = " · ".join(words for _name, _seconds, words in stages)
        bar = (
            f'<div role="img" aria-label="{escape(words, quote=True)}" style="display:flex;gap:1px;height:12px;margin:4px 0;'
            f'border-radius:6px;overflow:hidden;background:rgba(128,128,128,.15)">{pieces}</div>'
            f'<div style="font-size:14px;opacity:.85;overflow-wrap:anywhere">{escape(words)}</div>'
        )
        drawn += (
            f'<li><div style="font-size:14px;overflow-wrap:anywhere">{escape(said)}</div>{bar if stages else ""}</li>'
        )
    return f'<ol style="display:flex;flex-direction:column;gap:12px;margin:0;padding-left:20px">{drawn}</ol>'


def photo_column(photos: Sequence[tuple[str | None, str]], size: int) -> str:
    """`photos`: (address, name), one below the other; on their right stands `in_hand`. Without any, it takes no room."""
    return "".join(
        f'<div style="margin:0 16px 8px 0;height:{size}px">{photo(url, name, size)}</div>' for url, name in photos
    )


def in_hand(jobs: Sequence[tuple[str, str]], size: int, more: str) -> str:
    """`jobs`: (the article's name, what is happening to it), each as high as its photo. `more`: a sentence, or nothing."""
    drawn = "".join(
        f'<div style="height:{size}px;overflow:hidden;display:flex;flex-direction:column;justify-content:center">'
        f'<div title="{escape(name, quote=True)}" style="font-weight:600;line-height:1.3;overflow-wrap:anywhere;'
        f'overflow:hidden;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical">{escape(name)}</div>'
        f'<div style="font-size:14px;opacity:.85">{escape(told)}</div></div>'
        for name, told in jobs
    )
    return _column(drawn + words(more))


def _column(drawn: str) -> str:
    return f'<div style="display:flex;flex-direction:column;gap:8px">{drawn}</div>'


def batch(title: str, origin: str, bar: str, told: str) -> str:
    """`bar`: of `progress_bar`."""
    return (
        f'<div style="overflow-wrap:anywhere"><b>{escape(title)}</b> · {escape(origin)}</div>'
        f'<div style="margin:6px 0">{bar}</div><div>{escape(told)}</div>'
    )


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
