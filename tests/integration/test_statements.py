"""How often one article's way asks the database."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import event

from core.bootstrap import WorkerApp
from tests.integration.workshop import work
from tests.shop import job


def test_one_articles_way_takes_few_statements(app: WorkerApp, queued: int) -> None:
    seen: list[str] = []

    def listen(_: object, __: object, statement: str, *___: Any) -> None:
        if threading.current_thread().name.startswith("hand"):
            seen.append(statement)

    event.listen(app.engine, "before_cursor_execute", listen)
    work(app)
    event.remove(app.engine, "before_cursor_execute", listen)
    assert job(app.engine, queued).estado == "completed"
    assert len([statement for statement in seen if "WITH" in statement and " best AS" in statement]) <= 1
    assert 0 < len(seen) <= 65, "each waits for the database once"
