"""Who is asking. Resolved from the database at every run and every fragment tick, so that a revoked session ends at once."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import NoReturn

import streamlit as st

from core.access import audit, sessions
from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.bootstrap import App
from core.errors import NotAllowed
from core.ui import errors

COOKIE = "sid"
#: Stays after the session: by it a browser where somebody signed in is known again (`core.access.throttle`).
DEVICE = "equipo"
#: Where the token waits until the browser comes back with the cookie.
TOKEN_KEY = "_token"  # noqa: S105 - the name of a place, not a secret

_app: App | None = None


def install(app: App | None) -> None:
    """Once a process, at start-up; None at shutdown."""
    global _app
    _app = app


def app() -> App:
    assert _app is not None, "the panel isn't started"
    return _app


def require(role: Role, *, tick: bool = False) -> Actor:
    """The first line of each page and each fragment.

    `tick`: the run was started by a clock, not by a person, and doesn't keep an idle session alive.
    Without a session the whole page runs again and shows the sign-in; below `role` it says so and stops.
    """
    actor = session(tick=tick).actor
    if not actor.can(role):
        if not tick:
            audit.refusal(app().engine, actor, f"página de {role}")
        errors.show(NotAllowed())
        st.stop()
    return actor


def session(*, tick: bool = False) -> Session:
    found = current(tick=tick)
    if found is None or found.must_change_password:
        _start_over()
    return found


def current(*, tick: bool = False) -> Session | None:
    """Also a session that must change its password first; None: nobody is signed in here."""
    for token in (st.session_state.get(TOKEN_KEY), st.context.cookies.get(COOKIE)):
        if isinstance(token, str) and token:
            found = sessions.resolve(app().engine, token, "panel", touch=not tick, address=address())
            if found is not None:
                return found
    return None


def address() -> str | None:
    """From where the browser asks."""
    found = st.context.ip_address
    return found.removeprefix("::ffff:") if isinstance(found, str) else None


def device() -> str:
    found = st.context.cookies.get(DEVICE)
    return found if isinstance(found, str) else ""


def of_cookie_header(header: str, address: str | None = None) -> Session | None:
    """For HTTP routes: the signed-in user behind a `Cookie` header. A one-time password opens nothing yet."""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    if morsel is None:
        return None
    found = sessions.resolve(app().engine, morsel.value, "panel", touch=False, address=address)
    return None if found is None or found.must_change_password else found


def _start_over() -> NoReturn:
    st.rerun(scope="app")
    raise AssertionError("unreachable: st.rerun raises")
