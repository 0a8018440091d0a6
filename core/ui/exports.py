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

from core.access import audit
from core.access.actors import Actor, Role
from core.access.audit import AuditFilter
from core.bootstrap import App
from core.catalog import articles
from core.catalog.archive import zip_finished
from core.catalog.articles import ArticleFilter, PictureFilter, StateFilter
from core.errors import NotAllowed
from core.queue import history
from core.queue.history import HistoryFilter, HistoryRow
from core.ui import audit_panel, audit_words, components, csv_out, guard, history_query, images, picture_words
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
        actor = _signed_in(request)
        if actor is None:
            return _refused()
        try:
            where = history_query.parse(request.query_params, zone)
        except ValueError:
            return _not_understood()
        audit.export(app.engine, actor, "historial.csv", filter=str(request.query_params)[:500])
        return StreamingResponse(
            csv_out.encode(header(), _lines(app, where), zone),
            media_type="text/csv; charset=utf-8",
            headers=_attachment("historial", "csv", zone),
        )

    def photos_zip(request: Request) -> Response:
        actor = _signed_in(request)
        if actor is None:
            return _refused()
        try:
            where = _articles_of(request.query_params)
        except ValueError:
            return _not_understood()
        audit.export(app.engine, actor, "fotos.zip", filter=str(request.query_params)[:500])
        archive = zip_finished(app.engine, lambda url: _picture(app, url), articles.ids(app.engine, where))
        if not archive.pictures and not archive.failed:
            archive.file.close()
            return PlainTextResponse(_("Todavía no hay imágenes terminadas para descargar."), 404)
        return StreamingResponse(
            _chunks(archive.file), media_type="application/zip", headers=_attachment("imagenes", "zip", zone)
        )

    def audit_csv(request: Request) -> Response:
        actor = _signed_in(request)
        if actor is None:
            return _refused()
        if not actor.can(Role.ADMIN):
            audit.refusal(app.engine, actor, "auditoria.csv")
            return PlainTextResponse(_(NotAllowed.message), 403)
        try:
            where = audit_panel.parse(dict(request.query_params))
        except ValueError:
            return _not_understood()
        audit.export(app.engine, actor, "auditoria.csv", filter=str(request.query_params)[:500])
        return StreamingResponse(
            csv_out.encode(audit_header(), _audit_lines(app, actor, where), zone),
            media_type="text/csv; charset=utf-8",
            headers=_attachment("auditoria", "csv", zone),
        )

    return [
        Route("/exportar/auditoria.csv", audit_csv, methods=["GET"]),
        Route("/exportar/historial.csv", history_csv, methods=["GET"]),
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


def audit_header() -> list[str]:
    return [
        _("Línea"), _("Cuándo"), _("Quién"), _("Qué hizo"), _("Detalle"), _("Por dónde"), _("Dirección"), _("Huella"),
    ]  # fmt: skip


def _audit_lines(app: App, actor: Actor, where: AuditFilter) -> Iterator[list[Cell]]:
    for line in audit.stream(app.engine, actor, where):
        yield [
            line.id, line.at, line.user_name, audit_words.kind(line.kind), audit_words.details(line.details),
            audit_words.via(line.via), line.address, line.hash,
        ]  # fmt: skip


def _lines(app: App, where: HistoryFilter) -> Iterator[list[Cell]]:
    for row in history.stream(app.engine, where):
        yield _line(row)


def _line(row: HistoryRow) -> list[Cell]:
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


def _signed_in(request: Request) -> Actor | None:
    address = request.client.host if request.client else None
    found = guard.of_cookie_header(request.headers.get("cookie", ""), address)
    return found.actor if found else None


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
