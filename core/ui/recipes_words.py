"""Recipes in the words of staff."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from core.bootstrap import App
from core.money.prices import MODELS, expected, find
from core.recipes.draft import Draft, differences
from core.recipes.recipes import Version
from core.ui import formats
from core.ui.texts import _, escape

#: A text as a list of words and of what stands between them.
_WORDS = re.compile(r"\s+|[^\s]+")


def kinds() -> dict[str, tuple[str, str]]:
    """{code: (word, what it means)}."""
    return {
        "faithful": (_("Fiel"), _("recorta la foto; el producto nunca se redibuja. Gratis.")),
        "composite": (
            _("Fiel con luz de Gemini"),
            _(
                "Gemini pone el fondo y la luz, y el producto de la foto se pega encima. Si no queda mejor, se usa el"
                " recorte. Se cobra."
            ),
        ),
        "creative": (
            _("Creativa"),
            _("Gemini redibuja la foto con luz de estudio. Puede cambiar un detalle: conviene revisarla. Se cobra."),
        ),
    }


def publishing(kind: str) -> dict[str | None, tuple[str, str]]:
    """{code: (word, what it means)}; the default first, as it is for recipes of that kind."""
    default = {
        "faithful": _("si la inspección dice bien."),
        "composite": _("si la inspección dice bien; tras revisión lo que Gemini haya redibujado."),
        "creative": _("siempre tras revisión."),
    }[kind]
    systems = _("Lo que piden otros sistemas, y las tiendas que ya trabajaban antes de Revelado: al terminar.")
    return {
        None: (_("Lo habitual"), f"{default} {systems}"),
        "at_once": (_("Al terminar"), _("va a la tienda sin que nadie la mire; lo dudoso se avisa después.")),
        "if_good": (_("Si la inspección dice bien"), _("lo demás espera en Revisión.")),
        "after_review": (_("Siempre tras revisión"), _("nada va a la tienda sin que una persona lo apruebe.")),
    }


def model(app: App, name: str | None) -> str:
    """«El de la instalación (gemini-…) · US$ 0,03»."""
    words = name or _("El de la instalación ({model})").format(model=app.settings.gemini_model)
    row = find(name or app.settings.gemini_model)
    price = formats.money(expected(name or app.settings.gemini_model))
    return f"{words} · {price}" + (f" · {row.state}" if row and name else "")


def models(kept: str | None) -> list[str | None]:
    """Those to choose from; what a recipe keeps stays one of them, known or not."""
    known: list[str | None] = [None, *(each.id for each in MODELS)]
    return known if kept in known else [*known, kept]


def label(name: str) -> str:
    """Of a field of `Draft`."""
    return {
        "kind": _("Clase"),
        "prompt": _("Texto para Gemini"),
        "model": _("Modelo"),
        "size": _("Tamaño"),
        "fill": _("Cuánto ocupa el producto"),
        "shadow": _("Sombra"),
        "publish": _("Publicar"),
    }[name]


def said(name: str, draft: Draft) -> str:
    """A field's value as a sentence says it."""
    if name == "kind":
        return kinds()[draft.kind][0]
    if name == "publish":
        return publishing(draft.kind)[draft.publish][0]
    if name == "model":
        return draft.model or _("el de la instalación")
    if name == "size":
        return pixels(draft.size)
    if name == "fill":
        return formats.percent(draft.fill)
    if name == "shadow":
        return _("sí") if draft.shadow else _("no")
    return draft.prompt


def pixels(size: int) -> str:
    return f"{size} × {size} px"


def changes(before: Draft, after: Draft) -> str:
    """What is different, as a Markdown list; empty when nothing is."""
    lines = []
    for name in differences(before, after):
        if name == "prompt":
            lines.append(f"- {escape(label(name))}: {text_changes(before.prompt, after.prompt)}")
        else:
            values = f"{label(name)}: {said(name, before)} → {said(name, after)}"
            lines.append(f"- {escape(values)}")
    return "\n".join(lines)


def text_changes(before: str, after: str) -> str:
    """Markdown: what went struck out, what came bold, the rest in between shortened."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape(_shortened(old[a:b])))
            continue
        if gone := " ".join("".join(old[a:b]).split()):
            parts.append(f" :red[~~{escape(gone)}~~] ")
        if come := " ".join("".join(new[c:d]).split()):
            parts.append(f" :green[**{escape(come)}**] ")
    return " ".join("".join(parts).split())


def who_when(version: Version) -> str:
    """«Versión 3 · Ana, 24 nov 2026, 15:42»."""
    return _("Versión {number} · {who}, {when}").format(
        number=version.number, who=version.created_by, when=formats.datetime_text(version.created_at)
    )


def _shortened(words: list[str], around: int = 12) -> str:
    if len(words) <= 3 * around:
        return "".join(words)
    return f"{''.join(words[:around])} … {''.join(words[-around:])}"
