"""The two addresses of a sign-in elsewhere: away to the provider, and back with a session's cookie."""

from __future__ import annotations

import hmac
import json
from urllib.parse import quote, unquote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.access import vouched
from core.bootstrap import App
from core.errors import AppError, OidcFailed
from core.providers.oidc import RETURN, Begun, OidcProvider
from core.ui import web_cookies
from core.ui.sign_in import START, WHY

_COOKIE, _PATIENCE = "oidc", 600  # seconds


def routes(app: App) -> list[Route]:
    provider = app.oidc
    if provider is None:
        return []

    async def start(request: Request) -> Response:
        try:
            address, begun = await run_in_threadpool(provider.begin)
        except OidcFailed as error:
            return _refused(error)
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        kept = json.dumps([begun.state, begun.nonce, begun.verifier, _own(request.query_params.get("a", ""))])
        response.set_cookie(
            _COOKIE, quote(kept), _PATIENCE, path=START, httponly=True, samesite="lax", secure=web_cookies.secure(app)
        )
        return response

    async def back(request: Request) -> Response:
        try:
            token, then = await run_in_threadpool(_enter, app, provider, request)
            response: Response = RedirectResponse(then, 303, {"Cache-Control": "no-store"})
            web_cookies.keep_session(response, app, token)
        except AppError as error:
            response = _refused(error)
        response.delete_cookie(_COOKIE, path=START, httponly=True, samesite="lax", secure=web_cookies.secure(app))
        return response

    return [Route(START, start), Route(RETURN, back)]


def _enter(app: App, provider: OidcProvider, request: Request) -> tuple[str, str]:
    begun, then = _begun(request, provider)
    came_back = f"{app.settings.public_url}{RETURN}?{request.url.query}"
    token = vouched.enter(
        app.engine,
        provider.finish(begun, came_back),
        provider=provider.name,
        ip=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
    )
    return token, then


def _begun(request: Request, provider: OidcProvider) -> tuple[Begun, str]:
    """What this browser set out with: another's answer is none of its own. Raises OidcFailed."""
    try:
        state, nonce, verifier, then = map(str, json.loads(unquote(request.cookies[_COOKIE])))
    except (KeyError, ValueError, TypeError) as error:
        raise OidcFailed(provider=provider.name) from error
    given = request.query_params.get("state", "")
    if not hmac.compare_digest(given.encode(), state.encode()) or "code" not in request.query_params:
        raise OidcFailed(provider=provider.name)
    return Begun(state, nonce, verifier), _own(then)


def _own(address: str) -> str:
    """A page of ours, and no other site's."""
    is_ours = address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address
    return address if is_ours and len(address) < 1000 else "/"


def _refused(error: AppError) -> Response:
    return RedirectResponse("/?" + urlencode({WHY: error.code}), 303, {"Cache-Control": "no-store"})
