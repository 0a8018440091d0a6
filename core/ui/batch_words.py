"""A batch in words, and its bar: for the pages where batches are listed."""

from __future__ import annotations

from core.queue.batches import LiveBatch
from core.ui import components, formats, markup, priorities
from core.ui.texts import _, ngettext


def title(batch: LiveBatch) -> str:
    return batch.label or _("Lote {id}").format(id=batch.id)


def origin(batch: LiveBatch) -> str:
    """«Beto · hace 3 min · Urgente»"""
    words = [batch.user_name, formats.ago(batch.created_at)]
    if batch.prioridad:
        words.append(priorities.word(batch.prioridad))
    if batch.lane == "economy":
        words.append(_("Económica"))
    return " · ".join(words)


def left(batch: LiveBatch) -> str:
    """«Faltan 3 de 5, 1 fallido.»"""
    n = batch.counts
    if not batch.left:
        done = ngettext("Terminó: {n} hecho", "Terminó: {n} hechos", n.completados).format(
            n=formats.count(n.completados)
        )
        return f"{done}{_failed(n.fallidos)}."
    still = ngettext("Falta {n} de {total}", "Faltan {n} de {total}", batch.left).format(
        n=formats.count(batch.left), total=formats.count(n.total)
    )
    return f"{still}{_failed(n.fallidos)}."


def cost(batch: LiveBatch) -> str:
    """Empty when it was not asked for."""
    if batch.cost is None:
        return ""
    words = _("Lleva gastado {money}.") if batch.left else _("Costó {money}.")
    return words.format(money=formats.money(batch.cost))


def bar(batch: LiveBatch) -> str:
    """HTML."""
    n = batch.counts
    parts = [
        ("completed", n.completados), ("failed", n.fallidos), ("processing", n.procesando), ("pending", n.pendientes),
    ]  # fmt: skip
    colours = {state: components.state_color(state) for state, _number in parts}
    return markup.progress_bar(parts, colours, left(batch))


def _failed(number: int) -> str:
    words = ngettext(", {n} fallido", ", {n} fallidos", number).format(n=formats.count(number))
    return words if number else ""
