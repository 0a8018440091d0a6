"""Tells another system what happens to the queue: promised in the transaction it tells of, sent by the outbox.

The event is sent at least once; its `id` stays the same, so that the receiver can tell a repetition.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, text

from core.db.text import to_json
from core.providers import webhook_post
from core.settings.values import load_tuning


def promise(connection: Connection, event: str, data: dict[str, object]) -> None:
    """Nothing is written while no address is set. `data` must be JSON."""
    connection.execute(
        text(
            "INSERT INTO revelado.outbox (kind, payload, run_after) SELECT 'webhook', jsonb_build_object("
            " 'id', gen_random_uuid(), 'event', CAST(:event AS text), 'at', now(), 'data', CAST(:data AS jsonb)), now()"
            " FROM revelado.settings WHERE key = 'webhook_url' AND value <> to_jsonb(CAST('' AS text))"
        ),
        {"event": event, "data": to_json(data)},
    )


def send(engine: Engine, payload: Any) -> None:
    """To the address that is set by now; to nobody when there is none any more. Raises a JobError."""
    with engine.connect() as connection:
        url = load_tuning(connection).webhook_url
    if url:
        webhook_post.post(url, payload)
