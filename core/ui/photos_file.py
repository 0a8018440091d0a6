"""Finished pictures as a ZIP, of the articles that a filter of Artículos names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, get_args
from urllib.parse import urlencode

from core.access.sessions import Session
from core.bootstrap import App
from core.catalog import articles
from core.catalog.archive import zip_finished
from core.catalog.articles import ArticleFilter, PictureFilter, StateFilter
from core.errors import NotFound
from core.ui import history_query, images
from core.ui.texts import _

_CHUNK = 256 * 1024
_PICTURES: dict[str, PictureFilter] = {word: word for word in get_args(PictureFilter)}
_STATES: dict[str, StateFilter] = {word: word for word in get_args(StateFilter)}


class NothingFinished(NotFound):
    code = "nothing_finished"
    message = "Todavía no hay imágenes terminadas para descargar."


def address(where: ArticleFilter) -> str:
    """Of the ZIP with the finished pictures of `where`, inactive articles too; the words are those of Artículos."""
    words: dict[str, object] = {
        "categoria": where.categoria_id,
        "buscar": where.search.strip() or None,
        "foto": None if where.picture == "any" else where.picture,
        "situacion": None if where.state == "any" else where.state,
    }
    query = urlencode({name: value for name, value in words.items() if value is not None})
    return f"/exportar/fotos.zip?{query}" if query else "/exportar/fotos.zip"


def archive(app: App, _session: Session, asked: Mapping[str, str]) -> Iterator[bytes]:
    """Raises ValueError, NothingFinished."""
    where = _articles_of(asked)
    made = zip_finished(app.engine, lambda url: _picture(app, url), articles.ids(app.engine, where))
    if not made.pictures and not made.failed:
        made.file.close()
        raise NothingFinished
    return chunks(made.file)


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while data := file.read(_CHUNK):
            yield data


def _articles_of(params: Mapping[str, str]) -> ArticleFilter:
    """Raises ValueError for a value that can't be meant."""
    return ArticleFilter(
        categoria_id=history_query.number(params.get("categoria")),
        search=params.get("buscar", ""),
        picture=history_query.one_of(_PICTURES, params.get("foto")),
        state=history_query.one_of(_STATES, params.get("situacion")),
        activo=None,
    )


def _picture(app: App, url: str) -> bytes:
    """Raises AppError, OSError."""
    if (local := images.local_path(url)) is not None:
        sha256, _dot, extension = local.rpartition("/")[2].partition(".")
        path = app.local_host.path_of(sha256, extension)
        if path is None:
            raise FileNotFoundError(_("la imagen ya no está en el disco"))
        return path.read_bytes()
    return app.fetcher.fetch(url).data
