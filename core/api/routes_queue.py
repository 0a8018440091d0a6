"""The queue: how it stands, what was done, trying again, tidying."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from core.access import harm, idempotency
from core.access.actors import Role
from core.api.dependencies import CurrentActor, TheApp
from core.api.schemas import (
    CONFIRM,
    FAILURES,
    Answer,
    AnswerWithMessage,
    CleanedData,
    CurrentArticle,
    Failure,
    HistoryData,
    HistoryItem,
    QueueCounts,
    RetriedData,
    StatusData,
    links,
)
from core.errors import NotFound, Words
from core.queue import clean, counts, history, retry, stats
from core.settings.values import load_tuning

router = APIRouter(prefix="/articulos/processing-queue", tags=["Cola de procesamiento"], responses=FAILURES)


@router.get("/status", summary="Estado de la cola")
def status(app: TheApp, _: CurrentActor) -> Answer[StatusData]:
    with app.engine.connect() as connection:
        numbers = counts.read(connection)
        in_hand = stats.in_hand(connection)
    current = CurrentArticle.model_validate(in_hand[0]) if in_hand else None
    return Answer(data=StatusData(stats=QueueCounts.model_validate(numbers), articuloActual=current))


@router.get(
    "/history",
    summary="Historial",
    responses=links(
        Reintentar={"operationId": "retry_job", "parameters": {"id": "$response.body#/data/historial/0/id"}}
    ),
)
def list_history(
    app: TheApp,
    _: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Answer[HistoryData]:
    """Lo más nuevo primero."""
    rows = history.offset_page(app.engine, limit, offset)
    items = [HistoryItem.model_validate(row) for row in rows]
    return Answer(data=HistoryData(historial=items, limit=limit, offset=offset))


@router.post(
    "/{id}/retry",
    summary="Reintentar un trabajo fallido",
    responses={
        404: {"model": Failure, "description": "No existe el trabajo"},
        409: {"model": Failure, "description": "No es un trabajo fallido, o su artículo ya está en la cola"},
    },
)
def retry_job(
    app: TheApp,
    actor: CurrentActor,
    job_id: Annotated[int, Path(alias="id", examples=[1])],
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> AnswerWithMessage[RetriedData]:
    """`intentos` vuelve a empezar en 0."""
    if not 0 < job_id < 2**31:
        raise NotFound(what=Words("el trabajo {id}", id=job_id))
    answer = AnswerWithMessage(message="El artículo volvió a la cola de procesamiento", data=RetriedData(id=job_id))
    if not idempotency_key:
        retry.retry_one(app.engine, actor, job_id)
        return answer
    actor.require(Role.OPERATOR)
    started = idempotency.begin(app.engine, actor, idempotency_key, f"retry {job_id}")
    if started.answer is None:
        retry.retry_one(app.engine, actor, job_id)
        idempotency.finish(app.engine, actor, idempotency_key, started, True)
    return answer


@router.delete("/clean", summary="Limpiar el historial", responses=CONFIRM)
def clean_history(
    app: TheApp,
    actor: CurrentActor,
    dias: Annotated[
        int | None,
        Query(
            description="Sin él, el plazo de los ajustes (7 al instalar)",
            json_schema_extra={"minimum": 0, "maximum": 36_500},  # `clean` refuses it in its own words
        ),
    ] = None,
    confirmar: Annotated[bool, Query(description="Hace falta para eliminar más de 500 registros")] = False,
) -> AnswerWithMessage[CleanedData]:
    """Elimina los trabajos completados y fallidos de hace más de `dias` días. Solo administradores."""
    if dias is None:
        with app.engine.connect() as connection:
            dias = load_tuning(connection).clean_days
    actor.require(Role.ADMIN)
    harm.check_clean(actor, clean.count_old(app.engine, dias), confirmar)
    removed = clean.clean(app.engine, actor, dias)
    return AnswerWithMessage(
        message=f"{removed} registro(s) eliminado(s) de la cola de procesamiento", data=CleanedData(eliminados=removed)
    )
