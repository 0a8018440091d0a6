"""The catalogue, and sending articles to the queue."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Header, Query

from core.access import idempotency
from core.access.actors import Role
from core.api.dependencies import CurrentActor, TheApp
from core.api.schemas import (
    BODY_FAILURES,
    CONFIRM,
    FAILURES,
    REASONS,
    AddedItem,
    Answer,
    AnswerWithMessage,
    Article,
    Articles,
    BatchData,
    BatchDetails,
    BatchRequest,
    SkippedItem,
    links,
)
from core.catalog import articles
from core.catalog.articles import ArticleFilter, Order
from core.money.bill import bill
from core.queue.enqueue import enqueue

router = APIRouter(prefix="/articulos", tags=["Artículos"], responses=FAILURES)

#: PostgreSQL's bigint: no limit.
ALL = 2**63 - 1


@router.get(
    "",
    summary="Artículos del catálogo",
    responses=links(
        Enviar={
            "operationId": "batch_process_images",
            "requestBody": {"articuloIds": ["$response.body#/data/articulos/0/id"]},
        }
    ),
)
def list_articles(
    app: TheApp,
    _: CurrentActor,
    activo: Annotated[bool | None, Query(description="Solo los activos, o solo los inactivos")] = None,
    categoria_id: Annotated[int | None, Query(description="Solo los de esta categoría", ge=0, le=2**31 - 1)] = None,
    limit: Annotated[int | None, Query(description="Sin él llegan todos", ge=1, le=2**31 - 1)] = None,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Answer[Articles]:
    """Por id."""
    where = ArticleFilter(activo=activo, categoria_id=categoria_id)
    rows = articles.page(app.engine, where, Order.ID, ALL if limit is None else limit, offset)
    return Answer(data=Articles(articulos=[Article.model_validate(row) for row in rows]))


@router.post(
    "/batch-process-images",
    summary="Enviar artículos a la cola",
    responses={
        **BODY_FAILURES,
        **CONFIRM,
        **links(
            Reintentar={
                "operationId": "retry_job",
                "parameters": {"id": "$response.body#/data/detalles/agregados/0/queueId"},
            }
        ),
    },
)
def batch_process_images(
    app: TheApp,
    actor: CurrentActor,
    batch: BatchRequest,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Repetir la llamada con la misma clave no agrega nada de nuevo", min_length=1, max_length=255
        ),
    ] = None,
) -> AnswerWithMessage[BatchData]:
    """Solo entran los que tienen imagen y no están ya en la cola; de los demás se dice el motivo."""
    actor.require(Role.OPERATOR)
    started = None
    if idempotency_key:
        started = idempotency.begin(app.engine, actor, idempotency_key, f"batch {batch.articuloIds} {batch.prioridad}")
    settings = app.settings
    # What is out of the column's range is refused one by one; it has no price.
    known = [id_ for id_ in batch.articuloIds if 0 <= id_ < 2**31] if settings.editor == "gemini" else []
    cost = bill(app.engine, known, settings.editor, settings.gemini_model).normal if known else Decimal(0)
    result = enqueue(
        app.engine,
        actor,
        batch.articuloIds,
        origin="api",
        prioridad=batch.prioridad,
        request_id=started.request_id if started else None,
        cost=cost,
        confirmed=batch.confirmar,
    )
    return AnswerWithMessage(
        message=f"{len(result.added)} artículo(s) agregado(s) a la cola de procesamiento",
        data=BatchData(
            agregados=len(result.added),
            omitidos=len(result.skipped),
            detalles=BatchDetails(
                agregados=[AddedItem(articuloId=a.articulo_id, queueId=a.queue_id) for a in result.added],
                omitidos=[SkippedItem(articuloId=s.articulo_id, motivo=REASONS[s.reason]) for s in result.skipped],
            ),
        ),
    )
