"""The JSON of the contract: Spanish keys, times like `2025-01-20T20:30:00.000Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from core.catalog.articles import SkipReason

T = TypeVar("T")


def json_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


Time = Annotated[
    datetime,
    PlainSerializer(json_time, return_type=str),
    Field(examples=["2025-01-20T20:30:00.000Z"], json_schema_extra={"format": "date-time"}),
]


_DIGITS = re.compile(r"-?[0-9]{1,9}", re.ASCII)


def _whole(value: object) -> object:
    """`true` is not article 1; digits in quotes are a number, as scripts send them."""
    if isinstance(value, bool) or (isinstance(value, str) and not _DIGITS.fullmatch(value)):
        raise PydanticCustomError("int_type", "not a whole number")
    return value


def _described(digits: int, **more: int) -> WithJsonSchema:
    quoted = {"type": "string", "pattern": f"^-?[0-9]{{1,{digits}}}$"}
    return WithJsonSchema({"anyOf": [{"type": "integer", **more}, quoted]})


Id = Annotated[int, BeforeValidator(_whole), _described(9)]
#: `enqueue` refuses what is outside, in its own words.
Priority = Annotated[int, BeforeValidator(_whole), _described(3, minimum=-1000, maximum=1000)]


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Answer(Shape, Generic[T]):
    success: Literal[True] = True
    data: T


class AnswerWithMessage(Answer[T], Generic[T]):
    message: str


class Failure(Shape):
    success: Literal[False] = False
    message: str = Field(examples=["No existe el trabajo 7."])


class Done(Shape):
    success: Literal[True] = True
    message: str


class Credentials(Shape):
    email: Annotated[str, StringConstraints(min_length=1, max_length=254), Field(examples=["ana@ferreteria.com"])]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000), Field(examples=["tres palabras largas"])]
    codigo: Annotated[str, StringConstraints(max_length=40)] = Field(
        default="", description="Solo para quien activó el segundo paso: las seis cifras, o un código de recuperación"
    )


class TokenData(Shape):
    token: str = Field(description="Para el encabezado Authorization: Bearer …; vale 12 horas")


class Article(Shape):
    id: int = Field(examples=[12])
    codigo: str | None = Field(examples=["TOR-038"])
    nombre: str = Field(examples=['Tornillo hexagonal 3/8"'])
    descripcion: str | None
    unidad: str | None = Field(examples=["unidad"])
    categoria_id: int | None = Field(examples=[1])
    categoria: str | None = Field(examples=["Tornillería"])
    imagen_url: str | None = Field(examples=["https://res.cloudinary.com/ferreteria/image/upload/v1/tornillo.jpg"])
    activo: bool


class Articles(Shape):
    articulos: list[Article]


class BatchRequest(Shape):
    articuloIds: list[Id] = Field(min_length=1, max_length=100_000, examples=[[1, 2]])  # noqa: N815 - the contract's
    prioridad: Priority = Field(default=0, description="La mayor va primero", examples=[0])
    confirmar: StrictBool = Field(
        default=False, description="Hace falta para más de 500 artículos o US$ 20: sin él, 409 con las cifras"
    )


class AddedItem(Shape):
    articuloId: int  # noqa: N815 - the contract's
    queueId: int  # noqa: N815 - the contract's


class SkippedItem(Shape):
    articuloId: int  # noqa: N815 - the contract's
    motivo: str = Field(examples=["No tiene imagen"])


class BatchDetails(Shape):
    agregados: list[AddedItem]
    omitidos: list[SkippedItem]


class BatchData(Shape):
    agregados: int
    omitidos: int
    detalles: BatchDetails


#: Why an article was left out.
REASONS: dict[SkipReason, str] = {
    "unknown": "No existe ese artículo",
    "inactive": "Está inactivo",
    "no_picture": "No tiene imagen",
    "already_queued": "Ya está en la cola",
}


class QueueCounts(Shape):
    pendientes: int
    procesando: int
    completados: int
    fallidos: int
    total: int


class CurrentArticle(Shape):
    id: int
    articulo_id: int | None
    articulo_nombre: str
    estado: str = Field(examples=["processing"])
    started_at: Time | None
    intentos: int
    segundos_procesando: float = Field(examples=[12.5])


class StatusData(Shape):
    stats: QueueCounts
    articuloActual: CurrentArticle | None = Field(  # noqa: N815 - the contract's
        description="Si hay varios en curso, el que empezó primero"
    )


class HistoryItem(Shape):
    id: int
    articulo_id: int | None
    articulo_nombre: str
    estado: str = Field(examples=["completed"])
    prioridad: int
    intentos: int
    max_intentos: int
    error_message: str | None
    created_at: Time | None
    started_at: Time | None
    completed_at: Time | None
    duracion_segundos: int | None = Field(examples=[14])


class HistoryData(Shape):
    historial: list[HistoryItem]
    limit: int
    offset: int


class RetriedData(Shape):
    id: int
    estado: Literal["pending"] = "pending"


class CleanedData(Shape):
    eliminados: int


#: For OpenAPI: what a route may answer besides its success.
FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "Falta el token, o ya no vale"},
    403: {"model": Failure, "description": "El usuario no tiene permiso"},
    429: {
        "model": Failure,
        "description": "Más de 60 llamadas en un minuto con un token del panel; espere Retry-After",
    },
    422: {"model": Failure, "description": "Algún dato no es válido"},
    503: {"model": Failure, "description": "La base de datos no responde: repita en Retry-After segundos"},
}
#: Of a call with a body.
BODY_FAILURES: dict[int | str, dict[str, Any]] = {
    400: {"model": Failure, "description": "El cuerpo no se entiende"},
    413: {"model": Failure, "description": "El cuerpo supera 2 MB"},
}

CONFIRM: dict[int | str, dict[str, Any]] = {
    409: {
        "model": Failure,
        "description": "Es mucho y falta `confirmar`; o esa Idempotency-Key ya se usó con otra solicitud",
    }
}


def links(**following: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: which calls take what this one answered."""
    return {200: {"links": following}}
