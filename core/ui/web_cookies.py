"""The cookies of a session, wherever it was opened."""

from __future__ import annotations

from starlette.responses import Response

from core.access import sessions, throttle
from core.bootstrap import App
from core.settings.values import BOUNDS
from core.ui import guard

#: Seconds; the server ends the session earlier, this only tidies the browser.
_SESSION_LIFE = BOUNDS["session_hours"][1] * 3600
_DEVICE_LIFE = throttle.KNOWN_DAYS * 24 * 3600


def keep_session(response: Response, app: App, token: str) -> None:
    device = throttle.device_of(sessions.digest(token))
    for name, value, life in ((guard.COOKIE, token, _SESSION_LIFE), (guard.DEVICE, device, _DEVICE_LIFE)):
        response.set_cookie(name, value, life, httponly=True, samesite="lax", secure=secure(app))


def forget_session(response: Response, app: App) -> None:
    response.delete_cookie(guard.COOKIE, httponly=True, samesite="lax", secure=secure(app))


def secure(app: App) -> bool:
    return (app.settings.public_url or "").startswith("https://")
