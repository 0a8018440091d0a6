"""Downloads too large for the panel's websocket: streamed, behind the panel's own cookie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, TypeVar, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from core.access.sessions import Session
from core.bootstrap import App
from core.catalog import articles
from core.catalog.archive import zip_finished
from core.catalog.articles import ArticleFilter, PictureFilter, StateFilter
from core.queue import history
from core.queue.history import HistoryFilter, HistoryRow
from core.ui import components, csv_out, guard, history_query, images, picture_words, texts
from core.ui.csv_out import Cell
from core.ui.texts import _

_CHUNK = 256 * 1024
_PICTURES: dict[str, PictureFilter] = {word: word for word in get_args(PictureFilter)}
_STATES: dict[str, StateFilter] = {word: word for word in get_args(StateFilter)}
Code = TypeVar("Code", bound=str)


def routes(app: App) -> list[Route]:
    """GET only; 401 in Spanish without a signed-in panel session, 422 for a filter that means nothing."""
    zone = ZoneInfo(app.settings.shop_timezone)

    def history_csv(request: Request) -> Response:
        if (session := _session(request)) is None:
            return _refused()
        with texts.spoken(session.language):
            try:
                where = history_query.parse(request.query_params, zone)
                kind = _one_of(csv_out.KINDS, request.query_params.get("formato") or "planilla")
            except ValueError:
                return _not_understood()
            return StreamingResponse(
                csv_out.encode(header(), lines(app, where, session.language), zone, kind),
                media_type="text/csv; charset=utf-8",
                headers=_attachment("historial", "csv", zone),
            )

    def history_xlsx(request: Request) -> Response:
        from core.ui import history_book  # it writes the lines of this module

        if (session := _session(request)) is None:
            return _refused()
        with texts.spoken(session.language):
            try:
                where = history_query.parse(request.query_params, zone)
            except ValueError:
                return _not_understood()
            return StreamingResponse(
                _chunks(history_book.write(app, where, zone)),
                media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                headers=_attachment("historial", "xlsx", zone),
            )

    def photos_zip(request: Request) -> Response:
        if not _signed_in(request):
            return _refused()
        try:
            where = _articles_of(request.query_params)
        except ValueError:
            return _not_understood()
        archive = zip_finished(app.engine, lambda url: _picture(app, url), articles.ids(app.engine, where))
        if not archive.pictures and not archive.failed:
            archive.file.close()
            return PlainTextResponse(_("Todavía no hay imágenes terminadas para descargar."), 404)
        return StreamingResponse(
            _chunks(archive.file), media_type="application/zip", headers=_attachment("imagenes", "zip", zone)
        )

    return [
        Route("/exportar/historial.csv", history_csv, methods=["GET"]),
        Route("/exportar/historial.xlsx", history_xlsx, methods=["GET"]),
        Route("/exportar/fotos.zip", photos_zip, methods=["GET"]),
    ]


def photos_address(where: ArticleFilter) -> str:
    """Of the ZIP with the finished pictures of `where`, inactive articles too; the words are those of Artículos."""
    words: dict[str, object] = {
        "categoria": where.categoria_id,
        "buscar": where.search.strip() or None,
        "foto": None if where.picture == "any" else where.picture,
        "situacion": None if where.state == "any" else where.state,
    }
    query = urlencode({name: value for name, value in words.items() if value is not None})
    return f"/exportar/fotos.zip?{query}" if query else "/exportar/fotos.zip"


def _articles_of(params: Mapping[str, str]) -> ArticleFilter:
    """Raises ValueError for a value that can't be meant."""
    return ArticleFilter(
        categoria_id=history_query.number(params.get("categoria")),
        search=params.get("buscar", ""),
        picture=_one_of(_PICTURES, params.get("foto")),
        state=_one_of(_STATES, params.get("situacion")),
        activo=None,
    )


def _one_of(known: Mapping[str, Code], written: str | None) -> Code:
    found = known.get(written or "any")
    if found is None:
        raise ValueError(written)
    return found


def header() -> list[str]:
    return [
        _("Trabajo"), _("Número de artículo"), _("Código"), _("Artículo"), _("Categoría"), _("Estado"), _("Prioridad"),
        _("Intentos"), _("Intentos posibles"), _("Creado"), _("Empezado"), _("Terminado"), _("Duración (segundos)"),
        _("Costo (US$)"), _("Hecho con"), _("Qué pasó"), _("Conviene mirar"), _("Foto original"), _("Imagen nueva"),
        _("Lote"), _("Reutilizada"),
    ]  # fmt: skip


def lines(app: App, where: HistoryFilter, language: str) -> Iterator[list[Cell]]:
    for row in history.stream(app.engine, where):
        with texts.spoken(language):
            cells = line(row)
        yield cells


def line(row: HistoryRow) -> list[Cell]:
    return [
        row.id, row.articulo_id, row.codigo, row.articulo_nombre, row.categoria, components.status_word(row.estado),
        row.prioridad, row.intentos, row.max_intentos, row.created_at, row.started_at, row.completed_at,
        row.duracion_segundos, row.cost, row.model, row.error_message, _doubts(row), row.imagen_url_original,
        row.imagen_url_procesada, row.batch_id, _("sí") if row.reused else _("no"),
    ]  # fmt: skip


def _doubts(row: HistoryRow) -> str:
    return " ".join(picture_words.finding(code) for code in row.doubts)


def _picture(app: App, url: str) -> bytes:
    """Raises AppError, OSError."""
    if (local := images.local_path(url)) is not None:
        sha256, _dot, extension = local.rpartition("/")[2].partition(".")
        path = app.local_host.path_of(sha256, extension)
        if path is None:
            raise FileNotFoundError(_("la imagen ya no está en el disco"))
        return path.read_bytes()
    return app.fetcher.fetch(url).data


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while data := file.read(_CHUNK):
            yield data


def _signed_in(request: Request) -> bool:
    return _session(request) is not None


def _session(request: Request) -> Session | None:
    return guard.of_cookie_header(request.headers.get("cookie", ""))


def _refused() -> Response:
    return PlainTextResponse(_("Inicie sesión en el panel para descargar este archivo."), 401)


def _not_understood() -> Response:
    return PlainTextResponse(
        _("El enlace tiene un filtro que no se entiende. Vuelva al panel y descargue desde ahí."), 422
    )


def _attachment(name: str, extension: str, zone: ZoneInfo) -> dict[str, str]:
    day = datetime.now(zone).date().isoformat()
    return {
        "Content-Disposition": f'attachment; filename="{name}-{day}.{extension}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
