"""`/vivo/progreso`: what an open Progreso shows now. Put together once for all who look, in each language they read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.bootstrap import App
from core.db.engine import is_passing
from core.queue.batches import LiveBatch
from core.queue.stats import Overview
from core.ui import guard, progress_look, snapshot, texts

ADDRESS = "/vivo/progreso"
#: Of the query: all batches under way, not only the first few.
ALL = "lotes"
_HEADERS = {"Cache-Control": "no-store"}

#: (language, all batches) → what it was made of, and the answer.
_made: dict[tuple[str, bool], tuple[Overview, Sequence[LiveBatch], bytes]] = {}


def address(*, all_batches: bool) -> str:
    return f"{ADDRESS}?{ALL}=todos" if all_batches else ADDRESS


def respond(request: Request) -> Response:
    """JSON: `places`, name → HTML, and `standing`, as in `live_places.Look`. 401 without a session; 503 while there is no
    database. It doesn't keep an idle session alive."""
    client = request.client.host if request.client else None
    try:
        session = guard.of_cookie_header(request.headers.get("cookie", ""), client)
        if session is None:
            return PlainTextResponse("Inicie sesión en el panel.", 401, _HEADERS)
        content = _content(guard.app(), session.language, ALL in request.query_params)
    except DBAPIError as error:
        if not is_passing(error):
            raise
        return PlainTextResponse("sin base de datos", 503, _HEADERS)
    return Response(content, media_type="application/json", headers=_HEADERS)


def _content(app: App, language: str, all_batches: bool) -> bytes:
    now, live = snapshot.overview(app), snapshot.live_batches(app)
    made = _made.get((language, all_batches))
    if made is not None and made[0] is now and made[1] is live:
        return made[2]
    with texts.spoken(language):
        look = progress_look.look(now, live, all_batches=all_batches)
    content = json.dumps({"places": look.places, "standing": look.standing}, ensure_ascii=False).encode()
    _made[language, all_batches] = (now, live, content)
    return content
