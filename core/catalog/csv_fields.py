"""What a CSV's columns and cells mean for an article. Every refused row says which field, and how to put it right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from unicodedata import normalize
from urllib.parse import urlsplit

from core.catalog.folding import fold
from core.errors import InvalidInput, Words

Field = Literal["id", "codigo", "nombre", "descripcion", "unidad", "categoria", "imagen_url", "activo"]
FIELDS: tuple[Field, ...] = get_args(Field)

#: As people head their columns; letters and digits only, folded.
SYNONYMS: dict[Field, frozenset[str]] = {
    "id": frozenset({"id", "idarticulo", "articuloid", "idproducto"}),
    "codigo": frozenset(
        {"codigo", "cod", "sku", "code", "codigoarticulo", "codigodearticulo", "codarticulo", "codigoproducto",
         "codigodeproducto", "codproducto", "referencia", "ref", "clave"}
    ),
    "nombre": frozenset(
        {"nombre", "producto", "articulo", "name", "titulo", "denominacion", "nombreproducto", "nombredelproducto",
         "nombrearticulo", "nombredelarticulo"}
    ),
    "descripcion": frozenset({"descripcion", "description", "detalle", "desc", "descripcionlarga"}),
    "unidad": frozenset({"unidad", "unit", "um", "unidadmedida", "unidaddemedida", "presentacion"}),
    "categoria": frozenset({"categoria", "rubro", "category", "familia", "seccion", "grupo"}),
    "imagen_url": frozenset(
        {"imagenurl", "imagen", "foto", "urlimagen", "urldelaimagen", "urlfoto", "fotourl", "imageurl", "image",
         "imagenoriginal"}
    ),
    "activo": frozenset({"activo", "active", "habilitado", "vigente"}),
}  # fmt: skip

#: Characters.
LONGEST: dict[Field, int] = {
    "id": 10, "codigo": 100, "nombre": 255, "descripcion": 10_000, "unidad": 50, "categoria": 200, "imagen_url": 2_000,
    "activo": 20,
}  # fmt: skip

_YES = frozenset({"si", "s", "1", "true", "verdadero", "x", "yes", "y", "activo"})
_NO = frozenset({"no", "n", "0", "false", "falso", "inactivo"})


class Refused(Exception):
    """Why a row can't be taken, in Spanish."""


@dataclass(frozen=True)
class Values:
    """A row's cells. None: empty or not mapped, which leaves what the article has alone."""

    id: int | None = None
    codigo: str | None = None
    nombre: str | None = None
    descripcion: str | None = None
    unidad: str | None = None
    categoria: str | None = None
    imagen_url: str | None = None
    activo: bool | None = None


def field_of_header(header: str) -> Field | None:
    key = "".join(letter for letter in fold(header) if letter.isalnum())
    return next((field for field in FIELDS if key in SYNONYMS[field]), None)


def guess(columns: Sequence[str]) -> dict[Field, str]:
    """{field: column}; the first column wins where two could be meant."""
    found: dict[Field, str] = {}
    for column in columns:
        field = field_of_header(column)
        if field is not None:
            found.setdefault(field, column)
    return found


def check_mapping(mapping: Mapping[str, str] | Mapping[Field, str], columns: Sequence[str]) -> dict[Field, str]:
    """Raises InvalidInput for an unknown field or column, and when no column says which article a row is."""
    for field, column in mapping.items():
        if field not in FIELDS:
            raise InvalidInput(field="columnas", why=Words("«{field}» no es un dato del catálogo.", field=field))
        if column not in columns:
            raise InvalidInput(field="columnas", why=Words("el archivo no tiene la columna «{column}».", column=column))
    if not mapping.keys() & {"id", "codigo"}:
        raise InvalidInput(
            field="columnas",
            why="elija cuál tiene el código del artículo: sin él no se sabe de qué artículo es cada fila.",
        )
    return {field: mapping[field] for field in FIELDS if field in mapping}


def parse(cells: Sequence[str], positions: Mapping[Field, int], columns: int) -> Values:
    """`positions`: which cell has each field; `columns`: how many the header has. Raises Refused."""
    if any(cell.strip() for cell in cells[columns:]):
        raise Refused(
            f"tiene {len(cells)} celdas y el encabezado {columns}. Si un texto lleva el separador, enciérrelo entre comillas."
        )
    texts: dict[Field, str] = {}
    for field, position in positions.items():
        cell = _text(field, cells[position]) if position < len(cells) else ""
        if cell:
            texts[field] = cell
    if not texts.keys() & {"id", "codigo"}:
        raise Refused("codigo: está vacío. Escriba el código del artículo.")
    return Values(
        id=_id(texts.get("id")),
        codigo=texts.get("codigo"),
        nombre=texts.get("nombre"),
        descripcion=texts.get("descripcion"),
        unidad=texts.get("unidad"),
        categoria=texts.get("categoria"),
        imagen_url=_url(texts.get("imagen_url")),
        activo=_flag(texts.get("activo")),
    )


def _text(field: Field, cell: str) -> str:
    if "\0" in cell:
        raise Refused(f"{field}: tiene un carácter nulo. Bórrelo o escriba la celda de nuevo.")
    value = normalize("NFC", cell).strip()
    # How exported cells are kept from being taken for formulas.
    if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@"):
        value = value[1:]
    if field != "descripcion":
        value = " ".join(value.split())
    if len(value) > LONGEST[field]:
        raise Refused(f"{field}: tiene {len(value)} caracteres. Acórtelo a {LONGEST[field]} como máximo.")
    return value


def _id(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 2**31):
        raise Refused(f"id: «{value}» no es un número de artículo. Corríjalo, o déjelo vacío para usar el código.")
    return int(value)


def _url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_address = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and " " not in value
    except ValueError:
        is_address = False
    if not (is_address or value.startswith("/fotos/")):
        raise Refused(f"imagen_url: «{value[:80]}» no es una dirección. Debe empezar con http:// o https://.")
    return value


def _flag(value: str | None) -> bool | None:
    if value is None:
        return None
    word = fold(value)
    if word not in _YES | _NO:
        raise Refused(f"activo: «{value}» no se entiende. Escriba sí o no.")
    return word in _YES
