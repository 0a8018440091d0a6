"""Downloads too large for the panel's websocket: streamed, behind the panel's own cookie, noted in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from core.access import audit
from core.access.actors import Role
from core.access.sessions import Session
from core.bootstrap import App
from core.errors import NotAllowed, NotFound
from core.ui import audit_file, costs_file, errors, guard, history_book, history_file, photos_file, texts
from core.ui.texts import _

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Download:
    """`make` gives the file's bytes in the language spoken; ValueError: the filter in the address can't be meant."""

    name: str
    extension: str
    make: Callable[[App, Session, Mapping[str, str]], Iterator[bytes]]
    role: Role = Role.VIEWER

    @property
    def file(self) -> str:
        return f"{self.name}.{self.extension}"


DOWNLOADS = (
    Download("historial", "csv", history_file.csv),
    Download("historial", "xlsx", history_book.xlsx),
    Download("costos", "csv", costs_file.csv),
    Download("auditoria", "csv", audit_file.csv, Role.ADMIN),
    Download("fotos", "zip", photos_file.archive),
)


def routes(app: App) -> list[Route]:
    """GET only; 401 without a signed-in panel session, 403 below the role, 422 for a filter that means nothing."""
    return [Route(f"/exportar/{each.file}", _endpoint(app, each), methods=["GET"]) for each in DOWNLOADS]


def _endpoint(app: App, download: Download) -> Callable[[Request], Response]:
    def respond(request: Request) -> Response:
        address = request.client.host if request.client else None
        session = guard.of_cookie_header(request.headers.get("cookie", ""), address)
        if session is None:
            return PlainTextResponse(_("Inicie sesión en el panel para descargar este archivo."), 401)
        with texts.spoken(session.language):
            return _answer(app, download, session, request.query_params)

    return respond


def _answer(app: App, download: Download, session: Session, asked: Mapping[str, str]) -> Response:
    if not session.actor.can(download.role):
        audit.refusal(app.engine, session.actor, download.file)
        return PlainTextResponse(_(NotAllowed.message), 403)
    try:
        content = download.make(app, session, asked)
    except ValueError:
        return PlainTextResponse(
            _("El enlace tiene un filtro que no se entiende. Vuelva al panel y descargue desde ahí."), 422
        )
    except NotFound as error:
        return PlainTextResponse(errors.text_of(error), 404)
    audit.export(app.engine, session.actor, download.file, filter=str(asked)[:500])
    day = datetime.now(ZoneInfo(app.settings.shop_timezone)).date().isoformat()
    headers = {
        "Content-Disposition": f'attachment; filename="{download.name}-{day}.{download.extension}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(content, media_type=_MEDIA_TYPES[download.extension], headers=headers)
