"""Who calls: the bearer token for everything but the sign-in; for the documentation also the panel's cookie."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.access import api_tokens, sessions
from core.access.actors import Actor
from core.access.sessions import Session
from core.bootstrap import App
from core.errors import MustChangePassword, NotSignedIn

#: The cookie that the panel sets.
COOKIE = "sid"

_bearer = HTTPBearer(auto_error=False, description="El token que da POST /auth/login")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def the_app(request: Request) -> App:
    app: App = request.app.state.app
    return app


TheApp = Annotated[App, Depends(the_app)]


def the_token(bearer: Bearer) -> str:
    """Raises NotSignedIn."""
    if bearer is None:
        raise NotSignedIn
    return bearer.credentials


Token = Annotated[str, Depends(the_token)]


def the_actor(request: Request, app: TheApp, token: Token) -> Actor:
    """Raises NotSignedIn, MustChangePassword, TooManyCalls."""
    address = request.client.host if request.client else ""
    if token.startswith(api_tokens.PREFIX):
        found = api_tokens.resolve(app.engine, token, address)
        if found is None:
            raise NotSignedIn
    else:
        found = _usable(sessions.resolve(app.engine, token, "api", address=address)).actor
    request.state.actor = found  # for what is told of a refusal
    return found


CurrentActor = Annotated[Actor, Depends(the_actor)]


def reader_of_docs(request: Request, app: TheApp, bearer: Bearer) -> Actor:
    """Raises NotSignedIn, MustChangePassword."""
    cookie = request.cookies.get(COOKIE)
    if bearer is None and cookie:
        return _usable(sessions.resolve(app.engine, cookie, "panel", touch=False)).actor
    return the_actor(request, app, the_token(bearer))


def _usable(session: Session | None) -> Session:
    if session is None:
        raise NotSignedIn
    if session.must_change_password:
        raise MustChangePassword
    return session
