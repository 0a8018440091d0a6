"""Why a person should look at a picture before it is published: one plain sentence per code.

Editors and measures give codes; only this table knows what staff read. Each text is a gettext msgid; `{names}` are the
finding's params.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

DOUBTS: dict[str, str] = {
    "background_inside": "Puede verse fondo de la foto original a través de un hueco del producto.",
    "background_left": "Quedó fondo de la foto original alrededor del producto.",
    "blank": "La imagen está en blanco: no se ve ningún producto.",
    "colour_changed": "Los colores del producto no son los de la foto original.",
    "dark_source": "La foto original es muy oscura.",
    "digits_changed": "La etiqueta decía {before} y ahora dice {after}.",
    "drawing_changed": "Una parte del producto no se ve como en la foto original.",
    "halo": "Quedó un borde o resplandor alrededor del producto.",
    "identical": "La imagen es igual a la foto original: la edición no cambió nada.",
    "low_confidence": "No es seguro que el recorte sea correcto: puede faltar o sobrar una parte.",
    "low_resolution": "La imagen es pequeña para el catálogo.",
    "made_cut_off": "El producto quedó cortado por el borde de la imagen.",
    "mirrored": "El producto quedó al revés, como en un espejo.",
    "no_cutout": "No se pudo recortar el producto: la foto solo se acomodó y se mejoró la luz.",
    "not_square": "La imagen no es cuadrada.",
    "not_white": "El fondo no es blanco puro.",
    "odd_finish": "El servicio entregó la imagen con un aviso de que algo no terminó bien.",
    "other_product": "No parece el mismo producto que el de la foto original.",
    "part_added": "Hay algo que en la foto original no estaba.",
    "part_missing": "Falta una parte del producto, o una pieza.",
    "part_recoloured": "Una parte del producto cambió de color.",
    "product_cut_off": "El producto llega al borde de la foto original: puede estar cortado.",
    "product_small": "El producto ocupa muy poco de la imagen.",
    "product_touches_edge": "El producto toca el borde de la imagen.",
    "several_objects": "La foto tiene más de un objeto. Revise que sea solo el producto.",
    "stretched": "El producto quedó estirado: no tiene las proporciones de la foto original.",
    "text_added": "Apareció un texto que no estaba en la foto original: {text}.",
    "text_changed": "La etiqueta decía {before} y ahora dice {after}.",
    "text_lost": "Desapareció un texto de la foto original: {text}.",
    "text_unlike": "Las letras de la etiqueta no se ven como en la foto original.",
    "thread_changed": "La rosca o el dibujo que se repite no es como en la foto original.",
    "tiny_source": "La foto original es muy pequeña; el resultado puede verse borroso.",
    "uncompared": "No se pudo comparar el producto con la foto original: mírelo con atención.",
}

#: A picture with one of these is wrong until a person says otherwise; with any other it is only doubtful.
SERIOUS = frozenset(
    {
        "blank",
        "colour_changed",
        "digits_changed",
        "identical",
        "mirrored",
        "other_product",
        "part_missing",
        "stretched",
        "text_added",
        "text_changed",
        "thread_changed",
    }
)


class _Found(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def sentence(found: _Found | Mapping[str, Any] | str) -> tuple[str, dict[str, Any]]:
    """The msgid of a finding, and the params to fill in once it is translated."""
    if isinstance(found, str):
        code, params = found, {}
    elif isinstance(found, Mapping):
        code, params = str(found.get("code", "")), dict(found.get("params") or {})
    else:
        code, params = found.code, dict(found.params)
    return DOUBTS.get(code, code), params


def fill(text: str, params: Mapping[str, Any]) -> str:
    """`text` with its `{names}` replaced; an ellipsis where a row kept no such param."""
    return text.format_map(_Blanks(params)) if "{" in text else text


def explain(found: _Found | Mapping[str, Any] | str) -> str:
    """The Spanish sentence of a finding or of its code; the code itself when it is from a newer version."""
    text, params = sentence(found)
    return fill(text, params)
