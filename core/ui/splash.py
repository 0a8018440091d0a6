"""What the browser shows while Streamlit's page is on its way: to who is signed in, how things stand, at once.

Streamlit's own code takes a second or two until it draws anything. This is part of the document; `static/splash.js` takes
it away when the page is there.
"""

from __future__ import annotations

from html import escape

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Scope

from core.ui import guard, sentences, snapshot, texts
from core.ui.texts import _

#: The colours of `.streamlit/config.toml`. Without its script it goes by itself, and it never takes a click.
_STYLE = """
#splash { position: fixed; inset: 0; z-index: 1000000; display: grid; place-content: center; justify-items: center; gap: 16px;
  padding: 24px; text-align: center; pointer-events: none; color-scheme: light dark; animation: splash 0s 30s forwards;
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  color: light-dark(#1D1F22, #ECEAE6); background: light-dark(#FBFAF8, #15171A); }
#splash p { margin: 0; } #splash p:first-of-type { font-weight: 650; font-size: 20px; }
@keyframes splash { to { visibility: hidden; } }
"""


async def of(scope: Scope) -> bytes:
    """HTML, for the beginning of the document's body."""
    return await run_in_threadpool(_html, Headers(scope=scope).get("cookie", ""))


def _html(cookie: str) -> bytes:
    told = "".join(f"<p>{escape(words)}</p>" for words in _told(cookie))
    return (
        f'<div id="splash" role="status"><img src="/recursos/favicon.svg" alt="" width="56" height="56">{told}</div>'
        f'<style>{_STYLE}</style><script src="/recursos/splash.js" defer></script>'
    ).encode()


def _told(cookie: str) -> list[str]:
    try:
        session = guard.of_cookie_header(cookie)
        if session is None:
            return []
        with texts.spoken(session.language):
            now = snapshot.overview(guard.app())
            return [sentences.situation(now), _("Abriendo el panel…")]
    except SQLAlchemyError:
        return []  # the page itself says so
