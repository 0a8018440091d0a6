"""Photos that staff upload by the handful: whose they are, by the code in the file's name, and keeping them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.catalog.folding import fold
from core.errors import JobError, PausesQueue, Permanent
from core.inspect.decode import decode
from core.providers.ports import Host, Hosted

MAX_BYTES = 25_000_000
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
#: What may follow the code in a file's name: `ABC-123_2`, `ABC-123 (frente)`.
SEPARATORS = re.compile(r"[\s_.,()\[\]+-]")


class PhotoTooHeavy(Permanent):
    code = "photo_too_heavy"
    message = "La foto pesa más de {megabytes} MB. Redúzcala y vuelva a cargarla."


@dataclass(frozen=True)
class PhotoArticle:
    id: int
    codigo: str
    nombre: str


@dataclass(frozen=True)
class RejectedPhoto:
    name: str
    reason: str  #: Spanish


@dataclass(frozen=True)
class AddedPhoto:
    name: str
    articulo_id: int
    url: str


@dataclass(frozen=True)
class PhotoReport:
    added: tuple[AddedPhoto, ...]
    rejected: tuple[RejectedPhoto, ...]


class _Matcher:
    """Gives each file name its article, and each article one file: the first."""

    def __init__(self, connection: Connection) -> None:
        self._by_code: dict[str, list[PhotoArticle]] = {}
        self._taken: dict[int, str] = {}
        for row in connection.execute(_CODES):
            article = PhotoArticle(row.id, row.codigo, row.nombre)
            self._by_code.setdefault(fold(row.codigo), []).append(article)

    def match(self, name: str) -> PhotoArticle | RejectedPhoto:
        for code in _possible_codes(name):
            found = self._by_code.get(code, [])
            if len(found) > 1:
                return RejectedPhoto(
                    name, f"{len(found)} artículos tienen el código «{found[0].codigo}». Corrija el código."
                )
            if found:
                other = self._taken.setdefault(found[0].id, name)
                if other != name:
                    return RejectedPhoto(name, f"El artículo «{found[0].codigo}» ya recibe la foto «{other}».")
                return found[0]
        return RejectedPhoto(
            name, "Ningún artículo tiene ese código. El nombre del archivo debe empezar con el código."
        )

    def release(self, article: PhotoArticle) -> None:
        """The file it had was no good: another may have the article."""
        self._taken.pop(article.id, None)


_CODES = text(
    "SELECT id, btrim(codigo) AS codigo, coalesce(nombre, '') AS nombre FROM public.articulos"
    " WHERE btrim(codigo) <> '' AND activo IS NOT FALSE"
)


def match(names: Sequence[str], engine: Engine) -> tuple[list[tuple[str, PhotoArticle]], list[RejectedPhoto]]:
    """(whose each file is, the files of nobody). Compares with the codes of active articles, accents and case apart."""
    with engine.connect() as connection:
        matcher = _Matcher(connection)
    matched: list[tuple[str, PhotoArticle]] = []
    unmatched: list[RejectedPhoto] = []
    for name in names:
        found = matcher.match(name)
        if isinstance(found, RejectedPhoto):
            unmatched.append(found)
        else:
            matched.append((name, found))
    return matched, unmatched


def add_photos(host: Host, engine: Engine, actor: Actor, files: Iterable[tuple[str, bytes]]) -> PhotoReport:
    """Keeps each photo as it came and shows it as its article's picture; one transaction a photo. Raises NotAllowed.

    A photo that can't be kept is reported, and the others go on. When the host is closed to us no other is sent.
    """
    actor.require(Role.OPERATOR)
    with engine.connect() as connection:
        matcher = _Matcher(connection)
    added: list[AddedPhoto] = []
    rejected: list[RejectedPhoto] = []
    closed: PausesQueue | None = None
    for name, data in files:
        article = matcher.match(name)
        if isinstance(article, RejectedPhoto):
            rejected.append(article)
            continue
        try:
            if closed:
                raise closed
            hosted = upload_original(host, article.id, data)
        except JobError as error:
            closed = error if isinstance(error, PausesQueue) else None
            matcher.release(article)
            rejected.append(RejectedPhoto(name, error.text))
            continue
        with engine.begin() as connection:
            before = record_original(connection, article.id, hosted, data)
            audit.record(connection, actor, "catalog_photos", articulo_id=article.id, before=before, after=hosted.url)
        added.append(AddedPhoto(name, article.id, hosted.url))
    return PhotoReport(tuple(added), tuple(rejected))


def upload_original(host: Host, articulo_id: int, data: bytes) -> Hosted:
    """Looks at the photo and hosts the bytes as they are. Raises PhotoTooHeavy and the errors of `decode` and the host."""
    if len(data) > MAX_BYTES:
        raise PhotoTooHeavy(megabytes=MAX_BYTES // 1_000_000)
    media_type = MEDIA_TYPES[decode(data).format]
    return host.upload(data, f"originales/{articulo_id}/{hashlib.sha256(data).hexdigest()[:16]}", media_type)


def record_original(connection: Connection, articulo_id: int, hosted: Hosted, data: bytes) -> str | None:
    """The article shows it from now on. A picture of ours that comes back as a photo remains known as ours.

    Gives what it showed before.
    """
    before: str | None = connection.scalar(
        text("""
            WITH before AS (SELECT imagen_url FROM public.articulos WHERE id = :articulo_id), recorded AS (
                INSERT INTO revelado.pictures
                    (articulo_id, kind, url, host, public_id, asset_id, version, etag, sha256, published_at)
                VALUES (:articulo_id, 'original', :url, :host, :public_id, :asset_id, :version, :etag, :sha256, now())
                ON CONFLICT (articulo_id, md5(url)) DO UPDATE SET deleted_at = NULL, published_at = now()
            )
            UPDATE public.articulos SET imagen_url = :url WHERE id = :articulo_id
            RETURNING (SELECT imagen_url FROM before)
        """),
        {
            "articulo_id": articulo_id,
            "url": hosted.url,
            "host": hosted.host,
            "public_id": hosted.public_id,
            "asset_id": hosted.asset_id,
            "version": hosted.version,
            "etag": hosted.etag,
            "sha256": hashlib.sha256(data).digest(),
        },
    )
    return before


def _possible_codes(name: str) -> list[str]:
    """The folded stem, then what stands before each separator, longest first."""
    base = fold(name.replace("\\", "/").rpartition("/")[2]).strip()
    stem, dot, extension = base.rpartition(".")
    stem = stem if dot and extension.isalnum() else base
    ends = [separator.start() for separator in SEPARATORS.finditer(stem)]
    codes = [stem, *(stem[:end] for end in reversed(ends))]
    return [code for code in dict.fromkeys(code.strip() for code in codes) if code]
