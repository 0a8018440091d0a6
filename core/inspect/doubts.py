"""Why a person should look at a picture before it is published: one plain sentence per code.

Editors and measures give codes; only this table knows what staff read. Each text is a gettext msgid.
"""

from __future__ import annotations

DOUBTS: dict[str, str] = {
    "background_inside": "Puede verse fondo de la foto original a través de un hueco del producto.",
    "background_left": "Quedó fondo de la foto original alrededor del producto.",
    "blank": "La imagen está en blanco: no se ve ningún producto.",
    "dark_source": "La foto original es muy oscura.",
    "identical": "La imagen es igual a la foto original: la edición no cambió nada.",
    "low_confidence": "No es seguro que el recorte sea correcto: puede faltar o sobrar una parte.",
    "low_resolution": "La imagen es pequeña para el catálogo.",
    "no_cutout": "No se pudo recortar el producto: la foto solo se acomodó y se mejoró la luz.",
    "not_square": "La imagen no es cuadrada.",
    "not_white": "El fondo no es blanco puro.",
    "odd_finish": "El servicio entregó la imagen con un aviso de que algo no terminó bien.",
    "product_cut_off": "El producto llega al borde de la foto original: puede estar cortado.",
    "product_small": "El producto ocupa muy poco de la imagen.",
    "product_touches_edge": "El producto toca el borde de la imagen.",
    "several_objects": "La foto tiene más de un objeto. Revise que sea solo el producto.",
    "tiny_source": "La foto original es muy pequeña; el resultado puede verse borroso.",
}


def explain(code: str) -> str:
    """The Spanish sentence of `code`; the code itself when it is from a newer version."""
    return DOUBTS.get(code, code)
