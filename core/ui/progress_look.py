"""What Progreso shows of the queue, as HTML: pure, the same for everybody who reads one language."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from core.queue.batches import LiveBatch
from core.queue.stats import InHand, Overview, Work
from core.ui import batch_words, components, formats, images, markup, sentences
from core.ui.live_places import Look
from core.ui.texts import _, ngettext

_SHOWN_IN_HAND = 4
_PHOTO = 88
#: Of the batches under way, until somebody asks for all.
FEW = 5


def look(now: Overview, live: Sequence[LiveBatch], *, all_batches: bool = False) -> Look:
    shown = shown_batches(live, all_batches=all_batches)
    return Look(
        {
            "sentence": markup.strong(sentences.situation(now)),
            "numbers": _numbers(now),
            "photos": _photos(now),
            "in-hand": _in_hand(now),
            "pace": markup.words(_pace(now)),
            "heartbeat": markup.quiet(sentences.heartbeat(now.workers)),
            **{place_of(batch): _batch(batch, live, now) for batch in shown},
        },
        _standing(now, live, shown),
    )


def _pace(now: Overview) -> str:
    if not now.finished_last_hour:
        return _("Nada terminó en la última hora.")
    finished = ngettext(
        "{n} trabajo terminado en la última hora.", "{n} trabajos terminados en la última hora.", now.finished_last_hour
    )
    rate = sentences.rate(now) if now.work.left else ""
    return " ".join((finished.format(n=formats.count(now.finished_last_hour)), rate))


def is_busy(now: Overview) -> bool:
    """Whether something is about to change: then the page looks every two seconds."""
    working = any(worker.alive for worker in now.workers)
    return now.counts.procesando > 0 or (now.counts.pendientes > 0 and working and now.pause is None)


def shown_batches(live: Sequence[LiveBatch], *, all_batches: bool = False) -> list[LiveBatch]:
    """What waits for a person first."""
    ordered = sorted(live, key=lambda batch: batch.pilot != "waiting")
    return ordered if all_batches else ordered[:FEW]


def place_of(batch: LiveBatch) -> str:
    return f"batch-{batch.id}"


def _standing(now: Overview, live: Sequence[LiveBatch], shown: Sequence[LiveBatch]) -> str:
    """Of all that is drawn around the places: notices, buttons, links, the rhythm."""
    drawn = (
        is_busy(now),
        now.pause,
        now.probing,
        now.budget.warns and int(now.budget.share * 100),
        [worker.alive for worker in now.workers],
        now.tuning,
        len(live),
        # How many of a pilot are made is told beside its buttons.
        [(b.id, b.counts.pendientes > 0, b.pilot, b.pilot == "waiting" and b.counts) for b in shown],
    )
    return hashlib.sha256(repr(drawn).encode()).hexdigest()[:16]


def _numbers(now: Overview) -> str:
    """What is done of the work under way, and what is in the queue: the tiles count what the line counts."""
    work = now.work
    told = _told(work)
    next_one = int(sentences.between_articles(now))  # for who looks, it has begun: as the sentence says
    waiting, in_hand = now.counts.pendientes - next_one, now.counts.procesando + next_one
    cards = [
        (_("Pendientes"), waiting, "pending"),
        (_("Procesando"), in_hand, "processing"),
        (_("Completados") if work.left else _("Completados en 24 h"), work.done, "completed"),
        (_("Fallidos") if work.left else _("Fallidos en 24 h"), work.failed, "failed"),
    ]
    parts = [
        ("completed", work.done), ("failed", work.failed), ("processing", in_hand), ("pending", waiting),
    ]  # fmt: skip
    colours = {state: components.state_color(state) for _word, _number, state in cards}
    return markup.summary(
        markup.progress_bar(parts, colours, told),
        told,
        markup.count_cards([(word, formats.count(number), colours[state]) for word, number, state in cards]),
        sentences.economy(now.economy),
    )


def _told(work: Work) -> str:
    """«1 completado, 2 fallidos y 17 por hacer»; of an empty queue: «Trabajos de las últimas 24 horas: …»."""
    done = ngettext("{n} completado", "{n} completados", work.done).format(n=formats.count(work.done))
    failed = ngettext("{n} fallido", "{n} fallidos", work.failed).format(n=formats.count(work.failed))
    if work.left == 0:
        return _("Trabajos de las últimas 24 horas: {done} y {failed}").format(done=done, failed=failed)
    return _("{done}, {failed} y {left} por hacer").format(done=done, failed=failed, left=formats.count(work.left))


def _photos(now: Overview) -> str:
    """Apart from the words, whose seconds change at every look: a picture must not be drawn anew with them."""
    shown = now.in_hand[:_SHOWN_IN_HAND]
    return markup.photo_column([(images.thumb_url(job.imagen_url_original, 320), _name(job)) for job in shown], _PHOTO)


def _in_hand(now: Overview) -> str:
    shown = now.in_hand[:_SHOWN_IN_HAND]
    if not shown:
        nothing = _("No se está procesando ningún artículo.")
        soon = _("Empezando el próximo artículo…")
        return markup.room(soon if sentences.between_articles(now) else nothing, _PHOTO)
    more = len(now.in_hand) - len(shown)
    rest = _("y {n} más").format(n=formats.count(more)) if more else ""
    return markup.in_hand([(_name(job), _stage(job)) for job in shown], _PHOTO, rest)


def _name(job: InHand) -> str:
    return job.articulo_nombre or _("Artículo {id}").format(id=job.articulo_id)


def _stage(job: InHand) -> str:
    told = _("{stage} · {time}").format(
        stage=sentences.stage(job.stage), time=formats.duration(job.segundos_procesando)
    )
    if job.intentos > 1:
        told += " · " + _("Intento {n} de {most}").format(n=job.intentos, most=job.max_intentos)
    return told


def _batch(batch: LiveBatch, live: Sequence[LiveBatch], now: Overview) -> str:
    told = f"{batch_words.left(batch)} {sentences.batch_ends(batch, live, now)}"
    return markup.batch(batch_words.title(batch), batch_words.origin(batch), batch_words.bar(batch), told)
