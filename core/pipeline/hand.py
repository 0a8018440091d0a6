"""One article in a worker's hand: the run, what its end means for the job, and the lines of the log about it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from core import logs
from core.db.engine import is_passing
from core.errors import AppError, LostClaim
from core.pipeline.ending import end_with_error, explain
from core.pipeline.publish import ArticleChanged
from core.pipeline.run import ArticleRun
from core.pipeline.workshop import HandBack, Workshop
from core.queue import counts, finish
from core.queue.jobs import Job

log = logging.getLogger("revelado.worker")

_WHAT_NEXT = {
    "retry": "Se intentará otra vez en unos momentos",
    "failed": "Queda como fallido; se puede reintentar desde el panel",
    "snoozed": "Espera su turno; este intento no cuenta",
}


@dataclass(frozen=True)
class Ended:
    next: Job | None = None  #: claimed with the end of this one
    unsure: bool = False  #: a connection was lost in COMMIT: more may have been claimed than was answered


def work_on(shop: Workshop, job: Job) -> Ended:
    """Never raises: what can't be written down now, the lease's end does."""
    context = logs.job_id.set(job.id)
    run = ArticleRun(shop, job)
    try:
        log.info('🔄 [Cola] Procesando artículo %d - "%s"', job.articulo_id, job.articulo_nombre)
        log.info("   📊 [Cola] Intento %d de %d", job.intentos, job.max_intentos)
        published = run.run()
        if published.fate == "overtaken":
            log.warning("   ✋ [Cola] Artículo %d: %s", job.articulo_id, ArticleChanged().text)
        else:
            log.info("   ✅ [Cola] Artículo %d procesado exitosamente", job.articulo_id)
            if published.fate in ("held", "unwanted"):
                log.info("   👀 [Cola] La imagen espera a que una persona la apruebe en Revisión")
        return Ended(published.next)
    except HandBack:
        return _release(shop, job)
    except Exception as error:  # the one place where a bug becomes a counted, visible failure
        return _fail(shop, job, run, error)
    finally:
        _log_counts(shop)
        logs.job_id.reset(context)


def _release(shop: Workshop, job: Job) -> Ended:
    try:
        shop.durably(lambda c: finish.end(c, job, "released"))
    except (LostClaim, DBAPIError):
        return Ended()  # its lease runs out and another worker takes it
    log.info("   ↩️ [Cola] El artículo %d vuelve a la cola sin contar el intento", job.articulo_id)
    return Ended()


def _fail(shop: Workshop, job: Job, run: ArticleRun, error: Exception) -> Ended:
    if isinstance(error, DBAPIError) and is_passing(error):
        log.warning("⚠️ [Base] Sin base de datos; el artículo %d sigue cuando vuelva", job.articulo_id)
        return Ended(unsure=True)
    try:
        outcome = _end_with(shop, job, run, error)
    except DBAPIError as lost:
        log.warning("⚠️ [Base] No se pudo anotar el final del artículo %d (%s)", job.articulo_id, type(lost).__name__)
        return Ended(unsure=True)
    if outcome is None:
        log.warning("   ⚠️ [Cola] Otro trabajador siguió con el artículo %d; aquí no se cambió nada", job.articulo_id)
    elif outcome == "done":
        log.info("   ✅ [Cola] Artículo %d procesado exitosamente", job.articulo_id)
    else:
        # Only what nobody foresaw is worth a stack in the log.
        foreseen = isinstance(error, AppError)
        log.error("   ❌ [Cola] Artículo %d: %s", job.articulo_id, explain(error), exc_info=not foreseen)
        log.info("   📊 [Cola] %s", _WHAT_NEXT[outcome])
    return Ended(unsure=outcome == "done")


def _end_with(shop: Workshop, job: Job, run: ArticleRun, error: Exception) -> str | None:
    """What became of the job; None: it is another worker's. `done`: a connection lost in COMMIT hid its end."""
    try:
        return shop.durably(lambda c: end_with_error(c, job, error, run.seconds))
    except LostClaim:
        return "done" if shop.durably(lambda c: finish.is_finished_by(c, job)) else None


def _log_counts(shop: Workshop) -> None:
    try:
        with shop.engine.connect() as connection:
            n = counts.read(connection)
    except DBAPIError:
        return
    log.info(
        "   📊 [Cola] Estado actual:  ⏳ Pendientes: %d  ✅ Completados: %d  ❌ Fallidos: %d  📈 Total: %d",
        n.pendientes, n.completados, n.fallidos, n.total,
    )  # fmt: skip
