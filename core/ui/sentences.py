"""The one sentence that says how things stand."""

from __future__ import annotations

from datetime import timedelta

from core.queue.pause import Pause
from core.queue.stats import Overview
from core.ui import formats
from core.ui.snapshot import DayOfWork
from core.ui.texts import _, ngettext


def situation(now: Overview, day: DayOfWork) -> str:
    """«Procesando 4 de 20. Faltan unos 3 min, hacia las 17:40. Hoy US$ 0,00.»"""
    spent = _("Hoy {money}.").format(money=formats.money(now.cost_today))
    return " ".join(part for part in (_work(now, day), _time_left(now), spent) if part)


def _work(now: Overview, day: DayOfWork) -> str:
    waiting = now.counts.pendientes
    if day.left == 0:
        return _("No hay trabajos en la cola.")
    if now.counts.procesando:
        reached = min(day.done + day.failed + now.counts.procesando, day.total)
        return _("Procesando {number} de {total}.").format(
            number=formats.count(reached), total=formats.count(day.total)
        )
    return ngettext("Espera {n} artículo.", "Esperan {n} artículos.", waiting).format(n=formats.count(waiting))


def _time_left(now: Overview) -> str:
    if now.pause or now.eta_seconds is None or not any(worker.alive for worker in now.workers):
        return ""
    low, high = now.eta_seconds
    return _("Faltan {duration}, hacia las {clock}.").format(
        duration=formats.duration_range(low, high),
        clock=formats.clock(now.now + timedelta(seconds=(low + high) / 2)),
    )


def paused(pause: Pause) -> str:
    """Who or what paused the queue, since when, why, and whether it goes on by itself."""
    since = formats.clock(pause.paused_at)
    if pause.reason_code == "by_person":
        why = _("{who} puso la cola en pausa a las {clock}.").format(who=pause.paused_by, clock=since)
    else:
        why = _("La cola se puso en pausa sola a las {clock}.").format(clock=since)
    goes_on = (
        _("Sigue sola a las {clock}.").format(clock=formats.clock(pause.paused_until))
        if pause.paused_until
        else _("Los artículos esperan hasta que alguien la reanude; no se pierden.")
    )
    reason = pause.reason if not pause.reason or pause.reason.endswith((".", "!", "?")) else f"{pause.reason}."
    return " ".join(part for part in (why, reason, goes_on) if part)


def stage(name: str | None) -> str:
    """A stage of an article's way in words."""
    words = {
        "fetch": _("Descargando la foto"),
        "buy": _("Haciendo la imagen"),
        "inspect": _("Revisando la imagen"),
        "host": _("Guardando la imagen"),
        "publish": _("Publicando"),
    }
    return words.get(name or "", _("Empezando"))
