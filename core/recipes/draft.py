"""What an administrator decides about a recipe, and what is refused of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

from core.db.text import storable
from core.errors import InvalidInput, Words
from core.money.prices import MODELS, find
from core.recipes import prompts
from core.recipes.policy import PUBLISH

#: faithful: cut out, the product's pixels stay. composite: Gemini's background and light, the photo's product. creative:
#: Gemini redraws.
KINDS = ("faithful", "composite", "creative")
SIZES = (1200, 2000)  #: pixels of the square's side, inclusive
FILLS = (0.50, 0.98)  #: share of the side that the product's longer side takes, inclusive


@dataclass(frozen=True)
class Draft:
    kind: str
    prompt: str
    model: str | None = None  #: None: the installation's
    size: int = 1600
    fill: float = 0.88
    shadow: bool = True
    publish: str | None = None  #: None: by its kind and by where the job came from
    note: str = ""  #: what changed, in the words of who saves it


def checked(draft: Draft) -> Draft:
    """As it is kept. Raises InvalidInput that names the field and the fix."""
    if draft.kind not in KINDS:
        raise InvalidInput(field="Clase", why="elija Fiel, Fiel con luz de Gemini o Creativa.")
    prompts.check(draft.prompt)
    if draft.model is not None and find(draft.model) is None:
        known = ", ".join(model.id for model in MODELS)
        raise InvalidInput(
            field="Modelo",
            why=Words(
                "Revelado no conoce «{model}» ni sabe su precio. Los que conoce: {known}.",
                model=draft.model,
                known=known,
            ),
        )
    if not SIZES[0] <= draft.size <= SIZES[1]:
        raise InvalidInput(
            field="Tamaño", why=Words("use entre {least} y {most} píxeles.", least=SIZES[0], most=SIZES[1])
        )
    if not math.isfinite(draft.fill) or not FILLS[0] <= round(draft.fill, 2) <= FILLS[1]:
        raise InvalidInput(
            field="Cuánto ocupa el producto",
            why=Words("use entre {least:.0%} y {most:.0%} del cuadro.", least=FILLS[0], most=FILLS[1]),
        )
    if draft.publish is not None and draft.publish not in PUBLISH:
        raise InvalidInput(
            field="Publicar", why="elija al terminar, si la inspección dice bien o siempre tras revisión."
        )
    note = " ".join(storable(draft.note).split())
    if len(note) > prompts.MAX_NOTE:
        raise InvalidInput(field="Qué cambió", why=Words("use como mucho {most} caracteres.", most=prompts.MAX_NOTE))
    return replace(draft, prompt=storable(draft.prompt).strip(), fill=round(draft.fill, 2), note=note)


def differences(before: Draft, after: Draft) -> list[str]:
    """Names of the fields that make other pictures, or publish them otherwise."""
    return [
        field.name
        for field in fields(Draft)
        if field.name != "note" and getattr(before, field.name) != getattr(after, field.name)
    ]
