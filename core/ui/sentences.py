"""The one sentence that says how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from core.money.budget import Budget
from core.queue import services
from core.queue.batches import LiveBatch, until_done
from core.queue.pause import OUT_OF_HOURS, Pause
from core.queue.stats import Economy, Overview, WorkerLight
from core.settings.values import Tuning
from core.ui import clock_words, formats
from core.ui.texts import _, ngettext


def situation(now: Overview) -> str:
    """«Procesando 4 de 20. Faltan unos 3 min, hacia las 17:40. Hoy US$ 1,84 de 20,00 (tope).»"""
    today = _("Hoy {money} (tope).") if now.budget.day_cap else _("Hoy {money}.")
    spent = today.format(money=of_cap(now.budget.day_spent, now.budget.day_cap))
    return " ".join(part for part in (_work(now), _time_left(now), spent) if part)


def of_cap(spent: Decimal, cap: Decimal) -> str:
    """«US$ 1,84 de 20,00»; without a cap, what was spent alone."""
    if not cap:
        return formats.money(spent)
    return _("{spent} de {cap}").format(spent=formats.money(spent), cap=formats.amount(cap))


def budget_warning(budget: Budget) -> str | None:
    """Once most of a cap is spent: which cap, how far, and what happens at its end, or now that it is reached."""
    if not budget.warns:
        return None
    of_day = budget.day_spent / budget.day_cap if budget.day_cap else Decimal(0)
    by_day = of_day >= budget.share
    if budget.share >= 1:
        words = (
            _("Ya se gastó todo el tope del día: {figures}. La cola no hace más imágenes pagas hasta mañana.")
            if by_day
            else _(
                "Ya se gastó todo el tope del mes: {figures}. La cola no hace más imágenes pagas hasta el mes próximo."
            )
        )
    elif by_day:
        words = _(
            "Ya se gastó el {percent} del tope del día: {figures}. Al llegar al tope, la cola se pone en pausa sola."
        )
    else:
        words = _(
            "Ya se gastó el {percent} del tope del mes: {figures}. Al llegar al tope, la cola se pone en pausa sola."
        )
    spent, cap = (budget.day_spent, budget.day_cap) if by_day else (budget.month_spent, budget.month_cap)
    return words.format(percent=formats.percent(float(budget.share)), figures=of_cap(spent, cap))


def probing(service: str) -> str:
    return _("Probando {service} con un artículo. Si responde, la cola sigue con los demás.").format(
        service=services.NAMES.get(service, service)
    )


def batch_ends(batch: LiveBatch, live: Sequence[LiveBatch], now: Overview) -> str:
    """«Listo hacia las 17:40 (unos 12 min).» Empty while nobody can tell."""
    ahead, left = until_done(batch, live), now.counts.pendientes + now.counts.procesando
    if now.pause or now.eta_seconds is None or not ahead or not any(worker.alive for worker in now.workers):
        return ""
    low, high = (seconds * ahead / max(left, ahead) for seconds in now.eta_seconds)
    return _("Listo hacia {when} ({duration}).").format(
        duration=formats.duration_range(low, high),
        when=clock_words.of(now.now + timedelta(seconds=(low + high) / 2)),
    )


def rate(now: Overview) -> str:
    """How fast it goes, by the last ten minutes; empty when hardly anything was finished in them."""
    if now.rate is None:
        return ""
    if now.rate >= 1:
        return _("Ritmo mientras trabaja: unos {n} artículos por minuto.").format(n=formats.number(round(now.rate, 1)))
    return _("Ritmo mientras trabaja: un artículo cada {time}.").format(time=formats.duration(60 / now.rate))


def heartbeat(workers: Sequence[WorkerLight]) -> str:
    """How fresh the last sign of any worker is; empty when there was none."""
    seen = [worker.seconds_since_seen for worker in workers]
    return _("Última señal hace {time}.").format(time=formats.duration(min(seen))) if seen else ""


def economy(lane: Economy) -> str:
    """What the lane of the night has in hand; empty when it has nothing."""
    parts = []
    if lane.waiting:
        parts.append(ngettext("{n} espera la próxima", "{n} esperan la próxima", lane.waiting))
        parts[-1] = parts[-1].format(n=formats.count(lane.waiting))
    if lane.sent and lane.since:
        parts.append(
            ngettext("{n} en Gemini desde {when}", "{n} en Gemini desde {when}", lane.sent).format(
                n=formats.count(lane.sent), when=clock_words.of(lane.since)
            )
        )
    return _("Tanda de la noche: {parts}.").format(parts=", ".join(parts)) if parts else ""


def _work(now: Overview) -> str:
    work, waiting = now.work, now.counts.pendientes
    if work.left == 0:
        return _("No hay trabajos en la cola.")
    if now.counts.procesando or between_articles(now):
        reached = min(work.done + work.failed + max(1, now.counts.procesando), work.total)
        return _("Procesando {number} de {total}.").format(
            number=formats.count(reached), total=formats.count(work.total)
        )
    return ngettext("Espera {n} artículo.", "Esperan {n} artículos.", waiting).format(n=formats.count(waiting))


def between_articles(now: Overview) -> bool:
    """One is done and the next not begun: for who looks, the work goes on."""
    lately = any(completed + failed for _start, completed, failed in now.hour[-2:])
    waiting = now.counts.pendientes > now.economy.waiting and not now.counts.procesando
    return lately and waiting and not now.pause and any(worker.alive for worker in now.workers)


def _time_left(now: Overview) -> str:
    if now.pause or now.eta_seconds is None or not any(worker.alive for worker in now.workers):
        return ""
    if now.economy.waiting + now.economy.sent >= now.counts.pendientes + now.counts.procesando:
        return ""  # the pace of a minute ago tells nothing about tonight
    low, high = now.eta_seconds
    one = formats.is_one_minute(low, high)
    words = ngettext("Falta {duration}, hacia {when}.", "Faltan {duration}, hacia {when}.", 1 if one else 2)
    return words.format(
        duration=formats.duration_range(low, high),
        when=clock_words.of(now.now + timedelta(seconds=(low + high) / 2)),
    )


def paused(pause: Pause, budget: Budget, tuning: Tuning | None = None) -> str:
    """Who or what paused the queue, since when, why, and whether it goes on by itself."""
    since = clock_words.at(pause.paused_at)
    if pause.reason_code == OUT_OF_HOURS:
        return out_of_hours(pause, tuning or Tuning())
    if pause.reason_code == "by_person":
        why = _("{who} puso la cola en pausa {at}.").format(who=pause.paused_by, at=since)
    else:
        why = _("La cola se puso en pausa sola {at}.").format(at=since)
    reason = _cap_reached(pause.reason_code, budget) or pause.reason
    if reason and pause.reason_code == "by_person":
        reason = _("Motivo: «{reason}».").format(reason=reason)
    elif reason and not reason.endswith((".", "!", "?")):
        reason += "."
    return " ".join(part for part in (why, reason, _goes_on(pause)) if part)


def out_of_hours(pause: Pause, tuning: Tuning) -> str:
    """No trouble: the shop's own hours, and when they begin."""
    if tuning.schedule_from:
        hours = _("Fuera de horario: la tienda procesa de {begin} a {end}.").format(
            begin=tuning.schedule_from, end=tuning.schedule_to
        )
    else:
        hours = _("Fuera de horario: la tienda procesa a otras horas.")
    return " ".join((hours, _("Los artículos esperan y no pierden intentos."), _goes_on(pause)))


