"""The web process around the Streamlit script: our routes, headers, start and end."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from core import bootstrap, config, logs
from core.access import sessions, users
from core.bootstrap import App
from core.errors import StartupError
from core.supervisor import die_with_parent
from core.ui import errors, formats, frame, guard, lean, photos, web_cookies
from core.ui.gate import Gate, SecurityHeaders
from core.ui.spanish import SpanishDocument

log = logging.getLogger("revelado.panel")

SCRIPT = Path(__file__).with_name("app.py")
#: What somebody would type: Streamlit knows its first page by no address but the root, and says of this that it isn't one.
_HOME = f"/{frame.PAGES['home'].url}"
#: What takes long to import is imported before the first visitor, not by them.
_HEAVY = ("pandas", "pyarrow", "streamlit_authenticator", "core.ui.sign_in", "core.ui.sidebar")


class Panel:
    """What `st.App` is made of. The parts of the application are made at start-up, and the routes with them."""

    def __init__(self, create_api: Callable[[App], ASGIApp]) -> None:
        """Raises StartupError when the settings are wrong."""
        self.settings = config.load()
        self._create_api = create_api
        self._router: ASGIApp | None = None
        self.routes: list[BaseRoute] = [
            Route(path, self._Endpoint(self))
            for path in (
                "/api/{rest:path}",
                "/auth/{rest:path}",
                "/exportar/{rest:path}",
                "/fotos/{rest:path}",
                "/recursos/{rest:path}",
                "/vivo/{rest:path}",
                "/healthz",
                _HOME,
            )
        ]
        tls = (self.settings.public_url or "").startswith("https://")
        self.middleware = [
            Middleware(SecurityHeaders, tls=tls),
            Middleware(Gate, public_url=self.settings.public_url),
            Middleware(SpanishDocument, splash=_splash),
        ]

    class _Endpoint:
        """Hands a request on, its path as it came, to the routes made at start-up."""

        def __init__(self, panel: Panel) -> None:
            self._panel = panel

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            assert self._panel._router is not None, "requests are served only after start-up"
            await self._panel._router(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        die_with_parent()
        logs.set_up(self.settings.log_format)
        errors.log_alone()
        try:
            app = bootstrap.build(self.settings, "panel")
        except StartupError as error:
            refuse(error)
        try:
            _first_admin(app)
            formats.configure(self.settings.shop_locale, self.settings.shop_timezone)
            guard.install(app)
            lean.remember_theme()
            self._router = Router(routes(app, self._create_api))
            _preload()
            log.info("🌐 [Panel] Listo%s", self._where())
            yield
        finally:
            guard.install(None)
            app.close()

    def _where(self) -> str:
        if self.settings.public_url:
            return f" en {self.settings.public_url}"
        # Another ASGI server doesn't tell its port, but says it itself.
        ours = "uvicorn" not in Path(sys.argv[0]).name
        return f" en http://localhost:{st.get_option('server.port')}" if ours else ""


def refuse(error: StartupError) -> NoReturn:
    """One line in Spanish, one in English, and out: the server around us would add a traceback to anything raised."""
    sys.stderr.write(f"❌ {error.text}\n   {error.en}\n")
    sys.stderr.flush()
    os._exit(2)


def _first_admin(app: App) -> None:
    admin = users.ensure_first_admin(app.engine, app.settings.admin_email, app.settings.admin_password)
    if admin and admin.one_time_password:
        sys.stdout.write(
            f"🔑 Primer administrador: {admin.email} · contraseña de un solo uso: {admin.one_time_password}\n"
        )
        sys.stdout.flush()


def _preload() -> None:
    noise = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = noise.level
    noise.setLevel(logging.ERROR)  # "missing ScriptRunContext": true, and meant
    for module in _HEAVY:
        importlib.import_module(module)
    noise.setLevel(level)
    gc.collect()
    gc.freeze()


async def _splash(scope: Scope) -> bytes:
    from core.ui import splash  # it uses Streamlit's caches, which want a running server

    return await splash.of(scope)


def oidc_routes(app: App) -> list[Route]:
    from core.ui import oidc  # its libraries are worth a second, where nobody signs in elsewhere

    return oidc.routes(app)


def routes(app: App, create_api: Callable[[App], ASGIApp]) -> list[BaseRoute]:
    from core.ui import exports, progress_route  # their parts use Streamlit's caches, which want a running server

    return [
        Mount("/api", create_api(app)),
        Route("/fotos/{name}", photos.photo),
        Route("/auth/sesion", _begin_session, methods=["POST"]),
        Route("/auth/salir", _end_session, methods=["POST"]),
        Route("/healthz", _health),
        Route(_HOME, lambda _request: RedirectResponse("/")),
        Mount(frame.MANUAL_PICTURES, StaticFiles(directory=frame.ROOT / "docs" / "img")),
        Mount("/recursos", StaticFiles(directory=frame.STATIC)),
        Route(progress_route.ADDRESS, progress_route.respond),
        *exports.routes(app),
        *(oidc_routes(app) if app.oidc else ()),
    ]


async def _begin_session(request: Request) -> Response:
    """The one-time ticket of a sign-in in; the session's cookie out."""
    if (refusal := _foreign(request)) is not None:
        return refusal
    ticket = b""
    async for chunk in request.stream():
        ticket += chunk
        if len(ticket) > 200:
            return PlainTextResponse("", 413)
    app = guard.app()
    token = await run_in_threadpool(sessions.redeem_ticket, app.engine, ticket.decode("ascii", "replace"))
    if token is None:
        return PlainTextResponse("", 403)
    response = Response(status_code=204, headers={"Cache-Control": "no-store"})
    web_cookies.keep_session(response, app, token)
    return response


async def _end_session(request: Request) -> Response:
    if (refusal := _foreign(request)) is not None:
        return refusal
    app = guard.app()
    if token := request.cookies.get(guard.COOKIE):
        await run_in_threadpool(sessions.revoke, app.engine, token, request.client.host if request.client else "")
    response = Response(status_code=204, headers={"Cache-Control": "no-store", "Clear-Site-Data": '"cache"'})
    web_cookies.forget_session(response, app)
    return response


def _foreign(request: Request) -> Response | None:
    """No other site can send this header here: its browser would ask first, and we don't answer."""
    return None if request.headers.get("x-revelado") == "1" else PlainTextResponse("", 403)


def _health(_request: Request) -> Response:
    try:
        with guard.app().engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return PlainTextResponse("sin base de datos", 503, {"Cache-Control": "no-store"})
    return PlainTextResponse("bien", headers={"Cache-Control": "no-store"})
