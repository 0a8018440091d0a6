"""Why a picture can't be judged, given back or shown: each a sentence that says what to do instead."""

from __future__ import annotations

from core.errors import Conflict
from core.review.looked import Looked
from core.review.shop_window import Swap


class Taken(Conflict):
    code = "review_taken"
    message = "Otra persona está mirando esta imagen. Siga con la siguiente."


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = "Ya se decidió sobre esta imagen, o llegó otra más nueva. Siga con la siguiente."


class ArticleMoved(Conflict):
    code = "article_moved"
    message = (
        "La foto del artículo cambió después y se dejó como está. Si quiere mostrar otra, elíjala en las versiones del"
        " artículo."
    )


class NotGood(Conflict):
    code = "not_good"
    message = "La inspección no la dio por buena en este lote: júzguela una por una."


class NothingBefore(Conflict):
    code = "nothing_before"
    message = "No queda una foto anterior que devolver. Cargue una en Catálogo y decida después."


class PictureGone(Conflict):
    code = "picture_gone"
    message = "Esa imagen ya se borró y no se puede volver a mostrar."


class OnlyATrial(Conflict):
    code = "only_a_trial"
    message = "Esa imagen se hizo para probar una receta y no se publica. Use la receta y procese el artículo."


class AlreadyShown(Conflict):
    code = "already_shown"
    message = "La tienda ya muestra esa imagen."


class TakenBackAlready(Conflict):
    code = "taken_back_already"
    message = "Esa decisión ya se deshizo."


class JudgedSince(Conflict):
    code = "judged_since"
    message = "Después se decidió otra cosa sobre esta imagen: ya no se puede deshacer."


class NewPictureComing(Conflict):
    code = "new_picture_coming"
    message = "La imagen nueva ya se empezó a hacer: espere a que llegue y júzguela."


class NewPictureMade(Conflict):
    code = "new_picture_made"
    message = "La imagen nueva ya está hecha: júzguela, o elija otra en las versiones del artículo."


def refuse(case: Looked) -> None:
    """Raises Taken, AlreadyDecided: only what awaits a verdict, and nobody else looks at, can be judged."""
    if case.review != "awaiting" or case.deleted:
        raise AlreadyDecided
    if case.held_by_other:
        raise Taken


def back_to(case: Looked, url: str | None) -> Swap:
    """Raises NothingBefore."""
    if url is None:
        raise NothingBefore
    return Swap(case.articulo_id, case.url, url)
