"""What the viewer of Revisión writes on its own: it works while the server is busy."""

from __future__ import annotations

from collections.abc import Mapping

from core.ui import formats
from core.ui.texts import _, ngettext


def words(*, by_gemini: bool) -> dict[str, str | list[str]]:
    """`by_gemini`: or all recipes are carried out by the editor of this machine, which cuts out and never redraws."""
    return {
        "before": _("Antes"),
        "after": _("Después"),
        "beforeAlt": _("Antes: {name}"),
        "afterAlt": _("Después: {name}"),
        "compare": _("Comparar antes y después"),
        "previous": _("Anterior"),
        "next": _("Siguiente"),
        "side": _("Lado a lado"),
        "slider": _("Deslizar"),
        "zoom": _("Tamaño real"),
        "fit": _("Ver entera"),
        "approve": _("Aprobar"),
        "reject": _("Rechazar"),
        "redo": _("Rehacer"),
        "keep_original": _("Conservar la original"),
        "keepShort": _("Dejar original"),
        "undo": _("Deshacer"),
        "cancel": _("Cancelar"),
        "close": _("Entendido"),
        "approved": _("Aprobada: {name}"),
        "rejected": _("Rechazada: {name}"),
        "redone": _("Se hará otra: {name}"),
        "kept": _("Queda la original: {name}"),
        "undone": _("Deshecho: {name}"),
        "undoneAlready": _("No hay nada más que deshacer aquí."),
        "failed": _("No se guardó la decisión sobre «{name}»."),
        "back": _("Volver a verla"),
        "left_one": _("Queda {n}"),
        "left_many": _("Quedan {n}"),
        "arrived_one": _("llegó {n} más"),
        "arrived_many": _("llegaron {n} más"),
        "decided_one": _("hoy decidió {n}"),
        "decided_many": _("hoy decidió {n}"),
        "why": _("Por qué mirarla"),
        "nothing": _("La inspección no encontró nada que objetar."),
        "met": _("cumple en formato"),
        "unmet": _("no cumple"),
        "required": _("Obligatorio"),
        "advised": _("Recomendado"),
        "allMet": _("Cumple todo lo que se puede medir."),
        "more": _("Más datos"),
        "rejectTitle": _("¿Por qué se rechaza?"),
        "reasons": [
            _("No es el mismo producto"),
            _("Cambió un texto, un número o la marca"),
            _("Cambió el color"),
            _("Falta o sobra una pieza"),
            _("Recorte o fondo mal hecho"),
            _("Se ve mal: borrosa, oscura o torcida"),
        ],
        "otherReason": _("Otro motivo"),
        "redoTitle": _("¿Cómo se hace la nueva?"),
        "sameAgain": _(
            "Las imágenes las hace este equipo, que recorta siempre igual: otra receta solo cambia el fondo y el encuadre."
            " Si el recorte está mal, conserve la original y cargue otra foto en Catálogo."
        ),
        "same": _("Misma receta: {name}"),
        "other": _("O con otra receta:"),
        "kinds": _("Fiel recorta el producto y no lo redibuja; Creativa le pide a Gemini una imagen nueva.")
        if by_gemini
        else "",
        "elsewhere": _("Recetas de otras categorías"),
        "note": _("Nota para esta imagen, si hace falta. Por ejemplo: que se vea la punta"),
        "loading": _("Cargando la imagen…"),
        "broken": _("No se pudo cargar la imagen. Recargue la página: lo que ya decidió no se pierde."),
        "noBefore": _("No hay foto original."),
        "waitImage": _("Espere: la imagen todavía no se ve."),
        "fetching": _("Buscando más imágenes…"),
        "offline": _("Sin conexión con la base de datos. Sus decisiones no se pierden: se guardan en cuanto vuelva."),
        "endTitle": _("Terminó: no quedan imágenes por revisar"),
        "endText": _(
            "Las aprobadas ya se ven en la tienda; donde rechazó, la tienda sigue con la foto de antes."
            " Las que se hagan desde ahora aparecen aquí solas."
        ),
        "hereTitle": _("Terminó las de este filtro"),
        "elsewhere_one": _("Queda {n} que el filtro deja afuera. Para verla, quite el filtro, arriba."),
        "elsewhere_many": _("Quedan {n} que el filtro deja afuera. Para verlas, quite el filtro, arriba."),
        "othersTitle": _("Las que quedan las mira otra persona"),
        "othersText": _("Si no las decide, aparecen aquí en un par de minutos."),
        "skippedTitle": _("Solo quedan las que dejó para después"),
        "again": _("Verlas ahora"),
    }


def today(tally: Mapping[str, int]) -> str:
    """«Hoy decidió 27: 23 aprobadas, 4 rechazadas.» Empty when nothing was. `tally`: of `core.review.tally`."""
    words = {
        "approve": lambda n: ngettext("{n} aprobada", "{n} aprobadas", n),
        "reject": lambda n: ngettext("{n} rechazada", "{n} rechazadas", n),
        "redo": lambda n: ngettext("{n} pedida de nuevo", "{n} pedidas de nuevo", n),
        "keep_original": lambda n: ngettext("{n} queda con la original", "{n} quedan con la original", n),
    }
    counted = {action: tally[action] for action in words if tally.get(action)}
    if not counted:
        return ""
    parts = ", ".join(words[action](n).format(n=formats.count(n)) for action, n in counted.items())
    return _("Hoy decidió {total}: {parts}.").format(total=formats.count(sum(counted.values())), parts=parts)
