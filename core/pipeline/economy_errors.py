"""What may go wrong with a whole batch of the economy lane, or with an item that Google forgot."""

from __future__ import annotations

from core.errors import Ambiguous, Permanent, Retryable


class EconomyExpired(Permanent):
    code = "economy_expired"
    message = (
        "Google no lo terminó a tiempo. No se cobró. Reintente para hacerlo ahora por la vía normal, al precio normal."
    )


class EconomyFailed(Permanent):
    code = "economy_failed"
    message = (
        "Google no pudo terminar el lote de esta noche, y esta foto pudo haberse cobrado (a mitad de precio). Reintente"
        " para hacerla ahora por la vía normal, al precio normal."
    )


class EconomyRefused(Permanent):
    code = "economy_refused"
    message = (
        "Google no aceptó el lote ({detail}). No se cobró. Reintente para hacerlo ahora por la vía normal, al precio"
        " normal."
    )


class EconomyLost(Permanent):
    code = "economy_lost"
    message = (
        "Google no entregó el resultado en dos días y medio, y esta foto pudo haberse cobrado (a mitad de precio)."
        " Reintente para hacerla ahora por la vía normal, al precio normal."
    )


class EconomyUnsent(Retryable):
    code = "economy_unsent"
    message = "El lote no llegó a Google. No se cobró. Se enviará otra vez."


class EconomyItemMissing(Ambiguous):
    code = "economy_item_missing"
    message = (
        "Esta foto no vino en la entrega de Google y pudo haberse cobrado (a mitad de precio). Irá en el próximo lote."
    )