def _goes_on(pause: Pause) -> str:
    until = pause.paused_until
    if until is None:
        return _("Los artículos esperan hasta que alguien la reanude; no se pierden.")
    return _("Sigue sola {at}.").format(at=clock_words.at(until))


def _cap_reached(code: str, budget: Budget) -> str | None:
    """The reason in the shop's own figures; None for any other than a cap."""
    if code == "budget_day":
        words, figures = _("Se llegó al tope de gasto del día: {figures}."), of_cap(budget.day_spent, budget.day_cap)
    elif code == "budget_month":
        words, figures = (
            _("Se llegó al tope de gasto del mes: {figures}."),
            of_cap(budget.month_spent, budget.month_cap),
        )
    else:
        return None
    way_out = _("Nada se pierde. Para seguir ahora, un administrador puede subir el tope en Ajustes.")
    return f"{words.format(figures=figures)} {way_out}"


def stage(name: str | None) -> str:
    """A stage of an article's way in words."""
    words = {
        "fetch": _("Descargando la foto"),
        "buy": _("Haciendo la imagen"),
        "inspect": _("Revisando la imagen"),
        "host": _("Guardando la imagen"),
        "publish": _("Publicando"),
        "economy": _("En Google, a mitad de precio"),
    }
    return words.get(name or "", _("Empezando"))
